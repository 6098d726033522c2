// structuredClone (HTML §2.7), for values of this realm. Serialising and deserialising happen in one pass: there is no
// other realm to carry the value to.
import { type Kind, kindOf } from "../codec/kinds";
import { unbox } from "../codec/encode_collections";
import { isDetached } from "../codec/encode_builtin";
import { viewConstructor } from "../codec/decode_binary";
import { append, type List, list, Queue, Table } from "../collections";
import {
  ArrayBuffer,
  Array,
  arrayBufferByteLength,
  arrayBufferMaxByteLength,
  arrayBufferResizable,
  arrayBufferTransfer,
  construct,
  Date,
  dataViewBuffer,
  dataViewByteLength,
  dataViewOffset,
  dateGetTime,
  Error,
  EvalError,
  functionToString,
  getOwnPropertyDescriptor,
  hasOwn,
  iteratorSymbol,
  keys,
  Map,
  mapForEach,
  mapSet,
  Object,
  RangeError,
  ReferenceError,
  RegExp,
  regExpFlags,
  regExpSource,
  root,
  Set,
  setAdd,
  setForEach,
  setPrototypeOf,
  String,
  SyntaxError,
  TypeError,
  typedArrayBuffer,
  typedArrayKind,
  typedArrayLength,
  typedArrayOffset,
  typedArraySet,
  Uint8Array,
  URIError,
} from "../primordials";
import { DOMException, domExceptionState, isDOMException } from "./dom_exception";
import { define, Flags, isObject, requireArguments } from "./idl";

/** Below this depth the contents of a container wait in a list, so that no graph overflows the stack. */
const DIRECT_DEPTH = 200;

interface Cloning {
  memory: Table<object, object>;
  depth: number;
  deferred: Queue<() => void>;
}

function refuse(what: string): never {
  throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
}

function clone(state: Cloning, value: unknown): unknown {
  if (typeof value === "symbol") refuse(String(value));
  if (!isObject(value)) return value;
  const known = state.memory.get(value);
  if (known !== undefined) return known;
  state.depth++;
  const copy = cloneObject(state, value, kindOf(value));
  state.depth--;
  return copy;
}

/** Fills a container now or, far down, later. */
function fill<T extends object>(state: Cloning, copy: T, work: () => void): T {
  if (state.depth < DIRECT_DEPTH) work();
  else state.deferred.push(work);
  return copy;
}

function cloneGraph(state: Cloning, value: unknown): unknown {
  const copy = clone(state, value);
  for (let work = state.deferred.shift(); work !== undefined; work = state.deferred.shift()) {
    state.depth = 0;
    work();
  }
  return copy;
}

function remember<T extends object>(state: Cloning, value: object, copy: T): T {
  state.memory.set(value, copy);
  return copy;
}

function cloneObject(state: Cloning, value: object, kind: Kind): object {
  switch (kind) {
    case "function":
      return refuse(functionToString(value as () => void));
    case "array":
      return cloneArray(state, value as unknown[]);
    case "plain":
    case "instance":
      return cloneProperties(state, value, remember(state, value, {}));
    case "map":
      return cloneMap(state, value);
    case "set":
      return cloneSet(state, value);
    case "error":
      return cloneError(state, value);
    case "buffer":
    case "shared":
    case "typed":
    case "view":
      return cloneBinary(state, value, kind);
    default:
      return cloneLeaf(state, value, kind);
  }
}

function cloneLeaf(state: Cloning, value: object, kind: Kind): object {
  switch (kind) {
    case "date":
      return remember(state, value, new Date(dateGetTime(value)));
    case "regexp":
      return remember(state, value, new RegExp(regExpSource(value), regExpFlags(value)));
    case "box":
      return remember(state, value, Object(unbox(value)));
    default:
      return refuse(`#<${nameOf(value)}>`);
  }
}

function nameOf(value: object): string {
  try {
    const { constructor } = value as { constructor?: unknown };
    return typeof constructor === "function" && typeof constructor.name === "string" ? constructor.name : "Object";
  } catch {
    return "Object";
  }
}

function cloneArray(state: Cloning, value: unknown[]): object {
  const copy = remember(state, value, new Array(value.length));
  return cloneProperties(state, value, copy);
}

