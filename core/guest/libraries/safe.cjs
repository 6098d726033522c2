// Built-ins as they were before guest code ran, for the libraries of the bundle (libraries/primordials.mjs rewrites them to
// ask here). A method call `list.push(x)` becomes `methods.push(list, x)`: where the method would come from a built-in
// prototype, it is the one that was there at the start, whatever guest code has put in its place; methods of the library's
// own classes, and of objects that guest code gave, are called as they are.
"use strict";

const { Array, Map, Object, RegExp, Set, String, TypeError, Uint8Array, WeakMap } = globalThis;
const { apply, getPrototypeOf, ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
const { create, hasOwn } = Object;
const { isArray } = Array;
const { iterator: iteratorSymbol } = Symbol;
const { bind, call } = Function.prototype;
const uncurry = bind.bind(call);
const bound = uncurry(bind);
const weakMapGet = uncurry(WeakMap.prototype.get);
const regExpExec = uncurry(RegExp.prototype.exec);
const regExpGlobal = uncurry(getOwnPropertyDescriptor(RegExp.prototype, "global").get);
const stringSlice = uncurry(String.prototype.slice);

const above = (value) => getPrototypeOf(value);
const GeneratorPrototype = above(above((function* () {})()));
const AsyncGeneratorPrototype = above(above((async function* () {})()));
const iteratorsOf = [[], new Map(), new Set(), ""].map((value) => above(value[iteratorSymbol]()));
const [ArrayIteratorPrototype, MapIteratorPrototype, SetIteratorPrototype] = iteratorsOf;
const constructors = {
  Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, FinalizationRegistry, Function, Map, Number, Object, Promise, RegExp, Set, String,
  Symbol, WeakMap, WeakRef, WeakSet,
};
const typedArrays = {
  BigInt64Array, BigUint64Array, Float32Array, Float64Array, Int16Array, Int32Array, Int8Array, Uint16Array, Uint32Array, Uint8Array, Uint8ClampedArray,
};
const namespaces = { Atomics, JSON, Math, Reflect };
const errors = { AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const functions = { decodeURI, decodeURIComponent, encodeURI, encodeURIComponent, isFinite, isNaN, parseFloat, parseInt, escape, unescape };

/** What libraries find under the names of globals. */
exports.globals = { __proto__: null, ...constructors, ...typedArrays, ...namespaces, ...errors, ...functions, Proxy };

/** Prototype → its methods. */
const tables = new WeakMap();
const prototypes = [
  ...Object.values({ ...constructors, ...typedArrays, ...errors }).map((constructor) => constructor.prototype),
  above(Uint8Array.prototype), GeneratorPrototype, AsyncGeneratorPrototype, above(GeneratorPrototype), above(AsyncGeneratorPrototype), ...iteratorsOf,
];
for (const prototype of prototypes) {
  const table = create(null);
  for (const key of ownKeys(prototype)) {
    const { value } = getOwnPropertyDescriptor(prototype, key);
    if (typeof value === "function" && key !== "constructor") table[key] = value;
  }
  tables.set(prototype, table);
}

/** What `value[name]` was before guest code ran, if it comes from a built-in prototype. */
function original(value, name) {
  if (value === null || value === undefined) return value[name];
  for (let at = typeof value === "object" || typeof value === "function" ? value : above(constructors.Object(value)); at !== null; at = getPrototypeOf(at)) {
    const table = weakMapGet(tables, at);
    if (table === undefined) {
      if (hasOwn(at, name)) return value[name];
    } else if (table[name] !== undefined) return table[name];
  }
  return value[name];
}

const stringTable = tables.get(String.prototype);
const arrayTable = tables.get(Array.prototype);
const isRegExp = (value) => typeof value === "object" && value !== null && original(value, "exec") === RegExpExec;
const RegExpExec = RegExp.prototype.exec;
const RegExpTest = RegExp.prototype.test;

function caller(name) {
  const onString = stringTable[name];
  const onArray = arrayTable[name];
  return (self, ...args) => {
    if (onString !== undefined && typeof self === "string") return apply(onString, self, args);
    if (onArray !== undefined && isArray(self) && getPrototypeOf(self) === Array.prototype && !hasOwn(self, name)) return apply(onArray, self, args);
    return apply(original(self, name), self, args);
  };
}

/** `methods.push(list, x)` */
const methods = create(null);
for (const prototype of prototypes) for (const name of Object.keys(tables.get(prototype))) methods[name] ??= caller(name);
exports.methods = methods;

/** Each match of a regular expression that is not sticky, as `exec` gives them. */
function matches(pattern, text) {
  const found = [];
  const all = regExpGlobal(pattern);
  if (all) pattern.lastIndex = 0;
  for (let match = regExpExec(pattern, text); match !== null; match = all ? regExpExec(pattern, text) : null) {
    defineProperty(found, found.length, { __proto__: null, value: match, writable: true, enumerable: true, configurable: true });
    if (match[0] === "") pattern.lastIndex++;
  }
  return found;
}

function replaced(text, pattern, replacement) {
  let result = "";
  let from = 0;
  const found = matches(pattern, text);
  for (let i = 0; i < found.length; i++) {
    const match = found[i];
    let put;
    if (typeof replacement === "string") put = expanded(replacement, match);
    else {
      const length = match.length;
      defineProperty(match, length, { __proto__: null, value: match.index, writable: true, enumerable: true, configurable: true });
      defineProperty(match, length + 1, { __proto__: null, value: text, writable: true, enumerable: true, configurable: true });
      put = apply(replacement, undefined, match);
    }
    result += stringSlice(text, from, match.index) + put;
    from = match.index + match[0].length;
  }
  return result + stringSlice(text, from);
}

/** `$1`, `$&` and `$$` in the text that replaces a match. */
function expanded(template, match) {
  let result = "";
  for (let i = 0; i < template.length; i++) {
    const next = template[i] === "$" ? template[i + 1] : undefined;
    if (next === "$") result += "$";
    else if (next === "&") result += match[0];
    else if (next >= "1" && next <= "9" && match.length > +next) result += match[next] ?? "";
    else {
      result += template[i];
      continue;
    }
    i++;
  }
  return result;
}

/** What `expanded` knows; more than nine groups, names, and what is beside a match are for the language. */
const plain = (replacement) => typeof replacement === "function" || (typeof replacement === "string" && regExpExec(/\$(\d\d|[<`'])/, replacement) === null);
/** The methods of strings that take a regular expression ask it for `Symbol.replace` and the like, and those for `exec`. */
function withPattern(name, work) {
  const otherwise = methods[name];
  methods[name] = (self, ...args) => (typeof self === "string" && isRegExp(args[0]) && (name !== "replace" || plain(args[1])) ? work(self, args) : apply(otherwise, undefined, listOf(self, args)));
}
function listOf(first, rest) {
  const list = [first];
  for (let i = 0; i < rest.length; i++)
    defineProperty(list, i + 1, { __proto__: null, value: rest[i], writable: true, enumerable: true, configurable: true });
  return list;
}
withPattern("replace", (text, args) => replaced(text, args[0], args[1]));
withPattern("search", (text, args) => {
  const match = regExpExec(args[0], text);
  return match === null ? -1 : match.index;
});
withPattern("match", (text, args) => {
  if (!regExpGlobal(args[0])) return regExpExec(args[0], text);
  const found = matches(args[0], text);
  for (let i = 0; i < found.length; i++) found[i] = found[i][0];
  return found.length === 0 ? null : found;
});
const testOf = methods.test;
methods.test = (self, text) => (original(self, "test") === RegExpTest ? regExpExec(self, text) !== null : testOf(self, text));

/** `statics.Object_keys(x)` for `Object.keys(x)` */
const statics = create(null);
const holders = { ...constructors, ...typedArrays, ...namespaces };
for (const name of Object.keys(holders)) {
  for (const key of ownKeys(holders[name])) {
    const value = getOwnPropertyDescriptor(holders[name], key).value;
    if (typeof key === "string" && typeof value === "function" && key !== "prototype") statics[`${name}_${key}`] = bound(value, holders[name]);
  }
}
// `new Uint8Array([1, 2])` would iterate.
for (const name of Object.keys(typedArrays)) statics[`${name}_of`] = bound(above(Uint8Array).of, typedArrays[name]);
exports.statics = statics;

/** `functions.Array_push` for `Array.prototype.push`, where it is not called */
const ofPrototypes = create(null);
for (const name of Object.keys({ ...constructors, ...typedArrays })) {
  const table = tables.get(name in typedArrays ? above(Uint8Array.prototype) : constructors[name].prototype);
  for (const key of Object.keys(table)) ofPrototypes[`${name}_${key}`] = table[key];
}
exports.functions = ofPrototypes;

// Iteration: `for (x of iterate(list))`, `[...iterate(list)]`.
const nextOf = new Map([
  [ArrayIteratorPrototype, uncurry(ArrayIteratorPrototype.next)], [MapIteratorPrototype, uncurry(MapIteratorPrototype.next)],
  [SetIteratorPrototype, uncurry(SetIteratorPrototype.next)], [iteratorsOf[3], uncurry(iteratorsOf[3].next)],
]);
const mapGet = uncurry(Map.prototype.get);
class Steps {
  constructor(source, next, end) {
    this.next = () => next(source);
    if (end !== undefined) this.return = end;
    this[iteratorSymbol] = () => this;
  }
}
Object.setPrototypeOf(Steps.prototype, null);

function iterate(iterable) {
  const open = original(iterable, iteratorSymbol);
  const source = apply(open, iterable, []);
  if (source === null || typeof source !== "object") throw new TypeError("the result of Symbol.iterator is not an object");
  const own = mapGet(nextOf, getPrototypeOf(source));
  if (own !== undefined) return new Steps(source, own);
  // A generator, or an iterator of guest code.
  const next = original(source, "next");
  const end = () => {
    const close = original(source, "return");
    return close === undefined ? {} : apply(close, source, []);
  };
  return new Steps(source, () => apply(next, source, []), end);
}
exports.iterate = iterate;

/** For array patterns: what has elements by index. */
exports.list = (value) => (isArray(value) ? value : [...iterate(value)]);

const mapSet = uncurry(Map.prototype.set);
const setAdd = uncurry(Set.prototype.add);
exports.newMap = (entries) => {
  const map = new Map();
  if (entries !== null && entries !== undefined) for (const entry of iterate(entries)) mapSet(map, entry[0], entry[1]);
  return map;
};
exports.newSet = (values) => {
  const set = new Set();
  if (values !== null && values !== undefined) for (const value of iterate(values)) setAdd(set, value);
  return set;
};
const arrayFrom = statics.Array_from;
statics.Array_from = (source, ...rest) => {
  const listed = source !== null && source !== undefined && original(source, iteratorSymbol) !== undefined ? [...iterate(source)] : source;
  // An array-like without an iterator is read by index.
  if (!isArray(listed)) return apply(arrayFrom, undefined, listOf(listed, rest));
  const result = [];
  for (let i = 0; i < listed.length; i++) {
    const value = rest[0] === undefined ? listed[i] : apply(rest[0], undefined, [listed[i], i]);
    defineProperty(result, i, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }
  return result;
};
