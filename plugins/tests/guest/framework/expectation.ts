// `expect`: Jest's, with what it lacks around it: soft and polled assertions, messages, and counting for each test by itself.
import { expect as jestExpect } from "expect";
import { add, type Lent } from "./lent";
import { Site } from "./inline_snapshots";
import type { Running, Runnings } from "./running";
import { extraMatchers } from "./matchers";

type Matchers = Record<string, unknown>;
type Matcher = (...args: unknown[]) => unknown;

interface Mode {
  readonly received: unknown;
  readonly soft: boolean;
  readonly message: string | undefined;
  /** `resolves`, `not` … between `expect(…)` and the matcher. */
  readonly path: readonly string[];
}

/** Where Jest keeps its matchers, under a name that it shares with its own snapshot package. */
const registry = (globalThis as unknown as Record<symbol, { matchers: Matchers }>)[Symbol.for("$$jest-matchers-object")] as {
  matchers: Matchers;
};

/** `expect(received)` with one matcher: Jest makes six functions for each that it knows, which would be most of what a small test costs. */
function withMatcher(received: unknown, name: string): Matchers {
  const { matchers } = registry;
  registry.matchers = { [name]: matchers[name] };
  try {
    return jestExpect(received) as Matchers;
  } finally {
    registry.matchers = matchers;
  }
}

const MODIFIERS = ["not", "resolves", "rejects"];

/** Names that Jest has dropped and that much code still uses. */
const ALIASES: Record<string, string> = {
  __proto__: null as never,
  toThrowError: "toThrow",
  toBeCalled: "toHaveBeenCalled",
  toBeCalledTimes: "toHaveBeenCalledTimes",
  toBeCalledWith: "toHaveBeenCalledWith",
  lastCalledWith: "toHaveBeenLastCalledWith",
  nthCalledWith: "toHaveBeenNthCalledWith",
  toReturn: "toHaveReturned",
  toReturnTimes: "toHaveReturnedTimes",
  toReturnWith: "toHaveReturnedWith",
  lastReturnedWith: "toHaveLastReturnedWith",
  nthReturnedWith: "toHaveNthReturnedWith",
};
const NOTHING = Object.freeze(Object.create(null));
const POLL = { interval: 50, timeout: 1000 };

const isPromise = (value: unknown): value is Promise<unknown> =>
  value !== null && typeof value === "object" && typeof (value as { then?: unknown }).then === "function";

/** Completes what a matcher says about its failure: Jest's own matchers tell their name and values only now and then. */
function complete(error: unknown, name: string, args: unknown[], mode: Mode): void {
  if (!(error instanceof Error)) return;
  const holder = error as Error & { matcherResult?: Record<string, unknown> };
  if (holder.matcherResult === undefined) return;
  holder.matcherResult = { expected: args[0], actual: mode.received, ...holder.matcherResult, name };
  if (mode.message === undefined) return;
  const { message } = error;
  error.message = `${mode.message}\n\n${message}`;
  if (typeof error.stack === "string") error.stack = error.stack.replace(message, () => error.message);
}

/** Matchers that other plugins of this runtime bring: the modules that they define under this prefix. */
const EXTENSIONS = "isolate-host:expect/";

function extendByPlugins({ sdk }: Lent): void {
  const names = sdk.moduleNames();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name.startsWith(EXTENSIONS)) jestExpect.extend(sdk.findModule(name) as never);
  }
}

export class Expectations {
  readonly expect: Matcher & Record<string, unknown>;

  constructor(
    private readonly lent: Lent,
    private readonly runnings: Runnings,
  ) {
    jestExpect.extend(extraMatchers as never);
    extendByPlugins(lent);
    this.expect = this.#make();
  }

