// `util.types` for the extracted formatter. Its own version asks constructors for their names, which guest code can
// choose; this one asks for internal slots.
import { unbox } from "../codec/encode_collections";
import { type Kind, kindOf } from "../codec/kinds";
import { peek } from "../native";
import {
  asyncFunctionPrototype,
  asyncGeneratorFunctionPrototype,
  generatorFunctionPrototype,
  getPrototypeOf,
  hasOwn,
  isArray,
  isPrototypeOf,
  mapIteratorPrototype,
  objectToString,
  setIteratorPrototype,
  symbolFor,
  toStringTagSymbol,
  typedArrayKind,
  typedArrayLength,
  WeakMap,
  WeakSet,
} from "../primordials";

export { hiddenInspector } from "./hidden";

/** What a promise shows where no engine tells its state; `inspect` prints the answer of this method as it is. */
const unknownState = { [symbolFor("nodejs.util.inspect.custom")]: () => "<state unknown>" };

/** State and result of a promise, in the formatter's terms. */
export function promiseDetails(promise: object, pending: unknown, rejected: unknown): unknown[] {
  const found = peek(promise);
  if (found === undefined) return [undefined, unknownState];
  const state = found[0];
  return [state === 0 ? pending : state === 2 ? rejected : undefined, found[1]];
}

/** What is left in an iterator, or in a weak collection: `[entries, whether they are pairs]`, or for the latter the entries. */
export function previewEntries(value: object, isIterator: boolean): unknown {
  const found = peek(value);
  const entries = found === undefined ? [] : found[0];
  return isIterator ? [entries, found !== undefined && found[1] === 1] : entries;
}

const VAST = 100_000;

/** An array with so many elements that properties beside them are not looked for. */
export function isVast(value: object): boolean {
  try {
    return (isArray(value) ? value.length : typedArrayKind(value) === undefined ? 0 : typedArrayLength(value)) > VAST;
  } catch {
    return false;
  }
}

type Test = (value: unknown) => boolean;

/** A proxy's trap may throw; then the value is none of these. */
function quietly(test: (value: object) => boolean): Test {
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    try {
      return test(value);
    } catch {
      return false;
    }
  };
}

const ofKind = (kind: Kind): Test => quietly((value) => kindOf(value) === kind);
const below = (prototype: object): Test => quietly((value) => isPrototypeOf(prototype, value));
const boxOf = (type: string): Test => quietly((value) => kindOf(value) === "box" && typeof unbox(value) === type);

/** For functions, whose kind shows in their prototype. */
const functionBelow = (first: object, second: object) => (value: unknown) =>
  typeof value === "function" && (isPrototypeOf(first, value) || isPrototypeOf(second, value));

const isArrayBuffer = ofKind("buffer");
const isShared = ofKind("shared");
const isBox = ofKind("box");
const isSymbolBox = ofKind("symbolbox");

export const types: Record<string, Test> = {
  isAsyncFunction: functionBelow(asyncFunctionPrototype, asyncGeneratorFunctionPrototype),
  isGeneratorFunction: functionBelow(generatorFunctionPrototype, asyncGeneratorFunctionPrototype),
  isAnyArrayBuffer: (value) => isArrayBuffer(value) || isShared(value),
  isArrayBuffer,
  isArgumentsObject: quietly((value) => objectToString(value) === "[object Arguments]" && !(toStringTagSymbol in value)),
  isBoxedPrimitive: (value) => isBox(value) || isSymbolBox(value),
  isDataView: ofKind("view"),
  isExternal: () => false,
  isMap: ofKind("map"),
  isMapIterator: below(mapIteratorPrototype),
  isModuleNamespaceObject: quietly(
    (value) =>
      getPrototypeOf(value) === null &&
      hasOwn(value, toStringTagSymbol) &&
      (value as { [toStringTagSymbol]: unknown })[toStringTagSymbol] === "Module",
  ),
  isNativeError: ofKind("error"),
  isPromise: ofKind("promise"),
  isSet: ofKind("set"),
  isSetIterator: below(setIteratorPrototype),
  isWeakMap: below(WeakMap.prototype),
  isWeakSet: below(WeakSet.prototype),
  isRegExp: ofKind("regexp"),
  isDate: ofKind("date"),
  isTypedArray: ofKind("typed"),
  isStringObject: boxOf("string"),
  isNumberObject: boxOf("number"),
  isBooleanObject: boxOf("boolean"),
  isBigIntObject: boxOf("bigint"),
  isSymbolObject: isSymbolBox,
};
