// structuredClone of buffers and views, and the transfer list.
import { viewConstructor } from "../codec/decode_binary";
import { isDetached } from "../codec/encode_builtin";
import { type Kind, kindOf } from "../codec/kinds";
import { append, type List, list, Table } from "../collections";
import {
  ArrayBuffer,
  arrayBufferByteLength,
  arrayBufferMaxByteLength,
  arrayBufferResizable,
  construct,
  dataViewBuffer,
  dataViewByteLength,
  dataViewOffset,
  iteratorSymbol,
  typedArrayBuffer,
  typedArrayKind,
  typedArrayLength,
  typedArrayOffset,
  typedArraySet,
  TypeError,
  Uint8Array,
} from "../primordials";
import { isObject } from "./idl";
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

/** Web IDL `sequence<object>`, through the argument's own iterator. */
export function transferList(options: unknown): List<object> {
  const transfer: List<object> = list();
  if (options === undefined || options === null) return transfer;
  if (!isObject(options)) throw new TypeError("structuredClone: the options must be an object.");
  const items = (options as { transfer?: unknown }).transfer;
  if (items === undefined) return transfer;
  if (!isObject(items) || typeof (items as Iterable<unknown>)[iteratorSymbol] !== "function") {
    throw new TypeError("structuredClone: transfer is not iterable.");
  }
  // lint: Web IDL asks for the argument's iterator
  for (const item of items as Iterable<unknown>) {
    if (!isObject(item)) throw new TypeError("structuredClone: transfer contains something that is not an object.");
    append(transfer, item);
  }
  return transfer;
}

export function checkTransfer(transfer: List<object>): void {
  const seen = new Table<object, boolean>();
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i] as object;
    if (kindOf(item) !== "buffer") refuse("A value in the transfer list");
    if (seen.has(item)) refuse("A duplicate in the transfer list");
    if (isDetached(item)) refuse("A detached ArrayBuffer");
    seen.set(item, true);
  }
}
