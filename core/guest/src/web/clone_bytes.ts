// structuredClone of buffers and views.
import { viewConstructor } from "../codec/decode_binary";
import { isDetached } from "../codec/encode_builtin";
import type { Kind } from "../codec/kinds";
import {
  ArrayBuffer,
  arrayBufferByteLength,
  arrayBufferMaxByteLength,
  arrayBufferResizable,
  construct,
  dataViewBuffer,
  dataViewByteLength,
  dataViewOffset,
  typedArrayBuffer,
  typedArrayKind,
  typedArrayLength,
  typedArrayOffset,
  typedArraySet,
  Uint8Array,
} from "../primordials";
import { type Cloning, clone, refuse, remember } from "./structured_clone";

export function cloneBinary(state: Cloning, value: object, kind: Kind): object {
  if (kind === "buffer") return cloneBuffer(state, value);
  // Shared memory is shared: both sides see the same bytes.
  if (kind === "shared") return remember(state, value, value);
  return cloneView(state, value, kind);
}

export function cloneBuffer(state: Cloning, value: object): object {
  if (isDetached(value)) refuse("A detached ArrayBuffer");
  const length = arrayBufferByteLength(value);
  const copy = arrayBufferResizable(value)
    ? construct(ArrayBuffer, [length, { __proto__: null, maxByteLength: arrayBufferMaxByteLength(value) }])
    : new ArrayBuffer(length);
  typedArraySet(new Uint8Array(copy), new Uint8Array(value as ArrayBuffer));
  return remember(state, value, copy);
}

function cloneView(state: Cloning, value: object, kind: Kind): object {
  const typed = kind === "typed";
  const source = typed ? typedArrayBuffer(value) : dataViewBuffer(value);
  if (isDetached(source)) refuse("A view of a detached ArrayBuffer");
  const constructor = viewConstructor(typed ? (typedArrayKind(value) as string) : "DataView");
  if (constructor === undefined) return refuse(`#<${typedArrayKind(value)}>`);
  const offset = typed ? typedArrayOffset(value) : dataViewOffset(value);
  const length = typed ? typedArrayLength(value) : dataViewByteLength(value);
  const buffer = clone(state, source) as ArrayBuffer;
  return remember(state, value, construct(constructor, [buffer, offset, length]));
}
