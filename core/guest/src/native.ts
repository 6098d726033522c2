// What the engine lends the kernel: V8's continuation data (the carrier of AsyncContext) and a monotonic clock.
import { dateNow, Error } from "./primordials";

export interface Native {
  extras: {
    getContinuationPreservedEmbedderData(): unknown;
    setContinuationPreservedEmbedderData(value: unknown): void;
  };
  now(): number;
  /** What a promise or an iterator holds (see `peek_function` of the engine); without an engine below, nothing. */
  peek?(value: object): ArrayLike<unknown> | undefined;
  /** Have the worker take what waits in the outbox, now, and write it. */
  spill(): void;
  /** Fresh random bytes of the operating system: nothing is kept that a fork could share. */
  random?(size: string): ArrayBuffer | undefined;
  /** What `require(specifier)` in a file means, as JSON. */
  findRequired?(filename: string, specifier: string): string;
  /** The function whose body a CommonJS module is. Throws what V8 says of text that does not parse. */
  compileRequired?(id: string): (...args: unknown[]) => unknown;
  /** The text of a JSON module. */
  textOfRequired?(id: string): string;
  /** The namespace of an ES module, evaluated; throws when that cannot be done synchronously. */
  evaluateRequired?(id: string): object;
  /** Has the engine call a function for each step of a promise (see `promise_hook_function` of the engine). */
  promiseHook?(listener: unknown): void;
  /** A native service of the worker; `undefined` when memory is short. Takes only true ArrayBuffers. */
  compute?(order: string, ...buffers: ArrayBuffer[]): ArrayBuffer | string | undefined;
}

export let getContinuation: () => unknown = () => undefined;
export let setContinuation: (value: unknown) => void = () => {};
/** Monotonic milliseconds; the origin means nothing. */
export let clock: () => number = () => 0;

export let peek: (value: object) => ArrayLike<unknown> | undefined = () => undefined;
export let spill: () => void = () => {};

export let random: NonNullable<Native["random"]> = () => undefined;
export let promiseHook: NonNullable<Native["promiseHook"]> = () => {};
export let compute: NonNullable<Native["compute"]> = () => undefined;

const unavailable = (): never => {
  throw new Error("This engine has no CommonJS");
};
export let findRequired: NonNullable<Native["findRequired"]> = unavailable;
export let compileRequired: NonNullable<Native["compileRequired"]> = unavailable;
export let textOfRequired: NonNullable<Native["textOfRequired"]> = unavailable;
export let evaluateRequired: NonNullable<Native["evaluateRequired"]> = unavailable;

/** The native object is read once, here; nothing keeps it where guest code could find it. */
export function lendNative(native: Native): void {
  getContinuation = native.extras.getContinuationPreservedEmbedderData;
  setContinuation = native.extras.setContinuationPreservedEmbedderData;
  clock = native.now;
  spill = native.spill;
  if (native.peek !== undefined) peek = native.peek;
  if (native.random !== undefined) random = native.random;
  if (native.promiseHook !== undefined) promiseHook = native.promiseHook;
  if (native.compute !== undefined) compute = native.compute;
  findRequired = native.findRequired ?? findRequired;
  compileRequired = native.compileRequired ?? compileRequired;
  textOfRequired = native.textOfRequired ?? textOfRequired;
  evaluateRequired = native.evaluateRequired ?? evaluateRequired;
}

let origin = 0;
/** Epoch milliseconds at which this runtime's time began. */
export let timeOrigin = 0;

/** Time starts when a runtime starts, not when its template was warmed up. */
export function restartClock(): void {
  origin = clock();
  timeOrigin = dateNow();
}

/** Milliseconds since the runtime started. */
export function monotonic(): number {
  return clock() - origin;
}
