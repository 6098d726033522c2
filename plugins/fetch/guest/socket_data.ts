// What a WebSocket carries: text, and bytes of every kind.
import { p, web } from "./platform";

export interface Message {
  data: string | Uint8Array;
  /** In bytes, as `bufferedAmount` counts. */
  size: number;
}

/** What `send()` was given, copied: it may change before it leaves. */
export function payloadOf(data: unknown): Message {
  const bytes = bytesOf(data);
  if (bytes !== undefined) return { data: bytes, size: p.typedArrayByteLength(bytes) };
  const text = p.stringToWellFormed(`${data}`);
  return { data: text, size: p.typedArrayByteLength(web.utf8Encode(text)) };
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { isPrototypeOf } = p;
  if (p.typedArrayKind(data) !== undefined) {
    return copy(p.typedArrayBuffer(data), p.typedArrayOffset(data), p.typedArrayByteLength(data));
  }
  if (isPrototypeOf(web.Blob.prototype, data)) return web.blobBytes(data);
  const size = bufferSize(data);
  if (size !== undefined) return copy(data as ArrayBuffer, 0, size);
  try {
    return copy(p.dataViewBuffer(data), p.dataViewOffset(data), p.dataViewByteLength(data));
  } catch {
    return undefined;
  }
}

function bufferSize(data: object): number | undefined {
  try {
    return p.arrayBufferByteLength(data);
  } catch {
    return undefined;
  }
}

function copy(buffer: ArrayBuffer, offset: number, size: number): Uint8Array {
  const bytes = new p.Uint8Array(size);
  p.typedArraySet(bytes, new p.Uint8Array(buffer, offset, size));
  return bytes;
}

/** The data of a `message` event. */
export function bytesOfMessage(bytes: Uint8Array<ArrayBuffer>, type: string): object {
  const size: number = p.typedArrayByteLength(bytes);
  const buffer: ArrayBuffer = p.typedArrayBuffer(bytes);
  const exact =
    p.arrayBufferByteLength(buffer) === size
      ? buffer
      : (p.typedArrayBuffer(copy(buffer, p.typedArrayOffset(bytes), size)) as ArrayBuffer);
  return type === "arraybuffer" ? exact : new web.Blob(one(exact));
}

/** A sequence of one, whatever guest code did to the iteration of arrays. */
function one(value: unknown): object {
  let given = false;
  const next = () => {
    const result = { __proto__: null, done: given, value: given ? undefined : value };
    given = true;
    return result;
  };
  return { __proto__: null, [p.iteratorSymbol]: () => ({ __proto__: null, next }) };
}
