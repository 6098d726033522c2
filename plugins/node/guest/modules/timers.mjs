// node:timers: as in Node, its functions answer objects.
import { checkAbortSignal, checkFunction, invalidArgType, abortError } from "./errors.mjs";
import { clearImmediate, setImmediate } from "./ticks.mjs";

const { AsyncContext } = globalThis;
const start = { once: globalThis.setTimeout, repeat: globalThis.setInterval };
const stop = globalThis.clearTimeout;
const MOST = 2 ** 31 - 1;

export class Timeout {
  #id;
  #start;
  #repeats;
  constructor(fn, delay, args, repeats) {
    const wait = delay >= 1 && delay <= MOST ? Math.trunc(delay) : 1;
    const context = new AsyncContext.Snapshot();
    this.#repeats = repeats;
    this.#start = () => {
      const run = () => {
        if (!repeats) this.#id = undefined;
        context.run(() => Reflect.apply(fn, this, args));
      };
      this.#id = repeats ? start.repeat(run, wait) : start.once(run, wait);
    };
    this.#start();
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
  refresh() {
    if (this.#id === undefined && this.#repeats) return this;
    stop(this.#id);
    this.#start();
    return this;
  }
  close() {
    stop(this.#id);
    this.#id = undefined;
    return this;
  }
  [Symbol.toPrimitive]() {
    return this.#id ?? 0;
  }
  [Symbol.dispose ?? Symbol.for("nodejs.dispose")]() {
    this.close();
  }
}

function setTimeout(fn, delay, ...args) {
  checkFunction(fn, "callback");
  return new Timeout(fn, delay, args, false);
}
function setInterval(fn, delay, ...args) {
  checkFunction(fn, "callback");
  return new Timeout(fn, delay, args, true);
}
const clear = (name) =>
  Object.defineProperty((timer) => (timer instanceof Timeout ? void timer.close() : stop(timer)), "name", { value: name });

// ------------------------------------------------------------------ timers/promises
function waiting(begin, end, value, options = {}) {
  if (options === null || typeof options !== "object") return Promise.reject(invalidArgType("options", "Object", options));
  const { signal, ref = true } = options;
  try {
    checkAbortSignal(signal, "options.signal");
    if (typeof ref !== "boolean") throw invalidArgType("options.ref", "boolean", ref);
  } catch (error) {
    return Promise.reject(error);
  }
  if (signal?.aborted) return Promise.reject(abortError({ cause: signal.reason }));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      end(timer);
      reject(abortError({ cause: signal.reason }));
    };
    const timer = begin(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

async function* everyInterval(delay, value, options = {}) {
  const { signal } = options;
  checkAbortSignal(signal, "options.signal");
  if (signal?.aborted) throw abortError({ cause: signal.reason });
  let due = 0;
  let wake;
  const stir = () => wake?.();
  const timer = setInterval(() => {
    due++;
    stir();
  }, delay);
  signal?.addEventListener("abort", stir, { once: true });
  try {
    for (;;) {
      if (signal?.aborted) throw abortError({ cause: signal.reason });
      if (due > 0) {
        due--;
        yield value;
      } else {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    timer.close();
    signal?.removeEventListener("abort", stir);
  }
}

const later = (delay, value, options) =>
  waiting(
    (done) => setTimeout(done, delay),
    (timer) => timer.close(),
    value,
    options,
  );
export const promises = {
  setTimeout: later,
  setImmediate: (value, options) => waiting((done) => setImmediate(done), clearImmediate, value, options),
  setInterval: everyInterval,
  scheduler: { wait: (delay, options) => later(delay, undefined, options), yield: () => promises.setImmediate() },
};
const custom = Symbol.for("nodejs.util.promisify.custom");
setTimeout[custom] = promises.setTimeout;

export default {
  setTimeout,
  clearTimeout: clear("clearTimeout"),
  setImmediate,
  clearImmediate,
  setInterval,
  clearInterval: clear("clearInterval"),
  promises,
};
