// `mock`, `jest` and `vi`: one object under three names. Functions and spies are Jest's, time is Sinon's.
import { ModuleMocker } from "jest-mock";
import { type FakeClock, fakeTime } from "./clock";
import type { Callback, Lent } from "./lent";

const NO_MODULES =
  "modules cannot be mocked here, because imports are resolved by the host: pass what varies as an argument, spy on an object, or let the host provide another module (modules: virtual)";

export interface Mocks {
  readonly api: Record<string, unknown>;
  /** Everything as it was before the file: spies, globals, time. */
  restore(): void;
}

interface Defaults {
  timeout: number | undefined;
  retry: number;
}

function globals() {
  const before = new Map<PropertyKey, PropertyDescriptor | undefined>();
  return {
    stub(name: PropertyKey, value: unknown): void {
      if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: true, writable: true });
    },
    unstub(): void {
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
      before.clear();
    },
  };
}

async function until(lent: Lent, fn: unknown, options: unknown, accept: (value: unknown) => boolean): Promise<unknown> {
  if (typeof fn !== "function") throw new TypeError("waitFor() and waitUntil() need a function");
  const given = typeof options === "number" ? { timeout: options } : ((options ?? {}) as { timeout?: number; interval?: number });
  const { timeout = 1000, interval = 50 } = given;
  const { monotonic } = lent.sdk.primordials;
  const deadline = monotonic() + timeout;
  for (;;) {
    let problem: unknown = new Error(`the condition did not come true within ${timeout} ms`);
    try {
      const value = await fn();
      if (accept(value)) return value;
    } catch (error) {
      problem = error;
    }
    if (monotonic() + interval > deadline) throw problem;
    await new Promise<void>((resolve) => lent.timers.setTimeout(resolve, interval));
  }
}

export function makeMocks(lent: Lent, defaults: Defaults): Mocks {
  const mocker = new ModuleMocker(globalThis as never);
  const time: FakeClock = fakeTime();
  const stubs = globals();
  const fn = (implementation?: Callback) => mocker.fn(implementation as never);
  const refuse = () => {
    throw new Error(NO_MODULES);
  };
  // Called as a function it makes a mock, as in Bun.
  const api = Object.assign((implementation?: Callback) => fn(implementation), {
    fn,
    spyOn: mocker.spyOn.bind(mocker),
    replaceProperty: mocker.replaceProperty.bind(mocker),
    isMockFunction: mocker.isMockFunction.bind(mocker),
    mocked: (value: unknown) => value,
    clearAllMocks: () => mocker.clearAllMocks(),
    resetAllMocks: () => mocker.resetAllMocks(),
    restoreAllMocks: () => mocker.restoreAllMocks(),
    stubGlobal: (name: PropertyKey, value: unknown) => stubs.stub(name, value),
    unstubAllGlobals: () => stubs.unstub(),
    hoisted: (factory: Callback) => factory(),
    waitFor: (check: unknown, options?: unknown) => until(lent, check, options, () => true),
    waitUntil: (check: unknown, options?: unknown) => until(lent, check, options, Boolean),
    setTimeout: (milliseconds: number) => {
      defaults.timeout = milliseconds;
    },
    retryTimes: (times: number) => {
      defaults.retry = times;
    },
    mock: refuse,
    doMock: refuse,
    unmock: refuse,
    importActual: refuse,
    requireActual: refuse,
    resetModules: refuse,
    ...time.api,
  });
  return {
    api: api as never,
    restore() {
      time.restore();
      stubs.unstub();
      mocker.restoreAllMocks();
      mocker.resetAllMocks();
    },
  };
}
