// What the framework keeps for itself: parts of the platform as they were before test code could replace them.
import type { Sdk } from "../../../../core/guest/types/sdk";

export type Callback = (...args: unknown[]) => unknown;

interface ContextVariable<T> {
  get(): T | undefined;
  run<R>(value: T, fn: () => R): R;
}

export interface Timers {
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

export interface Lent {
  readonly sdk: Sdk;
  readonly timers: Timers;
  readonly AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void };
  variable<T>(): ContextVariable<T>;
  /** What the host decided for this runtime. */
  readonly limits: { maxTests: number; snapshotHint: string };
}

export type { ContextVariable };

/** Appends without `push`, which test code may have replaced. */
export function add<T>(items: T[], item: T): void {
  items[items.length] = item;
}
