// node:buffer: the browser's version of it, completed: base64url, Node's errors, exact numbers, Blob and File.
import * as library from "buffer/index.js";
import { addNumbers } from "./buffer_numbers.mjs";
import { coded, invalidArgType, outOfRange } from "./errors.mjs";
import { inspect } from "./inspect.mjs";

const { Buffer } = library;
export { Buffer };
const { prototype } = Buffer;
const MOST = 2 ** 32;
const ENCODINGS = new Set([
  "utf8",
  "utf-8",
  "hex",
  "base64",
  "base64url",
  "latin1",
  "binary",
  "ascii",
  "ucs2",
  "ucs-2",
  "utf16le",
  "utf-16le",
]);
const SLICES = {
  ascii: "ascii",
  base64: "base64",
  base64url: "base64url",
  latin1: "latin1",
  hex: "hex",
  ucs2: "ucs2",
  utf8: "utf8",
};

const unknownEncoding = (encoding) => coded(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
const lower = (encoding) => (typeof encoding === "string" ? encoding.toLowerCase() : encoding);

Buffer.isEncoding = (encoding) => typeof encoding === "string" && ENCODINGS.has(encoding.toLowerCase());

function checkEncoding(encoding) {
  if (!Buffer.isEncoding(encoding)) throw unknownEncoding(encoding);
}

/** Bytes of base64 text, counted as Node counts: by its length alone. */
function base64Length(text) {
  let bytes = text.length;
  if (bytes > 0 && text.charCodeAt(bytes - 1) === 0x3d) bytes--;
  if (bytes > 1 && text.charCodeAt(bytes - 1) === 0x3d) bytes--;
  return (bytes * 3) >>> 2;
}

Buffer.byteLength = function byteLength(value, encoding) {
  if (typeof value !== "string") {
    if (
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer ||
      Object.prototype.toString.call(value) === "[object SharedArrayBuffer]"
    )
      return value.byteLength;
    throw invalidArgType("string", ["string", "Buffer", "ArrayBuffer"], value);
  }
  switch (lower(encoding)) {
    case "ascii":
    case "latin1":
    case "binary":
      return value.length;
    case "ucs2":
    case "ucs-2":
    case "utf16le":
    case "utf-16le":
      return value.length * 2;
    case "hex":
      return value.length >>> 1;
    case "base64":
    case "base64url":
      return base64Length(value);
    default:
      return utf8Length(value);
  }
};

function utf8Length(text) {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes++;
    else if (code < 0x800) bytes += 2;
    else if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function notBytes(value) {
  const error = invalidArgType("first argument", ["string", "Buffer", "ArrayBuffer", "Array", "Array-like Object"], value);
  error.message = error.message.replace("Array, or Array-like Object", "or Array or an Array-like Object");
  return error;
}

const fromString = Buffer.from;
function from(value, encodingOrOffset, length) {
  if (typeof value === "string") {
    const encoding = typeof encodingOrOffset === "string" && encodingOrOffset !== "" ? encodingOrOffset : "utf8";
    checkEncoding(encoding);
    return decode(value, encoding);
  }
  if (value === null || (typeof value !== "object" && typeof value !== "undefined") || value === undefined) throw notBytes(value);
  try {
    return fromString(value, encodingOrOffset, length);
  } catch (error) {
    throw error instanceof TypeError && error.code === undefined ? notBytes(value) : error;
  }
}
Buffer.from = from;

const utf8 = new TextEncoder();

function asBuffer(bytes) {
  return Object.setPrototypeOf(bytes, prototype);
}

function decode(text, encoding) {
  const kind = lower(encoding);
  if (kind === "utf8" || kind === "utf-8") return asBuffer(utf8.encode(text));
  if (kind === "base64" || kind === "base64url") return asBuffer(decodeBase64(text));
  if (kind === "hex") return asBuffer(decodeHex(text));
  return fromString(text, encoding);
}

const HEX = /^[0-9a-fA-F]$/;
/** Pairs of digits, up to the first that is none. */
function decodeHex(text) {
  const bytes = new Uint8Array(text.length >>> 1);
  for (let i = 0; i < bytes.length; i++) {
    if (!HEX.test(text[2 * i]) || !HEX.test(text[2 * i + 1])) return bytes.slice(0, i);
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

const DIGITS = new Int8Array(128).fill(-1);
for (const [at, digit] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries())
  DIGITS[digit.charCodeAt(0)] = at;
DIGITS[0x2d] = 62;
DIGITS[0x5f] = 63;

/** Both alphabets, anything else skipped, the end at the first `=`. */
function decodeBase64(text) {
  const bytes = new Uint8Array(((text.length * 3) >>> 2) + 1);
  let size = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3d) break;
    const digit = code < 128 ? DIGITS[code] : -1;
    if (digit < 0) continue;
    held = ((held << 6) | digit) & 0xfffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[size++] = (held >> bits) & 255;
    }
  }
  return bytes.slice(0, size);
}

const toText = prototype.toString;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
prototype.toString = function toString(encoding, start, end) {
  if (encoding !== undefined) checkEncoding(`${encoding}`);
  const kind = lower(encoding === undefined ? "utf8" : `${encoding}`);
  if (start === undefined && end === undefined && (kind === "utf8" || kind === "utf-8")) return decoder.decode(this);
  if (kind === "utf8" || kind === "utf-8") {
    const to = end === undefined ? this.length : Math.min(end | 0, this.length);
    const at = Math.max(start | 0, 0);
    return to <= at ? "" : decoder.decode(this.subarray(at, to));
  }
  if (kind !== "base64url") return toText.call(this, encoding ?? "utf8", start, end);
  return toText.call(this, "base64", start, end).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
};
prototype.toLocaleString = prototype.toString;

const write = prototype.write;
prototype.write = function (text, offset, length, encoding) {
  if (typeof offset === "string") return this.write(text, 0, this.length, offset);
  if (typeof length === "string") return this.write(text, offset, undefined, length);
  if (typeof text !== "string") throw invalidArgType("argument", "string", text);
  if (encoding !== undefined) checkEncoding(encoding);
  const at = offset === undefined ? 0 : offset;
  if (typeof at !== "number") throw invalidArgType("offset", "number", at);
  if (at < 0 || at > this.length) throw outOfRange("offset", `>= 0 && <= ${this.length}`, at);
  const room = Math.min(length === undefined ? this.length - at : length, this.length - at);
  const kind = lower(encoding ?? "utf8");
  // A character that does not fit as a whole is left out.
  if (kind === "utf8" || kind === "utf-8")
    return utf8.encodeInto(text, new Uint8Array(this.buffer, this.byteOffset + at, Math.max(room, 0))).written;
  if (!/^(hex|base64|base64url)$/.test(kind)) return write.call(this, text, at, room, encoding);
  const bytes = decode(text, kind).subarray(0, Math.max(room, 0));
  this.set(bytes, at);
  return bytes.length;
};

const { alloc, concat } = Buffer;
function checkSize(size) {
  if (typeof size !== "number") throw invalidArgType("size", "number", size);
  if (!(size >= 0 && size <= MOST)) throw outOfRange("size", `>= 0 && <= ${MOST}`, size);
}
Buffer.alloc = (size, fill, encoding) => {
  checkSize(size);
  const made = asBuffer(new Uint8Array(size));
  return fill === undefined || fill === 0 ? made : made.fill(fill, encoding);
};
Buffer.allocUnsafe = (size) => alloc(size);
Buffer.allocUnsafeSlow = (size) => alloc(size);
for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) {
  const make = Buffer[name];
  Object.defineProperty(Buffer, name, {
    value: Object.defineProperty(
      (size, ...rest) => {
        checkSize(size);
        return make(size, ...rest);
      },
      "name",
      { value: name },
    ),
  });
}
Buffer.concat = (list, length) => {
  if (!Array.isArray(list)) throw invalidArgType("list", "Array", list);
  list.forEach((item, i) => {
    if (!(item instanceof Uint8Array)) throw invalidArgType(`list[${i}]`, ["Buffer", "Uint8Array"], item);
  });
  return concat(list, length);
};
Buffer.copyBytesFrom = (source, offset = 0, length = undefined) => {
  if (!ArrayBuffer.isView(source) || source instanceof DataView) throw invalidArgType("view", "TypedArray", source);
  const part = source.subarray(offset, length === undefined ? undefined : offset + length);
  return Buffer.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
};

