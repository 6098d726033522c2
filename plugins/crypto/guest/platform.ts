// What every file here works with: the captured built-ins, errors, and the worker's native service.
import type { Primordials, Sdk } from "../../../core/guest/types/sdk";

export let p: Primordials;
let sdk: Sdk;
let DOMExceptionClass: new (message: string, name: string) => Error;

/** Called once, before any guest code runs. */
export function lend(given: Sdk): void {
  sdk = given;
  p = given.primordials;
  DOMExceptionClass = p.root.DOMException;
}

/** Throws a DOMException of this name. */
export function fail(name: string, message: string): never {
  throw new DOMExceptionClass(message, name);
}

export function typeError(message: string): never {
  throw new p.TypeError(message);
}

export type Order = { op: string; [name: string]: string | number | boolean | undefined | Record<string, string> };

/** JSON without `JSON.stringify` of an object, which would look for `toJSON` where guest code can put one. */
function text(order: Order | Record<string, string>): string {
  const names: string[] = p.keys(order);
  let result = "";
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = order[name];
    if (value === undefined) continue;
    const shown = typeof value === "string" ? p.jsonStringify(value) : typeof value === "object" ? text(value) : `${value}`;
    result += `${result === "" ? "" : ","}${p.jsonStringify(name)}:${shown}`;
  }
  return `{${result}}`;
}

function answer(order: Order, buffers: (ArrayBuffer | undefined)[]): ArrayBuffer | string {
  const result = sdk.compute(
    text(order),
    buffers[0] as ArrayBuffer,
    buffers[1] as never,
    buffers[2] as never,
    buffers[3] as never,
  );
  if (result === undefined) fail("OperationError", "there is not enough memory for the result");
  if (typeof result !== "string" || p.stringStartsWith(result, "=")) return result;
  const colon: number = p.stringIndexOf(result, ":");
  return fail(p.stringSlice(result, 1, colon), p.stringSlice(result, colon + 1));
}

/** An operation whose result is bytes. */
export function bytes(order: Order, a?: ArrayBuffer, b?: ArrayBuffer, c?: ArrayBuffer, d?: ArrayBuffer): ArrayBuffer {
  return answer(order, [a, b, c, d]) as ArrayBuffer;
}

/** An operation whose result is a value. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of our own making
export function value(order: Order, a?: ArrayBuffer, b?: ArrayBuffer, c?: ArrayBuffer, d?: ArrayBuffer): any {
  return p.jsonParse(p.stringSlice(answer(order, [a, b, c, d]) as string, 1));
}

/** Fresh random bytes. */
export function random(size: number): ArrayBuffer {
  return sdk.random(size) ?? fail("OperationError", "there is not enough memory for the result");
}

/** Private fields land on whatever object the base constructor returns. */
class Returner {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is the point
    return object;
  }
}

/** A mark that only this script can put on an object, and what it stands for. */
export function makeBrand<T>() {
  return class Brand extends Returner {
    readonly #state: T;
    constructor(object: object, state: T) {
      super(object);
      this.#state = state;
    }
    static of(object: unknown): T | undefined {
      return typeof object === "object" && object !== null && #state in object ? object.#state : undefined;
    }
  };
}
