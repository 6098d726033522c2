// Errors that nobody caught: from timers, microtasks, listeners and promises. They become an `error` or
// `unhandledrejection` event when guest code listens, and a `w.reject` frame unless a listener prevented that.
import { append, type List, list, Table } from "./collections";
import { encodeThrown } from "./codec/encode";
import { sendFirst } from "./rpc/outbox";

type Listener = (reason: unknown, promise?: object) => boolean;

/** Answers whether guest code took care of it; replaced once the events exist. */
let dispatchError: Listener = () => false;
let dispatchRejection: Listener = () => false;

export function setReportListeners(onError: Listener, onRejection: Listener): void {
  dispatchError = onError;
  dispatchRejection = onRejection;
}

function emit(reason: unknown): void {
  const { text, buffers } = encodeThrown(reason);
  sendFirst('{"t":"w.reject"}', text, buffers);
}

export function reportException(reason: unknown): void {
  if (!dispatchError(reason)) emit(reason);
}

const pending = new Table<object, unknown>();

/** V8's promise-reject callback, and nothing but bookkeeping: it runs in the middle of guest code. */
export function rejected(event: number, promise: object, value: unknown): void {
  if (event === 0) pending.set(promise, value);
  else if (event === 1) pending.delete(promise);
}

/** Promises that have failed and that nobody handles so far. */
export function unhandledRejections(): number {
  return pending.size;
}

interface Rejection {
  promise: object;
  value: unknown;
}

/** Nobody is left to hear of them. */
export function forgetRejections(): void {
  pending.clear();
}

/** Microtasks have drained: what is still pending was not handled. Whether there was any, and guest code may have heard of it. */
export function reportRejections(): boolean {
  if (pending.size === 0) return false;
  const lost: List<Rejection> = list();
  pending.forEach((value, promise) => {
    append(lost, { promise, value });
  });
  pending.clear();
  for (let i = 0; i < lost.length; i++) {
    const { promise, value } = lost[i] as Rejection;
    if (!dispatchRejection(value, promise)) emit(value);
  }
  return true;
}
