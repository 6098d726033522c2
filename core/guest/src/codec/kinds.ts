// What kind of built-in an object is. The prototype chain gives a hint, an internal-slot probe proves it; tags and
// constructors, which guest code controls, are never asked.
import {
  Array,
  ArrayBuffer,
  arrayBufferByteLength,
  BigInt,
  Boolean,
  bigintValueOf,
  booleanValueOf,
  Date,
  DataView,
  dataViewByteLength,
  dateGetTime,
  Error,
  FinalizationRegistry,
  getPrototypeOf,
  global,
  hasOwn,
  isArray,
  iteratorPrototype,
  asyncIteratorPrototype,
  Map,
  mapSize,
  Number,
  numberValueOf,
  Object,
  Promise,
  RegExp,
  regExpSource,
  Set,
  SharedArrayBuffer,
  String,
  Symbol,
  setSize,
  sharedByteLength,
  stringValueOf,
  symbolValueOf,
  typedArrayKind,
  typedArrayPrototype,
  WeakMap,
  WeakRef,
  WeakSet,
} from "../primordials";
import { Table } from "../collections";

export type Kind =
  | "array"
  | "plain"
  | "instance"
  | "function"
  | "date"
  | "regexp"
  | "map"
  | "set"
  | "error"
  | "promise"
  | "buffer"
  | "shared"
  | "view"
  | "typed"
  | "box"
  | "symbolbox"
  | "iterator"
  | "opaque"
  | "impostor";

interface Hint {
  kind: Kind;
  /** Throws when the object only pretends. */
  probe?: (value: object) => unknown;
}

const hints = new Table<object, Hint>();
const hint = (prototype: unknown, kind: Kind, probe?: (value: object) => unknown) => {
  if (prototype !== undefined) hints.set(prototype as object, probe === undefined ? { kind } : { kind, probe });
};

hint(Date.prototype, "date", dateGetTime);
hint(Map.prototype, "map", mapSize);
hint(Set.prototype, "set", setSize);
hint(Error.prototype, "error");
hint(Promise.prototype, "promise");
hint(ArrayBuffer.prototype, "buffer", arrayBufferByteLength);
hint(SharedArrayBuffer?.prototype, "shared", sharedByteLength);
hint(DataView.prototype, "view", dataViewByteLength);
hint(Number.prototype, "box", numberValueOf);
hint(String.prototype, "box", stringValueOf);
hint(Boolean.prototype, "box", booleanValueOf);
hint(BigInt.prototype, "box", bigintValueOf);
hint(Symbol.prototype, "symbolbox", symbolValueOf);
hint(iteratorPrototype, "iterator");
hint(asyncIteratorPrototype, "iterator");
hint(WeakMap.prototype, "opaque");
hint(WeakSet.prototype, "opaque");
hint(WeakRef.prototype, "opaque");
hint(FinalizationRegistry.prototype, "opaque");
hint(global.WebAssembly?.Module.prototype, "opaque");
hint(global.WebAssembly?.Instance.prototype, "opaque");
hint(global.WebAssembly?.Memory.prototype, "opaque");
// `source` of the prototype itself answers "(?:)", so the probe excludes it.
hint(RegExp.prototype, "regexp", (value) => {
  if (value === RegExp.prototype) throw value;
  return regExpSource(value);
});
hint(typedArrayPrototype, "typed", (value) => {
  if (typedArrayKind(value) === undefined) throw value;
});
hint(Object.prototype, "plain");
hint(Array.prototype, "array");

/** Interfaces of the platform (events, signals …) that have no codec: they must not cross as empty objects. */
export function markOpaque(prototype: object): void {
  hint(prototype, "opaque");
}

const objectPrototype = Object.prototype as object;

/** May run a Proxy's traps, and throws what they throw. */
export function kindOf(value: object): Kind {
  if (typeof value === "function") return "function";
  if (isArray(value)) return "array";
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return "plain";
  for (let p: object | null = prototype; p !== null; p = getPrototypeOf(p)) {
    const found = hints.get(p);
    if (found === undefined) continue;
    if (found.kind === "plain" || found.kind === "array") return "instance";
    return found.probe === undefined || passes(found.probe, value) ? found.kind : "impostor";
  }
  return "instance";
}

function passes(probe: (value: object) => unknown, value: object): boolean {
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
}

/** An index below `length` that the array does not have. */
export function isHole(array: object, index: number): boolean {
  return !hasOwn(array, index);
}