const { fill } = prototype;
prototype.fill = function (value, offset, end, encoding) {
  if (typeof value !== "string") return fill.call(this, value, offset, end, encoding);
  const kind = typeof offset === "string" ? offset : typeof end === "string" ? end : encoding;
  if (kind !== undefined) checkEncoding(kind);
  const [from, to] = [typeof offset === "string" ? 0 : offset, typeof end === "string" || end === undefined ? this.length : end];
  if (value === "") return fill.call(this, 0, from, to);
  const bytes = decode(value, kind ?? "utf8");
  if (bytes.length === 0)
    throw coded(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'value' is invalid. Received ${inspect(value)}`);
  return fill.call(this, bytes, from ?? 0, to);
};

/** Where a search begins: counted from the end when negative, NaN is the far end. */
function searchStart(length, offset, forward) {
  const at = Math.trunc(+offset);
  if (offset === undefined || Number.isNaN(at)) return forward ? 0 : length;
  return at < 0 ? (forward ? Math.max(at + length, 0) : at + length) : Math.min(at, length);
}

function search(bytes, needle, start, forward, step) {
  const last = bytes.length - needle.length;
  const first = needle[0];
  let at = forward ? start : Math.min(start, last);
  for (; forward ? at <= last : at >= 0; at += forward ? step : -step) {
    if (step === 1)
      at = forward
        ? Uint8Array.prototype.indexOf.call(bytes, first, at)
        : Uint8Array.prototype.lastIndexOf.call(bytes, first, at);
    if (at < 0 || at > last) return -1;
    let same = 0;
    while (same < needle.length && bytes[at + same] === needle[same]) same++;
    if (same === needle.length) return at;
  }
  return -1;
}

function finder(forward) {
  return function (value, offset, encoding) {
    const [at, kind] = typeof offset === "string" ? [undefined, offset] : [offset, encoding];
    const start = searchStart(this.length, at, forward);
    if (typeof value === "number") return search(this, [value & 255], start, forward, 1);
    if (typeof value === "string" && kind !== undefined) checkEncoding(kind);
    if (typeof value !== "string" && !(value instanceof Uint8Array))
      throw invalidArgType("value", ["number", "string", "Buffer", "Uint8Array"], value);
    const bytes = typeof value === "string" ? decode(value, kind ?? "utf8") : value;
    if (bytes.length === 0) return start < 0 ? -1 : Math.min(start, this.length);
    return search(this, bytes, start, forward, /^(ucs-?2|utf-?16le)$/.test(lower(kind)) ? 2 : 1);
  };
}
prototype.indexOf = finder(true);
prototype.lastIndexOf = finder(false);
prototype.includes = function includes(value, offset, encoding) {
  return this.indexOf(value, offset, encoding) !== -1;
};

addNumbers(prototype);
for (const [name, encoding] of Object.entries(SLICES)) {
  prototype[`${name}Slice`] = function (start, end) {
    return this.toString(encoding, start, end);
  };
  prototype[`${name}Write`] = function (text, offset, length) {
    return this.write(text, offset, length, encoding);
  };
}
for (const name of ["swap16", "swap32", "swap64"]) {
  const swap = prototype[name];
  const bits = Number(name.slice(4));
  prototype[name] = function () {
    if (this.length % (bits / 8) !== 0)
      throw coded(RangeError, "ERR_INVALID_BUFFER_SIZE", `Buffer size must be a multiple of ${bits}-bits`);
    return swap.call(this);
  };
}
prototype[Symbol.for("nodejs.util.inspect.custom")] = function inspectBuffer() {
  const most = exported.INSPECT_MAX_BYTES;
  const more = this.length - most;
  const shown = this.toString("hex", 0, most)
    .replace(/(.{2})/g, "$1 ")
    .trim();
  const rest = more > 0 ? ` ... ${more} more byte${more > 1 ? "s" : ""}` : "";
  return `<${this.constructor.name}${shown === "" ? "" : " "}${shown}${rest}>`;
};
prototype.inspect = prototype[Symbol.for("nodejs.util.inspect.custom")];
Object.defineProperty(Buffer, Symbol.species, { configurable: true, get: () => Buffer });
for (const key of Object.getOwnPropertyNames(prototype)) {
  const { enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, key);
  if (enumerable && configurable && key !== "constructor" && typeof prototype[key] === "function" && /^_/.test(key))
    delete prototype[key];
}
delete Buffer.TYPED_ARRAY_SUPPORT;
delete Buffer._augment;

const isValidUtf8 = (bytes) => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};
const bytesOf = (value) =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
export const SlowBuffer = (size) => Buffer.allocUnsafeSlow(size);
export const kMaxLength = MOST;
export const constants = { MAX_LENGTH: MOST, MAX_STRING_LENGTH: 536870888 };
const exported = {
  Buffer,
  SlowBuffer,
  transcode: (source, fromEncoding, toEncoding) => Buffer.from(Buffer.from(source).toString(fromEncoding), toEncoding),
  isUtf8: (value) => isValidUtf8(value),
  isAscii: (value) => bytesOf(value).every((byte) => byte < 128),
  kMaxLength,
  kStringMaxLength: constants.MAX_STRING_LENGTH,
  btoa: globalThis.btoa,
  atob: globalThis.atob,
  constants,
  INSPECT_MAX_BYTES: 50,
  Blob: globalThis.Blob,
  File: globalThis.File,
  resolveObjectURL: (id) => globalThis.URL.resolveObjectURL?.(id),
};
export default exported;
