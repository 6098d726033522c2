// Arguments and results of node:fs: paths, options, encodings, buffers.
import { absolute } from "../paths";
import { bytesOf, isInstance, isObject, p, sdk, web } from "../platform";
import { argumentError } from "./errors";

// biome-ignore lint/suspicious/noExplicitAny: options of guest code
export type Options = Record<string, any>;

/** Text, bytes, or a `file:` URL. */
export function pathOf(value: unknown, name = "path"): string {
  if (typeof value === "string") return checked(value, name);
  if (isObject(value)) {
    const bytes = bytesOf(value);
    if (bytes !== undefined) return checked(web.utf8Decode(bytes), name);
    if (isInstance(web.URL, value)) return fromURL(value);
  }
  throw argumentError("ERR_INVALID_ARG_TYPE", `The "${name}" argument must be of type string or an instance of Buffer or URL.`);
}

function checked(path: string, name: string): string {
  if (p.stringIncludes(path, "\0")) {
    throw argumentError(
      "ERR_INVALID_ARG_VALUE",
      `The argument '${name}' must be a string, Uint8Array, or URL without null bytes.`,
    );
  }
  if (path === "") return "";
  return absolute(path);
}

function fromURL(url: object): string {
  const { protocol, pathname } = url as { protocol: string; pathname: string };
  if (protocol !== "file:") throw argumentError("ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  const { decodeURIComponent } = captured;
  return checked(decodeURIComponent(pathname), "path");
}

// lint: the script is evaluated before any guest code runs
const captured = { decodeURIComponent: globalThis.decodeURIComponent };

/** Options that may be given as the name of an encoding. */
export function options(value: unknown): Options {
  if (value === undefined || value === null) return p.create(null);
  if (typeof value === "string") return { __proto__: null, encoding: value } as unknown as Options;
  if (isObject(value) && typeof value !== "function") return value as Options;
  throw argumentError("ERR_INVALID_ARG_TYPE", 'The "options" argument must be of type string or an instance of Object.');
}

export function checkSignal(given: Options): void {
  const signal = given.signal as { aborted?: boolean; reason?: unknown } | undefined;
  if (!signal?.aborted) return;
  const error = new p.Error("The operation was aborted");
  p.define(error, "name", "AbortError");
  p.define(error, "code", "ABORT_ERR", 7);
  p.define(error, "cause", signal.reason);
  throw error;
}

interface BufferClass {
  from(data: unknown, offset?: unknown, length?: number): Uint8Array<ArrayBuffer> & { toString(encoding: string): string };
}

function bufferClass(): BufferClass | undefined {
  return (sdk.findModule("node:buffer") as { Buffer?: BufferClass } | undefined)?.Buffer;
}

const UTF8 = { __proto__: null, utf8: true, "utf-8": true } as unknown as Record<string, boolean>;

/** Bytes as Node gives them: a Buffer, where the plugin `node` provides one. */
export function buffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const Buffer = bufferClass();
  if (Buffer === undefined) return bytes;
  return Buffer.from(p.typedArrayBuffer(bytes), p.typedArrayOffset(bytes), p.typedArrayByteLength(bytes));
}

/** In this encoding, or as bytes when none is named. */
export function decoded(bytes: Uint8Array<ArrayBuffer>, encoding: unknown): unknown {
  if (encoding === undefined || encoding === null || encoding === "buffer") return buffer(bytes);
  // Node keeps a byte order mark, which the web's decoder takes away.
  if (UTF8[p.stringToLowerCase(`${encoding}`)] && bytes[0] !== 0xef) return web.utf8Decode(bytes);
  return (buffer(bytes) as { toString(encoding: string): string }).toString(known(encoding));
}

export function encoded(text: string, encoding: unknown): Uint8Array<ArrayBuffer> {
  const name = p.stringToLowerCase(`${encoding ?? "utf8"}`);
  if (UTF8[name]) return web.utf8Encode(text);
  const Buffer = bufferClass();
  if (Buffer === undefined) throw unknownEncoding(encoding);
  return Buffer.from(text, known(encoding));
}

function known(encoding: unknown): string {
  const Buffer = bufferClass() as (BufferClass & { isEncoding(name: string): boolean }) | undefined;
  const name = `${encoding}`;
  if (Buffer === undefined ? !UTF8[p.stringToLowerCase(name)] : !Buffer.isEncoding(name)) throw unknownEncoding(encoding);
  return name;
}

const unknownEncoding = (encoding: unknown) =>
  argumentError("ERR_INVALID_ARG_VALUE", `The argument 'encoding' is invalid encoding. Received '${encoding}'`);

export function integer(value: unknown, name: string, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const number = typeof value === "bigint" ? p.Number(value) : value;
  if (typeof number !== "number") throw argumentError("ERR_INVALID_ARG_TYPE", `The "${name}" argument must be of type number.`);
  if (!p.isInteger(number) || number < 0 || number > 2 ** 53 - 1) {
    const error = new p.RangeError(`The value of "${name}" is out of range. Received ${number}`);
    p.define(error, "code", "ERR_OUT_OF_RANGE", 7);
    throw error;
  }
  return number;
}
