// Dates, regular expressions and bytes.
import { append, list } from "../collections";
import {
  ArrayBuffer,
  arrayBufferByteLength,
  arrayBufferDetached,
  dataViewBuffer,
  dataViewByteLength,
  dataViewOffset,
  dateGetTime,
  jsonStringify,
  regExpFlags,
  regExpSource,
  sharedByteLength,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayKind,
  typedArrayOffset,
  typedArraySet,
  Uint8Array,
} from "../primordials";
import type { Encoding } from "./encode";
import { CloneError } from "./failure";
import type { Kind } from "./kinds";

export function encodeDate(value: object): string {
  const time = dateGetTime(value);
  return `{"$":"date","v":${time === time ? time : "null"}}`;
}

export function encodeRegExp(value: object): string {
  return `{"$":"re","s":${jsonStringify(regExpSource(value))},"f":${jsonStringify(regExpFlags(value))}}`;
}

export function encodeBinary(state: Encoding, value: object, kind: Kind): string {
  const name = kind === "typed" ? (typedArrayKind(value) as string) : kind === "view" ? "DataView" : "ArrayBuffer";
  if (name === "Float16Array") throw new CloneError("a Float16Array, which has no counterpart on the host");
  const copy = copyBytes(value, kind);
  state.buffers ??= list();
  append(state.buffers, copy);
  return `{"$":"bin","k":"${name}","b":${state.buffers.length - 1}}`;
}

/** A snapshot of the viewed bytes: guest code may write to the original before the frame leaves. */
function copyBytes(value: object, kind: Kind): ArrayBuffer {
  let source: ArrayBuffer | SharedArrayBuffer = value as ArrayBuffer;
  let offset = 0;
  let length = 0;
  if (kind === "typed") {
    source = typedArrayBuffer(value);
    offset = typedArrayOffset(value);
    length = typedArrayByteLength(value);
  } else if (kind === "view") {
    source = dataViewBuffer(value);
    offset = dataViewOffset(value);
    length = dataViewByteLength(value);
  } else {
    length = kind === "shared" ? sharedByteLength?.(value) : arrayBufferByteLength(value);
  }
  if (kind !== "shared" && isDetached(source)) throw new CloneError("a detached ArrayBuffer");
  return copyRange(source, offset, length);
}

export function isDetached(buffer: object): boolean {
  try {
    return arrayBufferDetached(buffer);
  } catch {
    return false; // shared memory is never detached
  }
}

export function copyRange(source: ArrayBuffer | SharedArrayBuffer, offset: number, length: number): ArrayBuffer {
  const copy = new ArrayBuffer(length);
  if (length > 0) typedArraySet(new Uint8Array(copy), new Uint8Array(source, offset, length));
  return copy;
}
