// node:string_decoder. The library does not know base64url.
import { StringDecoder as Library } from "string_decoder/lib/string_decoder.js";
import { Buffer } from "./buffer.mjs";
import { coded, invalidArgType } from "./errors.mjs";

const toUrl = (text) => text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
const NAMES = { binary: "latin1", ucs2: "utf16le", "ucs-2": "utf16le", "utf-16le": "utf16le", "utf-8": "utf8" };

export function StringDecoder(encoding) {
  const kind = encoding == null || encoding === "" ? "utf8" : `${encoding}`.toLowerCase();
  if (!Buffer.isEncoding(kind)) throw coded(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
  Library.call(this, kind === "base64url" ? "base64" : kind);
  this.encoding = NAMES[kind] ?? kind;
  for (const name of ["write", "end"]) {
    const inner = this[name];
    this[name] = function (value) {
      if (typeof value === "string") return value;
      if (value !== undefined && !ArrayBuffer.isView(value))
        throw invalidArgType("buf", ["Buffer", "TypedArray", "DataView"], value);
      const bytes = value === undefined ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      const text = inner.call(this, bytes) ?? "";
      if (name === "end") {
        this.lastNeed = 0;
        this.lastTotal = 0;
      }
      return kind === "base64url" ? toUrl(text) : text;
    };
  }
}
Object.setPrototypeOf(StringDecoder.prototype, Library.prototype);

export default { StringDecoder };
