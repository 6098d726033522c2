// Leased references (protocol §3). `owned`: objects of this side that the host may use. `held`: proxies for objects of
// the host, each remembering how often it was received, so that the garbage collector can give all of it back.
import { append, type List, Table } from "../collections";
import {
  FinalizationRegistry,
  jsonStringify,
  ReferenceError,
  registryRegister,
  String,
  WeakMap,
  WeakRef,
  weakMapDelete,
  weakMapGet,
  weakMapSet,
  weakRefDeref,
} from "../primordials";
import { subscribe } from "../promises";
import { type Context, currentContext } from "../web/async_context";
import { define, Flags } from "../web/idl";
import { giveBack } from "./drops";
import { makeIteratorProxy } from "./iterator_proxy";
import { currentLife } from "./life";
import { useReference } from "./requests";

export interface Owned {
  readonly r: number;
  readonly value: object;
  count: number;
  /** Callbacks run in the async context in which they were handed out. */
  readonly context: Context;
  /** The iterator that `next` talks to, once it is asked for. */
  iterator: object | undefined;
}

const owned = new Table<number, Owned>();
const byValue = new WeakMap<object, Owned>();
let lastReference = 0;

/** Writes a reference to `value` and counts the lease. */
export function leaseOut(value: object, kind: "function" | "promise" | "iterator", leases: List<number>): string {
  let entry: Owned | undefined = weakMapGet(byValue, value);
  const context = currentContext();
  if (entry === undefined || entry.context !== context) {
    entry = { r: ++lastReference, value, count: 0, context, iterator: undefined };
    owned.set(entry.r, entry);
    weakMapSet(byValue, value, entry);
    // The host will ask for the outcome: a rejection is not unhandled.
    if (kind === "promise") subscribe(value, ignore, ignore);
  }
  entry.count += 1;
  append(leases, entry.r);
  if (kind === "function") return `{"$":"fn","r":${entry.r},"n":${jsonStringify(nameOf(value))}}`;
  return kind === "promise" ? `{"$":"pr","r":${entry.r}}` : `{"$":"it","r":${entry.r}}`;
}

function ignore(): void {}

function nameOf(fn: object): string {
  const { name } = fn as { name?: unknown };
  return typeof name === "string" ? name : "";
}

/** The host gives back `n` leases; at zero the object is forgotten. */
export function unlease(r: number, n: number): void {
  const entry = owned.get(r);
  if (entry === undefined) return;
  entry.count -= n;
  if (entry.count > 0) return;
  owned.delete(r);
  if (weakMapGet(byValue, entry.value) === entry) weakMapDelete(byValue, entry.value);
}

/** Throws a ReferenceError when the host was late: drops race with uses. */
export function ownedReference(r: number): Owned {
  const entry = owned.get(r);
  if (entry === undefined) throw new ReferenceError(`Reference ${r} was given back`);
  return entry;
}

export function comeHome(r: number): object {
  return ownedReference(r).value;
}

interface Held {
  readonly r: number;
  readonly peer: number;
  /** In which it was leased. */
  readonly life: number;
  count: number;
  proxy: WeakRef<object> | undefined;
}

const held = new Table<number, Held>();
const homes = new WeakMap<object, Held>();
const keyOf = (r: number, peer: number) => r * 2 + peer;

const registry = new FinalizationRegistry<Held>((entry) => {
  const key = keyOf(entry.r, entry.peer);
  if (held.get(key) === entry) held.delete(key);
  if (entry.count > 0) giveBack(entry.peer, entry.r, entry.count);
});

/** The object behind a proxy is finished: its leases go back without waiting for the garbage collector. */
export function releaseProxy(proxy: object): void {
  const entry: Held | undefined = weakMapGet(homes, proxy);
  if (entry === undefined || entry.count === 0) return;
  const key = keyOf(entry.r, entry.peer);
  if (held.get(key) === entry) held.delete(key);
  giveBack(entry.peer, entry.r, entry.count);
  entry.count = 0;
}

/** The node that sends a proxy back to its owner, or `undefined` when the object is not a proxy, or `reader` does not own it. */
export function returnHome(value: object, reader: number | undefined): string | undefined {
  const entry: Held | undefined = weakMapGet(homes, value);
  if (entry !== undefined && reader !== undefined && entry.peer !== reader) return undefined;
  // An owner that has gone cannot get it back: to the next one it is an object of the guest.
  if (entry === undefined || entry.life !== currentLife()) return undefined;
  return entry.peer === 1 ? `{"$":"own","r":${entry.r},"p":1}` : `{"$":"own","r":${entry.r}}`;
}

function receive(r: number, peer: number, make: () => object): object {
  const key = keyOf(r, peer);
  const known = held.get(key);
  const alive = known?.proxy && weakRefDeref(known.proxy);
  if (known !== undefined && alive !== undefined) {
    known.count += 1;
    return alive;
  }
  const proxy = make();
  const entry: Held = { r, peer, life: currentLife(), count: 1, proxy: new WeakRef(proxy) };
  held.set(key, entry);
  weakMapSet(homes, proxy, entry);
  registryRegister(registry, proxy, entry);
  return proxy;
}

export function receiveFunction(r: number, peer: number, name: unknown): object {
  return receive(r, peer, () => {
    const life = currentLife();
    const proxy = (...args: unknown[]) => useReference(r, peer, life, undefined, args);
    define(proxy, "name", String(name ?? ""), Flags.configurable);
    return proxy;
  });
}

export function receiveIterator(r: number, peer: number): object {
  return receive(r, peer, () => makeIteratorProxy(r, peer));
}

/** A promise is awaited at once; its lease ends with the outcome. */
export function receivePromise(r: number, peer: number): object {
  const promise = useReference(r, peer, currentLife(), "await", []);
  const done = () => giveBack(peer, r, 1);
  subscribe(promise, done, done);
  return promise;
}

/** Objects of this side that the host may still use. */
export function ownedReferences(): number {
  return owned.size;
}

/** The owner has gone: nothing that it was leased can be used any more, and nothing of its own is given back. */
export function abandonLeases(): void {
  owned.forEach((entry) => {
    if (weakMapGet(byValue, entry.value) === entry) weakMapDelete(byValue, entry.value);
  });
  owned.clear();
  held.forEach((entry) => {
    entry.count = 0;
  });
  held.clear();
}
