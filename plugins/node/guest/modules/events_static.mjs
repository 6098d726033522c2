// What node:events has beside the class: promises and iterators of events, and questions about listeners.
import { abortError, checkAbortSignal, checkInteger, invalidArgType } from "./errors.mjs";
import { captureRejectionSymbol, errorMonitor, EventEmitter, EventEmitterAsyncResource } from "./events.mjs";

const isEmitter = (target) => typeof target?.on === "function";
const isTarget = (target) => typeof target?.addEventListener === "function";

function listen(target, name, listener, options) {
  if (isEmitter(target)) {
    if (options?.once) target.once(name, listener);
    else target.on(name, listener);
  } else if (isTarget(target)) {
    target.addEventListener(name, listener, options);
  } else {
    throw invalidArgType("emitter", "EventEmitter", target);
  }
}

function unlisten(target, name, listener) {
  if (typeof target.removeListener === "function") target.removeListener(name, listener);
  else target.removeEventListener(name, listener);
}

export async function once(emitter, name, options = {}) {
  const { signal } = options;
  checkAbortSignal(signal, "options.signal");
  if (signal?.aborted) throw abortError({ cause: signal.reason });
  return new Promise((resolve, reject) => {
    const clean = () => {
      unlisten(emitter, name, onEvent);
      if (isEmitter(emitter) && name !== "error") unlisten(emitter, "error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const onEvent = (...args) => {
      clean();
      resolve(args);
    };
    const onError = (error) => {
      clean();
      reject(error);
    };
    const onAbort = () => {
      clean();
      reject(abortError({ cause: signal.reason }));
    };
    listen(emitter, name, onEvent, { once: true });
    if (isEmitter(emitter) && name !== "error") listen(emitter, "error", onError, { once: true });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

/** Where events wait for readers and readers for events. */
class EventQueue {
  events = [];
  readers = [];
  error;
  over = false;
  constructor(high, low, emitter) {
    this.high = high;
    this.low = low;
    this.emitter = emitter;
    this.paused = false;
  }
  put(value) {
    const reader = this.readers.shift();
    if (reader !== undefined) return reader.resolve({ value, done: false });
    this.events.push(value);
    if (this.events.length > this.high && !this.paused) {
      this.paused = true;
      this.emitter.pause?.();
    }
  }
  fail(error) {
    const reader = this.readers.shift();
    if (reader !== undefined) reader.reject(error);
    else this.error = error;
  }
  finish() {
    this.over = true;
    for (const reader of this.readers.splice(0)) reader.resolve({ value: undefined, done: true });
  }
  next() {
    if (this.events.length > 0) {
      const value = this.events.shift();
      if (this.paused && this.events.length < this.low) {
        this.paused = false;
        this.emitter.resume?.();
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.error !== undefined) {
      const { error } = this;
      this.error = undefined;
      return Promise.reject(error);
    }
    if (this.over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }
}

export function on(emitter, name, options = {}) {
  const { signal, close = [] } = options;
  checkAbortSignal(signal, "options.signal");
  if (signal?.aborted) throw abortError({ cause: signal.reason });
  const high = options.highWaterMark ?? options.highWatermark ?? Number.MAX_SAFE_INTEGER;
  const low = options.lowWaterMark ?? options.lowWatermark ?? 1;
  checkInteger(high, "options.highWaterMark", 1);
  checkInteger(low, "options.lowWaterMark", 1);
  const queue = new EventQueue(high, low, emitter);
  const added = [];
  const attach = (type, listener, settings) => {
    listen(emitter, type, listener, settings);
    added.push([type, listener]);
  };
  const stop = () => {
    for (const [type, listener] of added.splice(0)) unlisten(emitter, type, listener);
    signal?.removeEventListener("abort", onAbort);
    queue.finish();
    return Promise.resolve({ value: undefined, done: true });
  };
  const fail = (error) => {
    queue.fail(error);
    stop();
  };
  const onAbort = () => fail(abortError({ cause: signal.reason }));
  attach(name, (...args) => queue.put(args));
  if (name !== "error" && isEmitter(emitter)) attach("error", fail);
  for (const type of close) attach(type, stop);
  signal?.addEventListener("abort", onAbort, { once: true });
  return Object.setPrototypeOf(
    {
      next: () => queue.next(),
      return: stop,
      throw(error) {
        if (!(error instanceof Error)) throw invalidArgType("EventEmitter.AsyncIterator", "Error", error);
        fail(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
    AsyncIteratorPrototype,
  );
}

export function getEventListeners(target, type) {
  if (typeof target?.listeners === "function") return target.listeners(type);
  if (isTarget(target)) return [];
  throw invalidArgType("emitter", ["EventEmitter", "EventTarget"], target);
}

export function getMaxListeners(target) {
  if (typeof target?.getMaxListeners === "function") return target.getMaxListeners();
  if (isTarget(target)) return 0;
  throw invalidArgType("emitter", ["EventEmitter", "EventTarget"], target);
}

export function setMaxListeners(n = EventEmitter.defaultMaxListeners, ...targets) {
  if (targets.length === 0) EventEmitter.defaultMaxListeners = n;
  for (const target of targets) {
    if (typeof target.setMaxListeners === "function") target.setMaxListeners(n);
    else if (!isTarget(target)) throw invalidArgType("eventTargets", ["EventEmitter", "EventTarget"], target);
  }
}

export function addAbortListener(signal, listener) {
  if (signal === undefined) throw invalidArgType("signal", "AbortSignal", signal);
  checkAbortSignal(signal, "signal");
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener("abort", listener, { once: true });
  const dispose = () => signal.removeEventListener("abort", listener);
  return { __proto__: null, [Symbol.dispose ?? Symbol.for("nodejs.dispose")]: dispose };
}

export const listenerCount = (emitter, type) =>
  typeof emitter.listenerCount === "function"
    ? emitter.listenerCount(type)
    : EventEmitter.prototype.listenerCount.call(emitter, type);

Object.assign(EventEmitter, {
  once,
  on,
  getEventListeners,
  getMaxListeners,
  setMaxListeners,
  addAbortListener,
  listenerCount,
  EventEmitter,
  EventEmitterAsyncResource,
  usingDomains: false,
  captureRejectionSymbol,
  errorMonitor,
});

export { captureRejectionSymbol, errorMonitor, EventEmitter, EventEmitterAsyncResource };
export default EventEmitter;
