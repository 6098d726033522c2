// Where a byte stream gets its bytes from.
import { kindOf } from "../codec/kinds";
import {
  apply,
  arrayBufferByteLength,
  asyncIteratorSymbol,
  dataViewBuffer,
  dataViewByteLength,
  dataViewOffset,
  iteratorSymbol,
  TypeError,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayOffset,
} from "../primordials";
import { isObject } from "../web/idl";

export interface Chunk {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

/** The source's iterator, asynchronous when it has one. */
export function iterate(source: object): Iterator<unknown> {
  const methods = source as Record<symbol, unknown>;
  const open = methods[asyncIteratorSymbol] ?? methods[iteratorSymbol];
  if (typeof open !== "function") throw new TypeError("byteStream: the source is not iterable.");
  return apply(open as () => Iterator<unknown>, source, []);
}

export function bytesOf(value: unknown): Chunk {
  const kind = isObject(value) ? kindOf(value) : undefined;
  if (kind === "typed") {
    return { buffer: typedArrayBuffer(value), offset: typedArrayOffset(value), length: typedArrayByteLength(value) };
  }
  if (kind === "view") {
    return { buffer: dataViewBuffer(value), offset: dataViewOffset(value), length: dataViewByteLength(value) };
  }
  if (kind === "buffer") return { buffer: value as ArrayBuffer, offset: 0, length: arrayBufferByteLength(value) };
  throw new TypeError("A byte stream may only contain typed arrays and ArrayBuffers.");
}
