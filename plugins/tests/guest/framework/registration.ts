// describe, test and the hooks: what a test file calls while it loads.
import { type Callback, type ContextVariable, type Lent, add } from "./lent";
import { rowsOf } from "./titles";
import { type Flags, type HookKind, type Mode, type Settings, Suite, Test } from "./tree";

type Chain = Record<string, unknown> & Callback;

const PLAIN: Flags = { mode: "run", concurrent: undefined, failing: false };
const MODIFIERS: Record<string, Partial<Flags>> = {
  skip: { mode: "skip" },
  only: { mode: "only" },
  todo: { mode: "todo" },
  concurrent: { concurrent: true },
  sequential: { concurrent: false },
  failing: { failing: true },
  fails: { failing: true },
};
const NAME_LENGTH = 2000;

function nameOf(kind: string, name: unknown): string {
  const text = typeof name === "function" ? name.name : typeof name === "number" ? `${name}` : name;
  if (typeof text !== "string")
    throw new TypeError(
      `${kind}(): the name must be a string, a number, a function or a class, not ${text === null ? "null" : typeof text}`,
    );
  return text.length > NAME_LENGTH ? `${text.slice(0, NAME_LENGTH)}…` : text;
}

function count(kind: string, what: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || Number.isNaN(value) || value < 0)
    throw new TypeError(`${kind}: ${what} must be a number that is not negative`);
  return value;
}

function settingsOf(kind: string, value: unknown): Settings {
  if (typeof value === "number") return { timeout: count(kind, "the timeout", value) };
  if (value === undefined || value === null) return {};
  if (typeof value !== "object") throw new TypeError(`${kind}: options must be an object or a timeout in milliseconds`);
  const bag = value as Record<string, unknown>;
  return { timeout: count(kind, "timeout", bag.timeout), retry: count(kind, "retry", bag.retry) };
}

interface Declared {
  readonly name: string;
  readonly fn: Callback | undefined;
  readonly settings: Settings;
}

/** `(name, fn, timeout | options)` or `(name, options, fn)`. */
function declared(kind: string, args: unknown[]): Declared {
  const name = nameOf(kind, args[0]);
  const optionsFirst = typeof args[1] !== "function" && typeof args[2] === "function";
  const fn = optionsFirst ? args[2] : args[1];
  if (fn !== undefined && typeof fn !== "function") throw new TypeError(`${kind}('${name}'): the body must be a function`);
  return { name, fn: fn as Callback | undefined, settings: settingsOf(`${kind}('${name}')`, optionsFirst ? args[1] : args[2]) };
}

export class Registry {
  root: Suite = new Suite(0, "", undefined, PLAIN, {});
  /** Bodies of `describe` that are asynchronous. */
  loading: unknown[] = [];
  #current: ContextVariable<Suite>;
  #open = false;
  #ids = 0;
  #tests = 0;

  constructor(
    private readonly lent: Lent,
    private readonly running: () => string | undefined,
  ) {
    this.#current = lent.variable<Suite>();
  }

  /** Empty again. The functions that test files have stay the same, also where they were imported. */
  open(): void {
    this.root = new Suite(0, "", undefined, PLAIN, {});
    this.loading = [];
    // Code of an earlier file that still runs must not find its way into this one.
    this.#current = this.lent.variable<Suite>();
    this.#ids = 0;
    this.#tests = 0;
    this.#open = true;
  }
  close(): void {
    this.#open = false;
  }
  get testCount(): number {
    return this.#tests;
  }

  #suite(what: string): Suite {
    const inside = this.running();
    if (inside !== undefined)
      throw new Error(`${what} was called inside the test '${inside}': tests, suites and hooks are registered outside of tests`);
    if (!this.#open)
      throw new Error(`${what} was called after the test file had loaded: register tests, suites and hooks while it loads`);
    return this.#current.get() ?? this.root;
  }

  #addTest(what: string, flags: Flags, { name, fn, settings }: Declared, args: unknown[] | undefined): void {
    const parent = this.#suite(`${what}('${name}')`);
    if (fn === undefined && flags.mode !== "todo")
      throw new TypeError(`${what}('${name}') has no function; test.todo('${name}') says that it is still to be written`);
    if (++this.#tests > this.lent.limits.maxTests)
      throw new RangeError(`more than ${this.lent.limits.maxTests} tests are registered`);
    const body =
      args === undefined || fn === undefined ? fn : (context: unknown) => Reflect.apply(fn, undefined, [...args, context]);
    new Test(++this.#ids, name, parent, inherit(parent, flags), settings, body);
  }

  #addSuite(what: string, flags: Flags, { name, fn, settings }: Declared, args: unknown[] | undefined): void {
    const parent = this.#suite(`${what}('${name}')`);
    const suite = new Suite(++this.#ids, name, parent, inherit(parent, flags), settings);
    if (fn === undefined) {
      if (flags.mode !== "todo" && flags.mode !== "skip") throw new TypeError(`${what}('${name}') has no function`);
      return;
    }
    const result = this.#current.run(suite, () => Reflect.apply(fn, undefined, args ?? []));
    if (result !== null && typeof result === "object" && typeof (result as { then?: unknown }).then === "function")
      add(this.loading, result);
  }

  /** `test`, `describe` and everything that can be chained to them. */
  api(what: "test" | "describe", flags: Flags = PLAIN): Chain {
    const register = (args: Declared, row?: unknown[]) =>
      what === "test" ? this.#addTest(what, flags, args, row) : this.#addSuite(what, flags, args, row);
    const chain = ((...args: unknown[]) => register(declared(what, args))) as Chain;
    const each =
      (table: unknown, ...values: unknown[]) =>
      (...args: unknown[]) => {
        const base = declared(`${what}.each`, args);
        const rows = rowsOf(this.lent.sdk, table, values, base.name);
        for (let i = 0; i < rows.length; i++) {
          const row = rows[i] as (typeof rows)[number];
          register({ ...base, name: nameOf(what, row.title) }, row.args);
        }
      };
    define(chain, "each", () => each);
    define(chain, "skipIf", () => (condition: unknown) => (condition ? this.api(what, { ...flags, mode: "skip" }) : chain));
    define(chain, "runIf", () => (condition: unknown) => (condition ? chain : this.api(what, { ...flags, mode: "skip" })));
    for (const name of Object.keys(MODIFIERS)) {
      if (what === "describe" && (name === "failing" || name === "fails")) continue;
      // Made when asked for: the chain has no end.
      define(chain, name, () => this.api(what, { ...flags, ...MODIFIERS[name] }));
    }
    return chain;
  }

  hook(kind: HookKind): Callback {
    return (fn: unknown, timeout?: unknown) => {
      const suite = this.#suite(`${kind}()`);
      if (typeof fn !== "function") throw new TypeError(`${kind}() needs a function`);
      add(suite.hooks[kind], { fn: fn as Callback, timeout: settingsOf(kind, timeout).timeout });
    };
  }
}

function define(target: object, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, { get, configurable: true });
}

/** What a suite says holds for what it contains; `only` is decided later, over the whole tree. */
function inherit(parent: Suite, flags: Flags): Flags {
  const mode: Mode = parent.flags.mode === "skip" || parent.flags.mode === "todo" ? parent.flags.mode : flags.mode;
  return { ...flags, mode, concurrent: flags.concurrent ?? parent.flags.concurrent };
}
