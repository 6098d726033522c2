// One piece of test code with its time limit.
import type { Lent } from "./lent";

export class StageTimeout extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} took longer than ${milliseconds} ms: raise its timeout (the last argument, in milliseconds), or await less`);
    this.name = "TimeoutError";
    // Where the framework was says nothing.
    this.stack = `${this.name}: ${this.message}`;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null &&
  (typeof value === "object" || typeof value === "function") &&
  typeof (value as { then?: unknown }).then === "function";

/** Calls `fn` and waits for what it returns, at most `milliseconds`. Rejects with what it throws, or with a `StageTimeout`. */
export async function within(lent: Lent, what: string, milliseconds: number | undefined, fn: () => unknown): Promise<unknown> {
  const started = lent.sdk.primordials.monotonic();
  const result = fn();
  if (!isThenable(result)) {
    if (milliseconds !== undefined && lent.sdk.primordials.monotonic() - started > milliseconds)
      throw new StageTimeout(what, milliseconds);
    return result;
  }
  if (milliseconds === undefined) return result;
  // `await`, because returning a promise would call a `then` that test code may have replaced.
  return await new Promise((resolve, reject) => {
    const timer = lent.timers.setTimeout(() => reject(new StageTimeout(what, milliseconds)), milliseconds);
    const settle = (finish: (value: unknown) => void) => (value: unknown) => {
      lent.timers.clearTimeout(timer);
      finish(value);
    };
    lent.sdk.primordials.settleWith(result, settle(resolve), settle(reject));
  });
}
