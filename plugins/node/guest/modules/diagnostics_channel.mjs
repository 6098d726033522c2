// node:diagnostics_channel.
import { checkFunction, invalidArgType } from "./errors.mjs";
import { nextTick } from "./ticks.mjs";

const channels = new Map();
const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"];
const report = (error) => nextTick(() => globalThis.reportError(error));

export class Channel {
  #subscribers = [];
  #stores = new Map();
  constructor(name) {
    this.name = name;
  }
  get hasSubscribers() {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }
  subscribe(fn) {
    checkFunction(fn, "subscription");
    this.#subscribers = [...this.#subscribers, fn];
  }
  unsubscribe(fn) {
    const at = this.#subscribers.indexOf(fn);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(at, 1);
    return true;
  }
  bindStore(store, transform) {
    this.#stores.set(store, transform);
  }
  unbindStore(store) {
    return this.#stores.delete(store);
  }
  publish(message) {
    for (const fn of this.#subscribers) {
      try {
        fn(message, this.name);
      } catch (error) {
        report(error);
      }
    }
  }
  runStores(data, fn, self, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(fn, self, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let value = data;
        try {
          value = transform === undefined ? data : transform(data);
        } catch (error) {
          report(error);
          return inner();
        }
        return store.run(value, inner);
      };
    }
    return run();
  }
}

export function channel(name) {
  if (typeof name !== "string" && typeof name !== "symbol") throw invalidArgType("channel", ["string", "symbol"], name);
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}

class TracingChannel {
  constructor(source) {
    for (const event of EVENTS) this[event] = typeof source === "string" ? channel(`tracing:${source}:${event}`) : source[event];
  }
  get hasSubscribers() {
    return EVENTS.some((event) => this[event]?.hasSubscribers);
  }
  subscribe(handlers) {
    for (const event of EVENTS) if (handlers[event]) this[event]?.subscribe(handlers[event]);
  }
  unsubscribe(handlers) {
    return EVENTS.map((event) => !handlers[event] || this[event]?.unsubscribe(handlers[event]) === true).every(Boolean);
  }
  #fail(context, error) {
    context.error = error;
    this.error.publish(context);
  }
  traceSync(fn, context = {}, self = undefined, ...args) {
    return this.start.runStores(context, () => {
      try {
        context.result = Reflect.apply(fn, self, args);
        return context.result;
      } catch (error) {
        this.#fail(context, error);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(fn, context = {}, self = undefined, ...args) {
    const finish = (name, act) => (value) => {
      if (name === "result") context.result = value;
      else this.#fail(context, value);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      return act(value);
    };
    return this.start.runStores(context, () => {
      try {
        const returned = Reflect.apply(fn, self, args);
        const promise = typeof returned?.then === "function" ? returned : Promise.resolve(returned);
        return promise.then(
          finish("result", (value) => value),
          finish("error", (error) => Promise.reject(error)),
        );
      } catch (error) {
        this.#fail(context, error);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  traceCallback(fn, position = -1, context = {}, self = undefined, ...args) {
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    checkFunction(callback, "callback");
    const trace = this;
    args[at] = function (error, result) {
      if (error) trace.#fail(context, error);
      else context.result = result;
      return trace.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, this, arguments);
        } finally {
          trace.asyncEnd.publish(context);
        }
      });
    };
    return this.traceSync(fn, context, self, ...args);
  }
}

export default {
  channel,
  hasSubscribers: (name) => channels.get(name)?.hasSubscribers === true,
  subscribe: (name, fn) => channel(name).subscribe(fn),
  tracingChannel: (source) => new TracingChannel(source),
  unsubscribe: (name, fn) => channel(name).unsubscribe(fn),
  Channel,
};
