// Subscribing to promises that guest code may have tampered with.
import { apply, deleteProperty, hasOwn, isPrototypeOf, Promise, promiseThen } from "./primordials";
import { define, Flags } from "./web/idl";

const promisePrototype = Promise.prototype as object;

export function looksLikePromise(value: object): boolean {
  return isPrototypeOf(promisePrototype, value);
}

/**
 * Calls back when a native promise settles. `then` asks the promise for its species through `constructor`, a property
 * that guest code can replace; an own `constructor` of `undefined` makes V8 use the intrinsic one.
 */
export function subscribe(promise: object, onValue: (value: unknown) => void, onError?: (reason: unknown) => void): void {
  let masked = false;
  try {
    if (!hasOwn(promise, "constructor")) {
      define(promise, "constructor", undefined, Flags.configurable);
      masked = true;
    }
  } catch {
    // Frozen: its species constructor is then guest code's own, which only ever sees our return value, undefined.
  }
  try {
    promiseThen(promise, onValue, onError);
  } finally {
    if (masked) deleteProperty(promise, "constructor");
  }
}

/**
 * Calls back with the outcome of anything a function may return: at once for a plain value, later for a promise or a
 * thenable. Throws only what a callback throws.
 */
export function settleWith(value: unknown, onValue: (value: unknown) => void, onError: (reason: unknown) => void): void {
  if (typeof value !== "object" || value === null) return onValue(value);
  let then: unknown;
  try {
    if (looksLikePromise(value)) return subscribe(value, onValue, onError);
    then = (value as { then?: unknown }).then;
  } catch (error) {
    return onError(error);
  }
  if (typeof then !== "function") return onValue(value);
  // The constructor settles once and turns a throwing `then` into a rejection.
  const adopted = new Promise((resolve, reject) => apply(then as () => void, value, [resolve, reject]));
  subscribe(adopted, onValue, onError);
}
