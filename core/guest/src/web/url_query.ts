// URLSearchParams (URL Standard §6), on whatwg-url's list.
import module, { type QueryImpl } from "whatwg-url/lib/URLSearchParams-impl.js";
import { append, type List, list, toArray } from "../collections";
import { getOwnPropertyDescriptor, iteratorSymbol, ownKeys, stringToWellFormed, TypeError } from "../primordials";
import "./encoding";
import { exposeInterface, illegal, isObject, requireArguments } from "./idl";
import lent from "./lend";
import { pairIterable } from "./pair_iterator";

export const usv = (value: unknown): string => stringToWellFormed(`${value}`);

const token = {};
export let queryOf: (query: object) => QueryImpl;
export let isQuery: (value: object) => boolean;

type Pair = [string, string];

function pairOf(entry: unknown): Pair {
  const parts: List<string> = list();
  if (!isObject(entry)) throw new TypeError("URLSearchParams constructor: an entry is not iterable.");
  // lint: Web IDL asks for the argument's iterator
  for (const part of entry as Iterable<unknown>) append(parts, usv(part));
  if (parts.length !== 2) throw new TypeError("URLSearchParams constructor: an entry is not a pair.");
  return toArray(parts) as unknown as Pair;
}

/** What the constructor was given, as the implementation wants it: a list of pairs, or text. */
function pairsOf(init: unknown): unknown {
  if (!isObject(init)) return usv(init);
  const pairs: List<Pair> = list();
  const iterate = (init as Iterable<unknown>)[iteratorSymbol];
  if (iterate !== undefined && iterate !== null) {
    // lint: Web IDL asks for the argument's iterator
    for (const entry of init as Iterable<unknown>) append(pairs, pairOf(entry));
    return toArray(pairs);
  }
  const names = ownKeys(init);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    if (!getOwnPropertyDescriptor(init, key)?.enumerable) continue;
    setPair(pairs, usv(key), usv((init as Record<string, unknown>)[key]));
  }
  return toArray(pairs);
}

/** Two keys of a record may become one when lone surrogates are replaced: the later value wins. */
function setPair(pairs: List<Pair>, name: string, value: string): void {
  for (let i = 0; i < pairs.length; i++) {
    if (pairs[i]?.[0] === name) {
      pairs[i] = [name, value];
      return;
    }
  }
  append(pairs, [name, value]);
}

export class URLSearchParams {
  readonly #impl: QueryImpl;
  static {
    queryOf = (query) => (#impl in query ? query.#impl : illegal());
    isQuery = (value) => #impl in value;
  }
  constructor(init: unknown = "", key: unknown = undefined) {
    this.#impl = key === token ? (init as QueryImpl) : new module.implementation(undefined, [pairsOf(init)], {});
  }
  get size(): number {
    return queryOf(this).size;
  }
  append(name: unknown, value: unknown): void {
    const impl = queryOf(this);
    requireArguments(arguments.length, 2, "URLSearchParams.append");
    impl.append(usv(name), usv(value));
  }
  delete(name: unknown, value: unknown = undefined): void {
    const impl = queryOf(this);
    requireArguments(arguments.length, 1, "URLSearchParams.delete");
    impl.delete(usv(name), value === undefined ? undefined : usv(value));
  }
  get(name: unknown): string | null {
    const impl = queryOf(this);
    requireArguments(arguments.length, 1, "URLSearchParams.get");
    return impl.get(usv(name));
  }
  getAll(name: unknown): string[] {
    const impl = queryOf(this);
    requireArguments(arguments.length, 1, "URLSearchParams.getAll");
    return impl.getAll(usv(name));
  }
  has(name: unknown, value: unknown = undefined): boolean {
    const impl = queryOf(this);
    requireArguments(arguments.length, 1, "URLSearchParams.has");
    return impl.has(usv(name), value === undefined ? undefined : usv(value));
  }
  set(name: unknown, value: unknown): void {
    const impl = queryOf(this);
    requireArguments(arguments.length, 2, "URLSearchParams.set");
    impl.set(usv(name), usv(value));
  }
  sort(): void {
    queryOf(this).sort();
  }
  toString(): string {
    return queryOf(this).toString();
  }
}

export const queryFrom = (impl: QueryImpl): URLSearchParams => new URLSearchParams(impl, token);

lent.URLSearchParams = URLSearchParams;

export function installURLSearchParams(): void {
  exposeInterface(URLSearchParams, "URLSearchParams");
  pairIterable(URLSearchParams, "URLSearchParams", (owner) => queryOf(owner)._list);
}
