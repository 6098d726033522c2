// process.nextTick and setImmediate: ticks run before the microtasks that were queued after them, immediates as tasks of their own.
import { checkFunction } from "./errors.mjs";

const { AsyncContext, setTimeout: startTimer, clearTimeout: stopTimer, queueMicrotask: later } = globalThis;
let ticks = [];

function runTicks() {
  const batch = ticks;
  ticks = [];
  for (let i = 0; i < batch.length; i++) {
    const [context, fn, args] = batch[i];
    try {
      context.run(fn, ...args);
    } catch (error) {
      // The rest still has its turn, as after an uncaught exception in Node that somebody handled.
      globalThis.reportError(error);
    }
  }
}

export function nextTick(fn, ...args) {
  checkFunction(fn, "callback");
  ticks.push([new AsyncContext.Snapshot(), fn, args]);
  if (ticks.length === 1) later(runTicks);
}

export class Immediate {
  #timer;
  #context = new AsyncContext.Snapshot();
  constructor(fn, args) {
    this.#timer = startTimer(() => {
      this.#timer = undefined;
      this.#context.run(fn, ...args);
    }, 0);
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return this.#timer !== undefined;
  }
  clear() {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
  [Symbol.dispose ?? Symbol.for("nodejs.dispose")]() {
    this.clear();
  }
}

export function setImmediate(fn, ...args) {
  checkFunction(fn, "callback");
  return new Immediate(fn, args);
}

export function clearImmediate(immediate) {
  if (immediate instanceof Immediate) immediate.clear();
}
