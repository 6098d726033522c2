// AsyncContext.Variable and AsyncContext.Snapshot on V8's continuation-preserved data. V8 carries one value through
// every promise reaction; ours is an immutable table of variables. `undefined` is the empty table.
import { append, type List, list } from "../collections";
import { getContinuation, setContinuation } from "../native";
import { apply, hasOwn, root, TypeError } from "../primordials";
import { currentLife } from "../rpc/life";
import { define, Flags, tag } from "./idl";

export type Context = Mapping | undefined;

class Mapping {
  /** The client's request on whose behalf code runs; 0 = none. Inherited, as the variables are. */
  readonly request: number;
  /** The owner of a session whose request that is: the next one counts anew. */
  readonly life: number;
  readonly names: List<object> = list();
  readonly values: List<unknown> = list();

  constructor(request: number, life: number) {
    this.request = request;
    this.life = life;
  }
}

/** The empty table, marked as work for a request of the client. */
export const requestContext = (request: number): Context => new Mapping(request, currentLife());

/** The request on whose behalf code runs now; 0 = none. */
export function currentRequest(): number {
  const context = getContinuation() as Context;
  return context !== undefined && context.life === currentLife() ? context.request : 0;
}

/** The context in which code runs now; opaque, to be given back to {@link runIn}. */
export function currentContext(): Context {
  return getContinuation() as Context;
}

export function runIn(context: Context, fn: unknown, self: unknown, args: ArrayLike<unknown>): unknown {
  const before = getContinuation();
  if (before === context) return apply(fn as () => unknown, self, args);
  setContinuation(context);
  try {
    return apply(fn as () => unknown, self, args);
  } finally {
    setContinuation(before);
  }
}

/** Sets a variable for the rest of this task, and for all that comes of it: what Node calls `enterWith`. */
export function enterContext(variable: object, value: unknown): void {
  setContinuation(withValue(currentContext(), variable, value));
}

/** A turn begins: a turn that was terminated half-way may have left its context behind. */
export function resetContext(): void {
  setContinuation(undefined);
}

function withValue(context: Context, variable: object, value: unknown): Mapping {
  const next = new Mapping(context === undefined ? 0 : context.request, context === undefined ? 0 : context.life);
  append(next.names, variable);
  append(next.values, value);
  if (context === undefined) return next;
  for (let i = 0; i < context.names.length; i++) {
    if (context.names[i] === variable) continue;
    append(next.names, context.names[i] as object);
    append(next.values, context.values[i]);
  }
  return next;
}

function callable(fn: unknown): void {
  if (typeof fn !== "function") throw new TypeError("The callback must be a function");
}

class Variable {
  readonly #name: string = "";
  readonly #defaultValue: unknown = undefined;

  constructor(options?: { name?: string; defaultValue?: unknown }) {
    if (options === undefined || options === null) return;
    if (options.name !== undefined) this.#name = `${options.name}`;
    this.#defaultValue = options.defaultValue;
  }
  get name(): string {
    return this.#name;
  }
  get(): unknown {
    const fallback = this.#defaultValue;
    const context = currentContext();
    if (context === undefined) return fallback;
    for (let i = 0; i < context.names.length; i++) if (context.names[i] === this) return context.values[i];
    return fallback;
  }
  run(value: unknown, fn: unknown, ...args: unknown[]): unknown {
    this.#name; // brand check before anything runs
    callable(fn);
    return runIn(withValue(currentContext(), this, value), fn, undefined, args);
  }
}

class Snapshot {
  readonly #context: Context = currentContext();

  run(fn: unknown, ...args: unknown[]): unknown {
    const context = this.#context;
    callable(fn);
    return runIn(context, fn, undefined, args);
  }
  static wrap(fn: unknown): unknown {
    callable(fn);
    return bindContext(fn as (...args: unknown[]) => unknown);
  }
}

/** `fn`, always called in the context of this moment; `this` and arguments pass through. */
export function bindContext<F extends (...args: never[]) => unknown>(fn: F): F {
  const context = currentContext();
  const bound = function (this: unknown, ...args: unknown[]) {
    return runIn(context, fn, this, args);
  };
  const length = hasOwn(fn, "length") && typeof fn.length === "number" ? fn.length : 0;
  const name = typeof fn.name === "string" ? fn.name : "";
  define(bound, "length", length, Flags.configurable);
  define(bound, "name", `wrapped ${name}`, Flags.configurable);
  return bound as unknown as F;
}

export function installAsyncContext(): void {
  tag(Variable.prototype, "AsyncContext.Variable");
  tag(Snapshot.prototype, "AsyncContext.Snapshot");
  const namespace = {};
  define(namespace, "Variable", Variable);
  define(namespace, "Snapshot", Snapshot);
  tag(namespace, "AsyncContext");
  define(root, "AsyncContext", namespace);
}
