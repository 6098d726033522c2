// on, once, off, and waiting for events with predicates that run here.
import { TargetClosedError, TimeoutError } from "./errors";
import type { Listener } from "./lent";
import { type Hub, type Info, infoOf, type Remote } from "./remote";

export const DEFAULT_TIMEOUT = 30_000;

type Methods = Record<string, (this: Remote, ...args: never[]) => unknown>;

export function eventMethods(hub: Hub): Methods {
  function on(this: Remote, event: string, listener: Listener): Remote {
    hub.subscribe(this, event, checked(listener));
    return this;
  }
  function off(this: Remote, event: string, listener: Listener): Remote {
    hub.unsubscribe(this, event, listener);
    return this;
  }
  return {
    on,
    addListener: on,
    off,
    removeListener: off,
    prependListener(this: Remote, event: string, listener: Listener): Remote {
      hub.subscribe(this, event, checked(listener), true);
      return this;
    },
    once(this: Remote, event: string, listener: Listener): Remote {
      checked(listener);
      const once = Object.assign(
        (...args: unknown[]) => {
          stop();
          return listener(...args);
        },
        { listener },
      );
      const stop = hub.subscribe(this, event, once);
      return this;
    },
    removeAllListeners(this: Remote, event?: string): Remote {
      const { listeners } = infoOf(this);
      for (const name of event === undefined ? [...listeners.keys()] : [event])
        for (const listener of [...(listeners.get(name) ?? [])]) hub.unsubscribe(this, name, listener);
      return this;
    },
    listenerCount(this: Remote, event: string): number {
      return infoOf(this).listeners.get(event)?.length ?? 0;
    },
  };
}

function checked(listener: Listener): Listener {
  if (typeof listener !== "function") throw new TypeError("a listener must be a function");
  return listener;
}

interface Wait {
  readonly event: string;
  readonly predicate?: ((value: never) => unknown) | undefined;
  readonly timeout?: number | undefined;
  /** Named in errors: `page.waitForResponse: … while waiting for response "…"`. */
  readonly method: string;
  readonly what: string;
}

/** How long `self` waits when nobody says: its own setting, that of its page and its context, or Playwright's. */
export function timeoutOf(self: Remote, given: unknown, navigation = false): number {
  if (typeof given === "number") return given;
  for (let holder: Remote | null | undefined = self; holder != null; ) {
    const { own, state }: Info = infoOf(holder);
    const found = (navigation ? own.navigationTimeout : undefined) ?? own.timeout;
    if (typeof found === "number") return found;
    holder = (state.page ?? state.context) as Remote | null | undefined;
  }
  return DEFAULT_TIMEOUT;
}

/** The first event that satisfies the predicate. The page's end, its crash and the timeout end the waiting. */
export function waitFor(hub: Hub, self: Remote, wait: Wait): Promise<unknown> {
  const { setTimeout, clearTimeout } = hub.lent.platform;
  const timeout = timeoutOf(self, wait.timeout);
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    const done = (settle: (value: never) => void, value: unknown): void => {
      for (const end of ends) end();
      settle(value as never);
    };
    const fail = (error: unknown) => done(reject, error);
    ends.push(
      hub.subscribe(self, wait.event, async (value) => {
        try {
          if (wait.predicate === undefined || (await wait.predicate(value as never))) done(resolve, value);
        } catch (error) {
          fail(error);
        }
      }),
    );
    const page = infoOf(self).kind === "Page" ? self : (infoOf(self).state.page as Remote | undefined);
    for (const [subject, event, text] of [
      [page, "close", undefined],
      [page, "crash", `${wait.method}: Page crashed`],
      [self, "close", undefined],
    ] as const) {
      if (subject === undefined || subject === null || (event === wait.event && subject === self)) continue;
      if (!(hub.table.classes[infoOf(subject).kind]?.events ?? []).includes(event)) continue;
      ends.push(
        hub.subscribe(subject, event, () =>
          fail(
            text === undefined
              ? new TargetClosedError(`${wait.method}: Target page, context or browser has been closed`)
              : new Error(text),
          ),
        ),
      );
    }
    if (timeout > 0) {
      const timer = setTimeout(
        () => fail(new TimeoutError(`${wait.method}: Timeout ${timeout}ms exceeded while waiting for ${wait.what}`)),
        timeout,
      );
      ends.push(() => clearTimeout(timer));
    }
  });
}

/** `waitForEvent(event, predicate | {predicate, timeout})`. */
export function readWait(given: unknown): { predicate: ((value: never) => unknown) | undefined; timeout: number | undefined } {
  if (typeof given === "function") return { predicate: given as (value: never) => unknown, timeout: undefined };
  const options = (given ?? {}) as { predicate?: (value: never) => unknown; timeout?: number };
  return { predicate: options.predicate, timeout: options.timeout };
}
