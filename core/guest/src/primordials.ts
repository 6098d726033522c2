// Built-ins captured before any guest code runs. Guest code may replace every property of every prototype; whatever
// the kernel calls goes through these uncurried copies, so a patched `Array.prototype.push` neither breaks nor observes
// it. Three habits keep that true elsewhere: no method calls on built-in objects, no iteration protocol (`for…of`,
// spread, array destructuring), and no reading of absent properties of ordinary objects.

const { bind, call } = globalThis.Function.prototype;

/** `uncurry(Array.prototype.push)(array, value)`; `bind` and `call` themselves are captured. */
export const uncurry = bind.bind(call) as <T, A extends unknown[], R>(
  fn: (this: T, ...args: A) => R,
) => (self: T, ...args: A) => R;

// biome-ignore lint/suspicious/noExplicitAny: the one loosely typed door
type Any = any;

export const global: Any = globalThis;
export const root: Record<PropertyKey, unknown> = globalThis as Any;

export const {
  Array,
  ArrayBuffer,
  BigInt,
  Boolean,
  DataView,
  Date,
  Error,
  EvalError,
  AggregateError,
  FinalizationRegistry,
  Function,
  Map,
  Number,
  Object,
  Promise,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URIError,
  Uint8Array,
  WeakMap,
  WeakRef,
  WeakSet,
} = globalThis;
/** Absent on engines started without shared memory. */
export const SharedArrayBuffer: SharedArrayBufferConstructor | undefined = global.SharedArrayBuffer;

export const {
  apply,
  construct,
  defineProperty,
  deleteProperty,
  getPrototypeOf,
  setPrototypeOf,
  ownKeys,
  getOwnPropertyDescriptor,
} = Reflect;
export const { create, freeze, keys, is } = Object;
export const hasOwn: (o: object, key: PropertyKey) => boolean = Object.hasOwn;
export const { isArray } = Array;
export const { parse: jsonParse, stringify: jsonStringify } = JSON as {
  parse(text: string): Any;
  stringify(value: string): string;
};
export const { floor, trunc, min, max } = Math;
export const dateNow = Date.now;
export const { fromCharCode } = String;
export const isInteger = Number.isInteger;
export const random = Math.random;
export const isFinite = Number.isFinite;

const accessor = (proto: object, key: PropertyKey): (() => Any) => getOwnPropertyDescriptor(proto, key)?.get as () => Any;
/** An uncurried getter: `getter(Map.prototype, "size")(map)`. Throws a TypeError when the receiver is of another kind. */
export const getter = (proto: object, key: PropertyKey) => uncurry<Any, [], Any>(accessor(proto, key));

export const symbolFor: (key: string) => symbol = Symbol.for;
export const asyncIteratorSymbol: typeof Symbol.asyncIterator = Symbol.asyncIterator;
export const iteratorSymbol: typeof Symbol.iterator = Symbol.iterator;
export const toStringTagSymbol: typeof Symbol.toStringTag = Symbol.toStringTag;
export const speciesSymbol: typeof Symbol.species = Symbol.species;

export const isPrototypeOf = uncurry<object, [unknown], boolean>(Object.prototype.isPrototypeOf as Any);
export const objectToString = uncurry<unknown, [], string>(Object.prototype.toString);
export const functionToString = uncurry(Function.prototype.toString);

export const stringIndexOf = uncurry(String.prototype.indexOf);
export const stringLastIndexOf = uncurry(String.prototype.lastIndexOf);
export const stringIncludes = uncurry(String.prototype.includes as (this: string, part: string) => boolean);
export const stringSlice = uncurry(String.prototype.slice);
export const stringStartsWith = uncurry(String.prototype.startsWith);
export const stringCharCodeAt = uncurry(String.prototype.charCodeAt);
export const stringToLowerCase = uncurry(String.prototype.toLowerCase);
export const stringRepeat = uncurry(String.prototype.repeat);
export const stringToWellFormed = uncurry<string, [], string>((String.prototype as Any).toWellFormed);
export const stringTrim = uncurry(String.prototype.trim);
export const stringValueOf = uncurry<Any, [], string>(String.prototype.valueOf);
export const numberValueOf = uncurry<Any, [], number>(Number.prototype.valueOf);
export const booleanValueOf = uncurry<Any, [], boolean>(Boolean.prototype.valueOf);
export const bigintValueOf = uncurry<Any, [], bigint>(BigInt.prototype.valueOf);
export const symbolValueOf = uncurry<Any, [], symbol>(Symbol.prototype.valueOf);
export const symbolToString = uncurry<symbol, [], string>(Symbol.prototype.toString);
export const bigintToString = uncurry<bigint, [number], string>(BigInt.prototype.toString as Any);
export const numberToString = uncurry<number, [number], string>(Number.prototype.toString as Any);