/** Own enumerable string keys; a getter may remove what comes after it. */
function cloneProperties(state: Cloning, value: object, copy: object): object {
  const names = keys(value);
  return fill(state, copy, () => {
    for (let i = 0; i < names.length; i++) {
      const key = names[i] as string;
      if (hasOwn(value, key)) define(copy, key, clone(state, (value as Record<string, unknown>)[key]), Flags.all);
    }
  });
}

function cloneMap(state: Cloning, value: object): object {
  const copy = remember(state, value, new Map());
  const items: List<unknown> = list();
  mapForEach(value, (item, key) => {
    append(items, key);
    append(items, item);
  });
  return fill(state, copy, () => {
    for (let i = 0; i < items.length; i += 2) mapSet(copy, clone(state, items[i]), clone(state, items[i + 1]));
  });
}

function cloneSet(state: Cloning, value: object): object {
  const copy = remember(state, value, new Set());
  const items: List<unknown> = list();
  setForEach(value, (item) => append(items, item));
  return fill(state, copy, () => {
    for (let i = 0; i < items.length; i++) setAdd(copy, clone(state, items[i]));
  });
}

const errorPrototypes = new Table<string, object>();
errorPrototypes.set("EvalError", EvalError.prototype);
errorPrototypes.set("RangeError", RangeError.prototype);
errorPrototypes.set("ReferenceError", ReferenceError.prototype);
errorPrototypes.set("SyntaxError", SyntaxError.prototype);
errorPrototypes.set("TypeError", TypeError.prototype);
errorPrototypes.set("URIError", URIError.prototype);

function cloneError(state: Cloning, value: object): object {
  if (isDOMException(value)) return cloneDOMException(state, value);
  const { name } = value as Error;
  const copy = remember(state, value, new Error()) as Error;
  setPrototypeOf(copy, errorPrototypes.get(name === undefined ? "Error" : `${name}`) ?? Error.prototype);
  const message = getOwnPropertyDescriptor(value, "message");
  if (message !== undefined && "value" in message) define(copy, "message", `${message.value}`);
  const { stack } = value as Error;
  define(copy, "stack", typeof stack === "string" ? stack : undefined);
  if (hasOwn(value, "cause")) define(copy, "cause", clone(state, (value as Error).cause));
  return copy;
}

function cloneDOMException(state: Cloning, value: object): object {
  const { name, message } = domExceptionState(value);
  const copy = remember(state, value, new DOMException(message, name));
  const { stack } = value as { stack?: unknown };
  if (typeof stack === "string") define(copy, "stack", stack);
  return copy;
}

function cloneBinary(state: Cloning, value: object, kind: Kind): object {
  if (kind === "buffer") return cloneBuffer(state, value);
  // Shared memory is shared: both sides see the same bytes.
  if (kind === "shared") return remember(state, value, value);
  return cloneView(state, value, kind);
}

function cloneBuffer(state: Cloning, value: object): object {
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
function transferList(options: unknown): List<object> {
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

function checkTransfer(transfer: List<object>): void {
  const seen = new Table<object, boolean>();
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i] as object;
    if (kindOf(item) !== "buffer") refuse("A value in the transfer list");
    if (seen.has(item)) refuse("A duplicate in the transfer list");
    if (isDetached(item)) refuse("A detached ArrayBuffer");
    seen.set(item, true);
  }
}

/**
 * Transferred buffers change hands only once the whole value has been cloned. Until then a stand-in of the right size
 * takes their place: views on it are made first, and moving the bytes must not depend on guest code's getters.
 */
function cloneWithTransfer(value: unknown, transfer: List<object>): unknown {
  checkTransfer(transfer);
  const state: Cloning = { memory: new Table(), depth: 0, deferred: new Queue() };
  for (let i = 0; i < transfer.length; i++) cloneBuffer(state, transfer[i] as object);
  const copy = cloneGraph(state, value);
  for (let i = 0; i < transfer.length; i++) arrayBufferTransfer(transfer[i]);
  return copy;
}

const methods = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, "structuredClone");
    return cloneWithTransfer(value, transferList(options));
  },
};

export function installStructuredClone(): void {
  define(root, "structuredClone", methods.structuredClone);
}
