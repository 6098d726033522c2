// Containers for the kernel's own bookkeeping. Their methods live on prototypes that guest code can never reach.
import {
  defineProperty,
  Map,
  mapClear,
  mapDelete,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  mapSize,
  setPrototypeOf,
} from "./primordials";

/** An array without a prototype: index stores never meet a setter that guest code put on `Array.prototype`. */
export type List<T> = { [index: number]: T; length: number };

export function list<T>(): List<T> {
  return setProto([] as T[]);
}

function setProto<T>(array: T[]): List<T> {
  setPrototypeOf(array, null);
  return array;
}

export function append<T>(target: List<T>, item: T): void {
  target[target.length] = item;
}

/** A real array for guest code, filled without meeting setters on `Array.prototype`. */
export function toArray<T>(source: List<T>): T[] {
  const array: T[] = [];
  for (let i = 0; i < source.length; i++) {
    const descriptor = { __proto__: null, value: source[i], writable: true, enumerable: true, configurable: true };
    defineProperty(array, i, descriptor as PropertyDescriptor);
  }
  return array;
}

/** Removes one index and keeps the order. */
export function removeAt<T>(target: List<T>, index: number): void {
  const last = target.length - 1;
  for (let i = index; i < last; i++) target[i] = target[i + 1] as T;
  target.length = last;
}

/** A copy, for loops during which the original may change. */
export function copyOf<T>(source: List<T>): List<T> {
  const copy = list<T>();
  for (let i = 0; i < source.length; i++) copy[i] = source[i] as T;
  return copy;
}

/** A Map whose methods guest code cannot patch. */
export class Table<K, V> {
  readonly #map = new Map<K, V>();

  get(key: K): V | undefined {
    return mapGet(this.#map, key);
  }
  set(key: K, value: V): void {
    mapSet(this.#map, key, value);
  }
  has(key: K): boolean {
    return mapHas(this.#map, key);
  }
  delete(key: K): boolean {
    return mapDelete(this.#map, key);
  }
  clear(): void {
    mapClear(this.#map);
  }
  forEach(visit: (value: V, key: K) => void): void {
    mapForEach(this.#map, visit);
  }
  get size(): number {
    return mapSize(this.#map);
  }
}

/** First in, first out; amortised constant time, and it lets go of what it handed out. */
export class Queue<T> {
  #items = list<T | undefined>();
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }
  push(item: T): void {
    append(this.#items, item);
  }
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) this.#compact();
    return item;
  }
  clear(): void {
    this.#items = list();
    this.#head = 0;
  }
  #compact(): void {
    const rest = list<T | undefined>();
    for (let i = this.#head; i < this.#items.length; i++) append(rest, this.#items[i]);
    this.#items = rest;
    this.#head = 0;
  }
}
