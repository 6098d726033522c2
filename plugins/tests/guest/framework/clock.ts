// Fake timers and Date, by @sinonjs/fake-timers, under the names that Jest and Vitest have for them.
import { type Clock, withGlobal } from "@sinonjs/fake-timers";

export interface FakeClock {
  readonly api: Record<string, unknown>;
  restore(): void;
}

/** Not `queueMicrotask`: faking it stops code that has nothing to do with time. Name it in `toFake` to have it. */
const FAKED = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "Date",
  "performance",
];

interface FakeTimersConfig {
  now?: number | Date;
  toFake?: string[];
  doNotFake?: string[];
  shouldAdvanceTime?: boolean;
  advanceTimers?: boolean | number;
  loopLimit?: number;
  timerLimit?: number;
}

function optionsOf(config: FakeTimersConfig, present: (name: string) => boolean): object {
  const names = (config.toFake ?? FAKED).filter((name) => !(config.doNotFake ?? []).includes(name));
  const { advanceTimers } = config;
  return {
    now: config.now,
    toFake: names.filter(present),
    loopLimit: config.loopLimit ?? config.timerLimit ?? 10_000,
    shouldAdvanceTime: config.shouldAdvanceTime ?? Boolean(advanceTimers),
    ...(typeof advanceTimers === "number" ? { advanceTimeDelta: advanceTimers } : {}),
  };
}

export function fakeTime(): FakeClock {
  const { Date: realDate } = globalThis;
  const factory = withGlobal(globalThis);
  let clock: Clock | undefined;
  const needed = (): Clock => {
    if (clock === undefined) throw new Error("time is real: call useFakeTimers() first");
    return clock;
  };
  const restore = () => {
    clock?.uninstall();
    clock = undefined;
  };
  const millis = (time: number | string | Date | undefined) =>
    time === undefined ? realDate.now() : new realDate(time).getTime();
  const api: Record<string, unknown> = {
    useFakeTimers(config: FakeTimersConfig = {}) {
      restore();
      clock = factory.install(optionsOf(config, (name) => name in globalThis));
      return api;
    },
    useRealTimers() {
      restore();
      return api;
    },
    isFakeTimers: () => clock !== undefined,
    setSystemTime(time?: number | string | Date) {
      // Vitest allows it without fake timers: then only Date is faked.
      if (clock === undefined) clock = factory.install({ toFake: ["Date"] });
      needed().setSystemTime(millis(time));
      return api;
    },
    getMockedSystemTime: () => (clock === undefined ? null : new realDate(clock.now)),
    getRealSystemTime: () => realDate.now(),
    now: () => clock?.now ?? realDate.now(),
    getTimerCount: () => needed().countTimers(),
    clearAllTimers: () => needed().reset(),
    advanceTimersByTime: (ms: number) => void needed().tick(ms),
    advanceTimersByTimeAsync: async (ms: number) => void (await needed().tickAsync(ms)),
    advanceTimersToNextTimer(steps = 1) {
      for (let i = 0; i < steps; i++) needed().next();
    },
    async advanceTimersToNextTimerAsync(steps = 1) {
      for (let i = 0; i < steps; i++) await needed().nextAsync();
    },
    runAllTimers: () => void needed().runAll(),
    runAllTimersAsync: async () => void (await needed().runAllAsync()),
    runOnlyPendingTimers: () => void needed().runToLast(),
    runOnlyPendingTimersAsync: async () => void (await needed().runToLastAsync()),
    runAllTicks: () => void needed().runMicrotasks(),
  };
  // What returns the object of time chains with everything else of `vi` once it is part of it.
  return { api, restore };
}
