// Deep equality as `assert` and `util.isDeepStrictEqual` understand it.
import { types } from "./types.mjs";

const BOXES = ["isNumberObject", "isStringObject", "isBooleanObject", "isBigIntObject", "isSymbolObject"];
const tagOf = (value) => Object.prototype.toString.call(value);
const isEnumerable = Object.prototype.propertyIsEnumerable;

function keysOf(value, strict) {
  const keys = Object.keys(value);
  if (strict) for (const symbol of Object.getOwnPropertySymbols(value)) if (isEnumerable.call(value, symbol)) keys.push(symbol);
  return keys;
}

function looseEqual(a, b) {
  // biome-ignore lint/suspicious/noDoubleEquals: this is what the legacy comparison is about
  return a == b || (a !== a && b !== b);
}

class Comparison {
  /** Pairs that are being compared: a cycle is equal if everything around it is. */
  #left = new Map();
  #right = new Map();
  constructor(strict) {
    this.strict = strict;
  }

  equal(a, b) {
    if (a === b) return a !== 0 || !this.strict || Object.is(a, b);
    if (this.strict) {
      if (typeof a !== "object") return typeof a === "number" && a !== a && b !== b;
      if (typeof b !== "object" || a === null || b === null) return false;
      if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    } else {
      if (a === null || typeof a !== "object") return (b === null || typeof b !== "object") && looseEqual(a, b);
      if (b === null || typeof b !== "object") return false;
    }
    return this.#objects(a, b);
  }

  #objects(a, b) {
    if (tagOf(a) !== tagOf(b) || Array.isArray(a) !== Array.isArray(b)) return false;
    if (Array.isArray(a))
      return a.length === b.length && this.#properties(a, b, indexless(a, this.strict), indexless(b, this.strict));
    return this.#slots(a, b) && this.#properties(a, b, this.#keys(a), this.#keys(b));
  }

  #keys(value) {
    return ArrayBuffer.isView(value) || types.isStringObject(value) ? indexless(value, this.strict) : keysOf(value, this.strict);
  }

  /** What objects hold besides properties. */
  #slots(a, b) {
    if (types.isDate(a)) return types.isDate(b) && +a === +b;
    if (types.isRegExp(a)) return types.isRegExp(b) && String(a) === String(b) && a.lastIndex === b.lastIndex;
    if (types.isNativeError(a) || a instanceof Error) return this.#errors(a, b);
    if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && this.#views(a, b);
    if (types.isAnyArrayBuffer(a)) return types.isAnyArrayBuffer(b) && sameBytes(new Uint8Array(a), new Uint8Array(b));
    if (types.isBoxedPrimitive(a)) return sameBox(a, b);
    if (types.isPromise(a) || types.isWeakMap(a) || types.isWeakSet(a)) return a === b;
    if (types.isSet(a) !== types.isSet(b) || types.isMap(a) !== types.isMap(b)) return false;
    if (globalThis.URL !== undefined && a instanceof globalThis.URL) return b instanceof globalThis.URL && a.href === b.href;
    return !ArrayBuffer.isView(b) && !types.isAnyArrayBuffer(b) && !types.isBoxedPrimitive(b);
  }

  #errors(a, b) {
    if (!(types.isNativeError(b) || b instanceof Error) || a.message !== b.message || a.name !== b.name) return false;
    return this.equal(a.cause, b.cause) && this.equal(a.errors, b.errors);
  }

  #views(a, b) {
    if (a.byteLength !== b.byteLength) return false;
    const isFloat = types.isFloat32Array(a) || types.isFloat64Array(a);
    if (!isFloat || this.strict) {
      if (isFloat) return a.every((item, i) => Object.is(item, b[i]));
      return sameBytes(
        new Uint8Array(a.buffer, a.byteOffset, a.byteLength),
        new Uint8Array(b.buffer, b.byteOffset, b.byteLength),
      );
    }
    return a.every((item, i) => looseEqual(item, b[i]));
  }

  #properties(a, b, keys, others) {
    if (keys.length !== others.length) return false;
    for (const key of keys) if (!isEnumerable.call(b, key)) return false;
    const known = this.#left.get(a);
    if (known !== undefined && this.#right.get(b) !== undefined) return known === this.#right.get(b);
    const mark = this.#left.size;
    this.#left.set(a, mark);
    this.#right.set(b, mark);
    try {
      return this.#collections(a, b) && keys.every((key) => this.equal(a[key], b[key]));
    } finally {
      this.#left.delete(a);
      this.#right.delete(b);
    }
  }

  #collections(a, b) {
    if (types.isSet(a)) return this.#sets(a, b);
    if (types.isMap(a)) return this.#maps(a, b);
    if (!Array.isArray(a)) return true;
    for (let i = 0; i < a.length; i++) {
      if (Object.hasOwn(a, i) !== Object.hasOwn(b, i)) return false;
      if (!this.equal(a[i], b[i])) return false;
    }
    return true;
  }

  #sets(a, b) {
    if (a.size !== b.size) return false;
    const rest = new Set(b);
    const unmatched = [...a].filter((item) => !rest.delete(item));
    return unmatched.every((item) => {
      for (const other of rest) if (this.equal(item, other)) return rest.delete(other);
      return false;
    });
  }

  #maps(a, b) {
    if (a.size !== b.size) return false;
    const rest = new Map(b);
    const unmatched = [...a].filter(([key, value]) => !(rest.has(key) && this.equal(value, rest.get(key)) && rest.delete(key)));
    return unmatched.every(([key, value]) => {
      for (const [otherKey, other] of rest)
        if (this.equal(key, otherKey) && this.equal(value, other)) return rest.delete(otherKey);
      return false;
    });
  }
}

function indexless(value, strict) {
  return keysOf(value, strict).filter((key) => typeof key === "symbol" || !/^(0|[1-9]\d*)$/.test(key));
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameBox(a, b) {
  const kind = BOXES.find((name) => types[name](a));
  return types[kind](b) && Object.is(a.valueOf(), b.valueOf());
}

export const isDeepStrictEqual = (a, b) => new Comparison(true).equal(a, b);
export const isDeepEqual = (a, b) => new Comparison(false).equal(a, b);
