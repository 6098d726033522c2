// What Web IDL asks of an interface object, so that each class only says what is its own.
import { markOpaque } from "../codec/kinds";
import {
  apply,
  Error,
  isPrototypeOf,
  defineProperty,
  getOwnPropertyDescriptor,
  iteratorSymbol,
  keys,
  ownKeys,
  root,
  TypeError,
  toStringTagSymbol,
} from "../primordials";

export const enum Flags {
  none = 0,
  writable = 1,
  enumerable = 2,
  configurable = 4,
  /** How built-ins are: writable, configurable, not enumerable. */
  builtin = 5,
  all = 7,
}

/** Defines a data property; the descriptor has no prototype that guest code could pollute. */
export function define(target: object, key: PropertyKey, value: unknown, flags: Flags = Flags.builtin): void {
  defineProperty(target, key, {
    __proto__: null,
    value,
    writable: (flags & Flags.writable) !== 0,
    enumerable: (flags & Flags.enumerable) !== 0,
    configurable: (flags & Flags.configurable) !== 0,
  } as PropertyDescriptor);
}

export function tag(prototype: object, name: string): void {
  define(prototype, toStringTagSymbol, name, Flags.configurable);
}

export interface InterfaceObject {
  readonly prototype: object;
  readonly name: string;
}

/** Members become enumerable, the prototype gets its tag, and the constructor its global. */
export function exposeInterface(constructor: InterfaceObject, name: string, constants: Record<string, number> = {}): void {
  shapeInterface(constructor, name, constants);
  define(root, name, constructor);
}

/** The same without the global. */
export function shapeInterface(constructor: InterfaceObject, name: string, constants: Record<string, number> = {}): void {
  enumerateMembers(constructor.prototype);
  enumerateMembers(constructor);
  // A platform object has no value that could be copied, except the one interface that is an error.
  if (!isPrototypeOf(Error.prototype, constructor.prototype)) markOpaque(constructor.prototype);
  tag(constructor.prototype, name);
  define(constructor, "name", name, Flags.configurable);
  const names = keys(constants);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    define(constructor, key, constants[key], Flags.enumerable);
    define(constructor.prototype, key, constants[key], Flags.enumerable);
  }
}

/** What every function has. */
const isOfFunctions = (key: string): boolean => key === "prototype" || key === "length" || key === "name";

function enumerateMembers(target: object): void {
  const isFunction = typeof target === "function";
  const names = ownKeys(target);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as PropertyKey;
    if (typeof key !== "string" || (isFunction ? isOfFunctions(key) : key === "constructor")) continue;
    const descriptor = getOwnPropertyDescriptor(target, key);
    if (descriptor?.configurable) defineProperty(target, key, { ...descriptor, enumerable: true });
  }
}

export function illegal(): never {
  throw new TypeError("Illegal invocation");
}

export function requireArguments(count: number, needed: number, where: string): void {
  if (count >= needed) return;
  const noun = needed === 1 ? "argument" : "arguments";
  throw new TypeError(`${where}: ${needed} ${noun} required, but only ${count} present.`);
}

/** A Web IDL sequence argument, for one `for…of`: its iterator is asked for once. `undefined` when it is none. */
export function sequence(value: unknown): Iterable<unknown> | undefined {
  const method = isObject(value) ? (value as Iterable<unknown>)[iteratorSymbol] : undefined;
  if (typeof method !== "function") return undefined;
  return { __proto__: null, [iteratorSymbol]: () => apply(method, value, []) } as Iterable<unknown>;
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** A Web IDL dictionary argument: an object, or nothing. */
export function dictionary(value: unknown, where: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeError(`${where}: the options must be an object.`);
  return value as Record<string, unknown>;
}