export const dateGetTime = uncurry<Any, [], number>(Date.prototype.getTime);
export const dateToISOString = uncurry<Any, [], string>(Date.prototype.toISOString);
export const regExpSource = getter(RegExp.prototype, "source");
export const regExpFlags = getter(RegExp.prototype, "flags");
export const regExpExec = uncurry(RegExp.prototype.exec);
export const errorToString = uncurry<object, [], string>(Error.prototype.toString);
/** V8's own; absent nowhere that this bundle runs. */
export const captureStackTrace = (global.Error as Any).captureStackTrace as (target: object, above?: unknown) => void;

export const mapGet = uncurry<Any, [unknown], Any>(Map.prototype.get);
export const mapSet = uncurry<Any, [unknown, unknown], unknown>(Map.prototype.set);
export const mapHas = uncurry<Any, [unknown], boolean>(Map.prototype.has);
export const mapDelete = uncurry<Any, [unknown], boolean>(Map.prototype.delete);
export const mapClear = uncurry<Any, [], void>(Map.prototype.clear);
export const mapForEach = uncurry<Any, [(value: Any, key: Any) => void], void>(Map.prototype.forEach);
export const mapSize = getter(Map.prototype, "size");
export const setAdd = uncurry<Any, [unknown], unknown>(Set.prototype.add);
export const setHas = uncurry<Any, [unknown], boolean>(Set.prototype.has);
export const setDelete = uncurry<Any, [unknown], boolean>(Set.prototype.delete);
export const setForEach = uncurry<Any, [(value: Any) => void], void>(Set.prototype.forEach);
export const setSize = getter(Set.prototype, "size");
export const weakMapGet = uncurry<Any, [object], Any>(WeakMap.prototype.get);
export const weakMapSet = uncurry<Any, [object, unknown], unknown>(WeakMap.prototype.set);
export const weakMapHas = uncurry<Any, [object], boolean>(WeakMap.prototype.has);
export const weakMapDelete = uncurry<Any, [object], boolean>(WeakMap.prototype.delete);
export const weakRefDeref = uncurry<Any, [], Any>(WeakRef.prototype.deref);
export const registryRegister = uncurry<Any, [object, unknown, object?], void>(FinalizationRegistry.prototype.register);
export const registryUnregister = uncurry<Any, [object], boolean>(FinalizationRegistry.prototype.unregister);

export const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object;
/** `undefined` for anything that is not a typed array; never throws. */
export const typedArrayKind = getter(typedArrayPrototype, toStringTagSymbol) as (value: unknown) => string | undefined;
export const typedArrayBuffer = getter(typedArrayPrototype, "buffer");
export const typedArrayOffset = getter(typedArrayPrototype, "byteOffset");
export const typedArrayByteLength = getter(typedArrayPrototype, "byteLength");
export const typedArrayLength = getter(typedArrayPrototype, "length");
export const typedArraySubarray = uncurry<Any, [number, number], Uint8Array<ArrayBuffer>>(Uint8Array.prototype.subarray as Any);
export const typedArraySet = uncurry<Any, [ArrayLike<number>, number?], void>(Uint8Array.prototype.set);
export const dataViewBuffer = getter(DataView.prototype, "buffer");
export const dataViewOffset = getter(DataView.prototype, "byteOffset");
export const dataViewByteLength = getter(DataView.prototype, "byteLength");
export const arrayBufferByteLength = getter(ArrayBuffer.prototype, "byteLength");
export const arrayBufferMaxByteLength = getter(ArrayBuffer.prototype, "maxByteLength");
export const arrayBufferResizable = getter(ArrayBuffer.prototype, "resizable");
export const arrayBufferDetached = getter(ArrayBuffer.prototype, "detached");
export const arrayBufferTransfer = uncurry<Any, [], ArrayBuffer>((ArrayBuffer.prototype as Any).transfer);
export const sharedByteLength = SharedArrayBuffer && getter(SharedArrayBuffer.prototype, "byteLength");

export const promiseThen = uncurry<Any, [Any, Any], Promise<unknown>>(Promise.prototype.then);

const prototypeOf = (value: unknown) => getPrototypeOf(value as object) as Any;
export const asyncFunctionPrototype: object = prototypeOf(async () => {});
export const generatorFunctionPrototype: object = prototypeOf(function* () {});
export const asyncGeneratorFunctionPrototype: object = prototypeOf(async function* () {});
export const iteratorPrototype: object = prototypeOf((generatorFunctionPrototype as Any).prototype);
export const asyncIteratorPrototype: object = prototypeOf((asyncGeneratorFunctionPrototype as Any).prototype);
export const mapIteratorPrototype: object = prototypeOf(new Map().entries());
export const setIteratorPrototype: object = prototypeOf(new Set().values());