  #make(): Matcher & Record<string, unknown> {
    const start =
      (soft: boolean) =>
      (received?: unknown, message?: unknown, ...rest: unknown[]) => {
        if (rest.length > 0) throw new TypeError("expect() takes a value and, if you like, a message");
        const mode = { received, soft, message: message === undefined ? undefined : `${message}`, path: [] };
        return this.#wrap(mode);
      };
    const statics = {
      ...(jestExpect as unknown as Record<string, unknown>),
      extend: (matchers: object) => this.#extend(matchers),
      soft: start(true),
      poll: (fn: unknown, options?: Partial<typeof POLL> & { message?: string }) => this.#poll(fn, options ?? {}),
      assertions: (count: unknown) => this.#expectAssertions(count),
      hasAssertions: () => {
        this.#running("expect.hasAssertions()").needsAssertions = true;
      },
      unreachable: (message?: unknown) => {
        throw new Error(message === undefined ? "this line was expected not to be reached" : `${message}`);
      },
    };
    return Object.assign(start(false), statics) as never;
  }

  #extend(matchers: object): void {
    jestExpect.extend(matchers);
    // Each is an asymmetric matcher as well, which Jest puts on its own function. (`expect.not` is one object for both.)
    for (const name of Object.keys(matchers)) this.expect[name] = (jestExpect as unknown as Matchers)[name];
  }

  begin(running: Running, name: string): void {
    jestExpect.setState({ currentTestName: name, assertionCalls: 0 });
    running.assertions = 0;
  }

  #running(what: string): Running {
    const running = this.runnings.current;
    if (running === undefined) throw new Error(`${what} belongs inside a test`);
    return running;
  }
  #expectAssertions(count: unknown): void {
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0)
      throw new TypeError("expect.assertions(n) needs a whole number that is not negative");
    this.#running("expect.assertions()").expectedAssertions = count;
  }

  #wrap(mode: Mode): object {
    return new Proxy(NOTHING, {
      get: (_target, key) => {
        if (typeof key !== "string") return undefined;
        if (MODIFIERS.includes(key)) return this.#wrap({ ...mode, path: [...mode.path, key] });
        const name = ALIASES[key] ?? key;
        return Object.hasOwn(registry.matchers, name) ? (...args: unknown[]) => this.#call(name, args, mode) : undefined;
      },
    });
  }

  #call(name: string, args: unknown[], mode: Mode): unknown {
    const running = this.runnings.current;
    if (running !== undefined) running.assertions++;
    const failed = (error: unknown): undefined => {
      complete(error, name, args, mode);
      if (!mode.soft || running === undefined) throw error;
      running.fail(error);
    };
    try {
      let matchers = withMatcher(mode.received, name);
      for (const part of mode.path) matchers = matchers[part] as Matchers;
      const given = name.endsWith("InlineSnapshot") ? [...args, new Site(`${new Error().stack}`)] : args;
      const result = Reflect.apply(matchers[name] as Matcher, undefined, given);
      return isPromise(result) ? this.#watched(result, running, `expect(…).${[...mode.path, name].join(".")}()`, failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  /** An asynchronous assertion, noted until it has settled. */
  #watched(
    result: Promise<unknown>,
    running: Running | undefined,
    text: string,
    failed: (error: unknown) => unknown,
  ): Promise<unknown> {
    const entry = { text, settled: false };
    if (running !== undefined) add(running.pending, entry);
    const done = () => {
      entry.settled = true;
    };
    return result.then(
      (value) => {
        done();
        return value;
      },
      (error) => {
        done();
        return failed(error);
      },
    );
  }

  #poll(fn: unknown, options: Partial<typeof POLL> & { message?: string }): object {
    if (typeof fn !== "function") throw new TypeError("expect.poll() needs a function");
    const { interval, timeout } = { ...POLL, ...options };
    const make = (negated: boolean): object =>
      new Proxy(Object.create(null), {
        get: (_target, key) => {
          if (key === "not") return make(!negated);
          if (key === "resolves" || key === "rejects") throw new TypeError(`expect.poll() awaits by itself: leave out .${key}`);
          if (typeof key !== "string" || key === "then") return undefined;
          if (key.includes("Snapshot")) throw new TypeError(`expect.poll() cannot be used with ${key}: a snapshot has one value`);
          const name = ALIASES[key] ?? key;
          return (...args: unknown[]) => {
            const running = this.runnings.current;
            if (running !== undefined) running.assertions++;
            const work = this.#attempts(fn as Matcher, name, args, negated, interval, timeout, options.message);
            return this.#watched(work, running, `expect.poll(…).${name}()`, (error) => {
              throw error;
            });
          };
        },
      });
    return make(false);
  }

  async #attempts(
    fn: Matcher,
    name: string,
    args: unknown[],
    negated: boolean,
    interval: number,
    timeout: number,
    message?: string,
  ): Promise<void> {
    const { monotonic } = this.lent.sdk.primordials;
    const deadline = monotonic() + timeout;
    for (;;) {
      let received: unknown;
      try {
        received = await fn();
        if (!Object.hasOwn(registry.matchers, name)) throw new TypeError(`expect.poll(…).${name} is not a matcher`);
        const matchers = withMatcher(received, name);
        const matcher = ((negated ? matchers.not : matchers) as Matchers)[name] as Matcher;
        await Reflect.apply(matcher, undefined, args);
        return;
      } catch (error) {
        if (monotonic() + interval > deadline) {
          complete(error, name, args, {
            received,
            soft: false,
            message: `${message ?? "expect.poll"}: still so after ${timeout} ms`,
            path: [],
          });
          throw error;
        }
      }
      await new Promise<void>((resolve) => this.lent.timers.setTimeout(resolve, interval));
    }
  }
}
