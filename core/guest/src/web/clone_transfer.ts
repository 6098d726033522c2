// The transfer list of structuredClone and postMessage, and the platform's transferable classes ([Transferable] in Web IDL).
import { isDetached } from "../codec/encode_builtin";
import { kindOf } from "../codec/kinds";
import { append, type List, list, Table } from "../collections";
import { arrayBufferTransfer, TypeError } from "../primordials";
import { cloneBuffer } from "./clone_bytes";
import { isObject, sequence } from "./idl";
import { type Cloning, refuse, remember } from "./structured_clone";

/** What takes the place of a transferred object, and the step that hands over what the object stands for. */
export interface Transfer {
  readonly copy: object;
  move(): void;
}

interface Transferable {
  matches(value: object): boolean;
  /** Throws a DataCloneError when the object cannot be transferred now. */
  begin(value: object): Transfer;
}

const transferables: List<Transferable> = list();

/** `matches` must know the objects by a brand, and none of it may run guest code. */
export function registerTransferable(transferable: Transferable): void {
  append(transferables, transferable);
}

/** Web IDL `sequence<object>`, through the argument's own iterator. */
export function transferSequence(items: unknown, where: string): List<object> {
  const transfer: List<object> = list();
  const iterable = sequence(items);
  if (iterable === undefined) throw new TypeError(`${where}: transfer is not iterable.`);
  // lint: Web IDL asks for the argument's iterator
  for (const item of iterable) {
    if (!isObject(item)) throw new TypeError(`${where}: transfer contains something that is not an object.`);
    append(transfer, item);
  }
  return transfer;
}

/** `StructuredSerializeOptions` */
export function transferList(options: unknown, where: string): List<object> {
  if (options === undefined || options === null) return list();
  if (!isObject(options)) throw new TypeError(`${where}: the options must be an object.`);
  const items = (options as { transfer?: unknown }).transfer;
  return items === undefined ? list() : transferSequence(items, where);
}

/**
 * What is transferred changes hands only once the whole value has been cloned. Until then a stand-in takes its place:
 * views on a buffer are made first, and moving must not depend on guest code's getters.
 */
export function beginTransfer(state: Cloning, transfer: List<object>): List<Transfer> {
  const seen = new Table<object, boolean>();
  const moves: List<Transfer> = list();
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i] as object;
    if (seen.has(item)) refuse("A duplicate in the transfer list");
    seen.set(item, true);
    append(moves, begin(state, item));
  }
  return moves;
}

function begin(state: Cloning, item: object): Transfer {
  if (kindOf(item) === "buffer") {
    if (isDetached(item)) refuse("A detached ArrayBuffer");
    return { copy: cloneBuffer(state, item), move: () => void arrayBufferTransfer(item) };
  }
  for (let i = 0; i < transferables.length; i++) {
    const transferable = transferables[i] as Transferable;
    if (!transferable.matches(item)) continue;
    const transfer = transferable.begin(item);
    remember(state, item, transfer.copy);
    return transfer;
  }
  return refuse("A value in the transfer list");
}
