// Errors that nobody caught: from timers, microtasks, listeners and promises. They become an `error` or
// `unhandledrejection` event when guest code listens, and a `w.reject` frame unless a listener prevented that.
import { append, type List, list, Table } from "./collections";
import { encodeThrown } from "./codec/encode";
import { WeakMap, weakMapDelete, weakMapGet, weakMapHas, weakMapSet } from "./primordials";
import { sendFirst } from "./rpc/outbox";

type Listener = (reason: unknown, promise?: object) => boolean;

/** Answers whether guest code took care of it; replaced once the events exist. */
let dispatchError: Listener = () => false;
let dispatchRejection: Listener = () => false;
let dispatchHandled: Listener = () => false;

export function setReportListeners(onError: Listener, onRejection: Listener, onHandled: Listener): void {
  dispatchError = onError;
  dispatchRejection = onRejection;
  dispatchHandled = onHandled;
}

function emit(reason: unknown): void {
  const { text, buffers } = encodeThrown(reason);
  sendFirst('{"t":"w.reject"}', text, buffers);
}

export function reportException(reason: unknown): void {
  if (!dispatchError(reason)) emit(reason);
}

const pending = new Table<object, unknown>();
/** Promises that were reported, with their reasons, until somebody handles them after all. */
let reported = new WeakMap<object, unknown>();
let handledLate: List<Rejection> = list();

/** V8's promise-reject callback, and nothing but bookkeeping: it runs in the middle of guest code. */
export function rejected(event: number, promise: object, value: unknown): void {
  if (event === 0) pending.set(promise, value);
  else if (event === 1 && !pending.delete(promise) && weakMapHas(reported, promise)) {
    append(handledLate, { promise, value: weakMapGet(reported, promise) });
    weakMapDelete(reported, promise);
  }
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
  reported = new WeakMap();
  handledLate = list();
}

/** Microtasks have drained: what is still pending was not handled. Whether guest code may have heard of something. */
export function reportRejections(): boolean {
  if (handledLate.length === 0 && pending.size === 0) return false;
  if (handledLate.length > 0) reportHandled();
  const lost: List<Rejection> = list();
  pending.forEach((value, promise) => {
    append(lost, { promise, value });
  });
  pending.clear();
  for (let i = 0; i < lost.length; i++) {
    const { promise, value } = lost[i] as Rejection;
    weakMapSet(reported, promise, value);
    if (!dispatchRejection(value, promise)) emit(value);
  }
  return true;
}

function reportHandled(): void {
  const late = handledLate;
  handledLate = list();
  for (let i = 0; i < late.length; i++) {
    const { promise, value } = late[i] as Rejection;
    dispatchHandled(value, promise);
  }
}
