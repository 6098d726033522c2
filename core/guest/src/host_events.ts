// Events between guest code and the owner of the runtime: `__on(name, callback)` and `__emit(name, payload)`.
import { append, copyOf, type List, list, removeAt, Table } from "./collections";
import { root, TypeError } from "./primordials";
import { reportException } from "./report";
import { note } from "./rpc/requests";
import { setHandler } from "./rpc/serve";
import { type Context, currentContext, runIn } from "./web/async_context";
import { define, requireArguments } from "./web/idl";

interface Subscription {
  callback: (payload: unknown) => unknown;
  context: Context;
}

const subscriptions = new Table<string, List<Subscription>>();

function unsubscribe(name: string, item: Subscription): void {
  const items = subscriptions.get(name);
  if (items === undefined) return;
  for (let i = 0; i < items.length; i++) if (items[i] === item) return removeAt(items, i);
}

function deliver(name: unknown, payload: unknown): void {
  const items = subscriptions.get(`${name}`);
  if (items === undefined) return;
  const snapshot = copyOf(items);
  for (let i = 0; i < snapshot.length; i++) {
    const { callback, context } = snapshot[i] as Subscription;
    try {
      runIn(context, callback, undefined, [payload]);
    } catch (error) {
      reportException(error);
    }
  }
}

const methods = {
  __on(name: unknown, callback: unknown): () => void {
    requireArguments(arguments.length, 2, "__on");
    if (typeof callback !== "function") throw new TypeError("__on: the callback must be a function.");
    const key = `${name}`;
    const item: Subscription = { callback: callback as Subscription["callback"], context: currentContext() };
    let items = subscriptions.get(key);
    if (items === undefined) {
      items = list();
      subscriptions.set(key, items);
    }
    append(items, item);
    return () => unsubscribe(key, item);
  },
  __emit(name: unknown, payload: unknown = null): void {
    requireArguments(arguments.length, 1, "__emit");
    note("events", "emit", [`${name}`, payload]);
  },
};

export function subscriptionCount(): number {
  let count = 0;
  subscriptions.forEach((items) => {
    count += items.length;
  });
  return count;
}

export function installHostEvents(): void {
  define(root, "__on", methods.__on);
  define(root, "__emit", methods.__emit);
  setHandler("events", "emit", deliver as (...args: unknown[]) => unknown, false);
}
