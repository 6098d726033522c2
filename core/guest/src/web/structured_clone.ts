// structuredClone (HTML §2.7), for values of this realm. Serialising and deserialising happen in one pass: there is no
// other realm to carry the value to.
import { unbox } from "../codec/encode_collections";
import { type Kind, kindOf } from "../codec/kinds";
import { append, type List, list, Queue, Table } from "../collections";
import {
  Array,
  Date,
  dateGetTime,
  functionToString,
  hasOwn,
  keys,
  Map,
  mapForEach,
  mapSet,
  Object,
  RegExp,
  regExpFlags,
  regExpSource,
  root,
  Set,
  setAdd,
  setForEach,
  String,
} from "../primordials";
import { cloneBinary } from "./clone_bytes";
import { cloneError } from "./clone_errors";
import { clonePlatformObject } from "./clone_platform";
import { beginTransfer, type Transfer, transferList } from "./clone_transfer";
import { DOMException } from "./dom_exception";
import { define, Flags, isObject, requireArguments } from "./idl";

/** Below this depth the contents of a container wait in a list, so that no graph overflows the stack. */
const DIRECT_DEPTH = 200;

export interface Cloning {
  memory: Table<object, object>;
  depth: number;
  deferred: Queue<() => void>;
}

export function refuse(what: string): never {
  throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
}

export function clone(state: Cloning, value: unknown): unknown {
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

export function remember<T extends object>(state: Cloning, value: object, copy: T): T {
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
      return clonePlatform(state, value);
  }
}

function clonePlatform(state: Cloning, value: object): object {
  const copy = clonePlatformObject(value);
  return copy === undefined ? refuse(`#<${nameOf(value)}>`) : remember(state, value, copy);
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

interface Cloned {
  readonly value: unknown;
  /** What was transferred, in the order of the transfer list. */
  readonly transferred: List<object>;
}

/** StructuredSerializeWithTransfer and its counterpart. */
export function cloneWithTransfer(value: unknown, transfer: List<object>): Cloned {
  const state: Cloning = { memory: new Table(), depth: 0, deferred: new Queue() };
  const moves = beginTransfer(state, transfer);
  const copy = cloneGraph(state, value);
  const transferred: List<object> = list();
  for (let i = 0; i < moves.length; i++) {
    const { copy: received, move } = moves[i] as Transfer;
    move();
    append(transferred, received);
  }
  return { value: copy, transferred };
}

const methods = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, "structuredClone");
    return cloneWithTransfer(value, transferList(options, "structuredClone")).value;
  },
};

export function installStructuredClone(): void {
  define(root, "structuredClone", methods.structuredClone);
}
