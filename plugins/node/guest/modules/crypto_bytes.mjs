// Bytes as node:crypto takes them: text in an encoding, buffers, views.
import { Buffer } from "./buffer.mjs";
import { invalidArgType } from "./errors.mjs";

export function bytesOf(value, name, takesText = true, encoding = "utf8") {
  if (typeof value === "string" && takesText)
    return new Uint8Array(Buffer.from(value, encoding === "buffer" ? "utf8" : encoding));
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, [...(takesText ? ["string"] : []), "ArrayBuffer", "Buffer", "TypedArray", "DataView"], value);
}

export const encoded = (bytes, encoding) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding === undefined || encoding === "buffer" ? buffer : buffer.toString(encoding);
};

/** Chunks until somebody wants the result: the service computes at once. */
export class Chunks {
  parts = [];
  add(bytes) {
    this.parts.push(bytes.slice());
  }
  joined() {
    if (this.parts.length !== 1) this.parts = [new Uint8Array(Buffer.concat(this.parts))];
    return this.parts[0];
  }
}
