// Errors that nobody caught while tests run: from timers, listeners and promises. They fail the test that runs.
import type { Lent } from "./lent";

interface ErrorLike {
  readonly error?: unknown;
  readonly reason?: unknown;
  preventDefault(): void;
}

/** Listens before any test code does. `take` is called with each error of a run that test code has not taken care of. */
export function watchUncaught(lent: Lent, isRunning: () => boolean, take: (error: unknown) => void): void {
  const { define, subscribe } = lent.sdk.primordials;
  const listen = (key: "error" | "reason") => (event: ErrorLike) => {
    if (!isRunning()) return;
    let handled = false;
    // Ours, so the host need not hear of it as well.
    event.preventDefault();
    // A test that listens for such events, and says that it has handled one, expects it.
    define(event, "preventDefault", () => {
      handled = true;
    });
    const told = Promise.resolve();
    subscribe(told, () => {
      if (!handled) take(event[key]);
    });
  };
  const target = globalThis as unknown as { addEventListener(type: string, listener: (event: ErrorLike) => void): void };
  target.addEventListener("error", listen("error"));
  target.addEventListener("unhandledrejection", listen("reason"));
}
