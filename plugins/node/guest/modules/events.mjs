// node:events: EventEmitter as a function, so that old code can call it on its own objects.
import { AsyncResource } from "./async_hooks.mjs";
import { checkFunction, checkNumber, coded } from "./errors.mjs";
import { inspect } from "./inspect.mjs";
import { process } from "./process.mjs";

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
export const kCapture = Symbol("kCapture");
const kWarned = Symbol("warned");
let defaultMaxListeners = 10;

export function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}
EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
Object.defineProperty(EventEmitter.prototype, kCapture, { value: false, writable: true });

EventEmitter.init = function init(options) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = { __proto__: null };
    this._eventsCount = 0;
  }
  this._maxListeners ||= undefined;
  if (options?.captureRejections) {
    if (typeof options.captureRejections !== "boolean") throw new TypeError("options.captureRejections must be a boolean");
    this[kCapture] = true;
  } else {
    this[kCapture] = EventEmitter.prototype[kCapture];
  }
};

function limitOf(emitter) {
  return emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
}

function onRejection(emitter, type, args, result) {
  const { then } = result;
  if (typeof then !== "function") return;
  then.call(result, undefined, (error) => {
    process.nextTick(() => {
      const handler = emitter[captureRejectionSymbol];
      if (typeof handler === "function") return handler.call(emitter, error, type, ...args);
      const before = emitter[kCapture];
      try {
        emitter[kCapture] = false;
        emitter.emit("error", error);
      } finally {
        emitter[kCapture] = before;
      }
    });
  });
}

function unhandled(error) {
  if (error instanceof Error) return error;
  let shown;
  try {
    shown = inspect(error);
  } catch {
    shown = error;
  }
  const made = coded(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${shown})`);
  made.context = error;
  return made;
}

function run(emitter, type, listener, args) {
  const result = Reflect.apply(listener, emitter, args);
  if (result !== undefined && result !== null && emitter[kCapture] === true && typeof result === "object")
    onRejection(emitter, type, args, result);
}

EventEmitter.prototype.emit = function emit(type, ...args) {
  const events = this._events;
  if (type === "error") {
    if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
    if (events?.error === undefined) throw unhandled(args[0]);
  }
  const handler = events?.[type];
  if (handler === undefined) return false;
  if (typeof handler === "function") run(this, type, handler, args);
  else for (const listener of [...handler]) run(this, type, listener, args);
  return true;
};

function warnOfLeak(emitter, type, list) {
  const most = limitOf(emitter);
  if (most <= 0 || list.length <= most || list[kWarned]) return;
  list[kWarned] = true;
  const name = inspect(emitter, { depth: -1 });
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${list.length} ${String(type)} listeners added to ${name}. MaxListeners is ${most}. ` +
      "Use emitter.setMaxListeners() to increase limit",
  );
  Object.assign(warning, { name: "MaxListenersExceededWarning", emitter, type, count: list.length });
  process.emitWarning(warning);
}

function add(emitter, type, listener, first) {
  checkFunction(listener, "listener");
  if (emitter._events === undefined) {
    emitter._events = { __proto__: null };
    emitter._eventsCount = 0;
  } else if (emitter._events.newListener !== undefined) {
    emitter.emit("newListener", type, listener.listener ?? listener);
  }
  const events = emitter._events;
  const known = events[type];
  if (known === undefined) {
    events[type] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  if (typeof known === "function") events[type] = first ? [listener, known] : [known, listener];
  else if (first) known.unshift(listener);
  else known.push(listener);
  warnOfLeak(emitter, type, events[type]);
  return emitter;
}

EventEmitter.prototype.addListener = function addListener(type, listener) {
  return add(this, type, listener, false);
};
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
EventEmitter.prototype.prependListener = function prependListener(type, listener) {
  return add(this, type, listener, true);
};

function onceOf(emitter, type, listener) {
  checkFunction(listener, "listener");
  let fired = false;
  const wrapped = (...args) => {
    if (fired) return undefined;
    emitter.removeListener(type, wrapped);
    fired = true;
    return Reflect.apply(listener, emitter, args);
  };
  wrapped.listener = listener;
  return wrapped;
}

EventEmitter.prototype.once = function once(type, listener) {
  return this.on(type, onceOf(this, type, listener));
};
EventEmitter.prototype.prependOnceListener = function prependOnceListener(type, listener) {
  return this.prependListener(type, onceOf(this, type, listener));
};

function forget(emitter, type) {
  if (--emitter._eventsCount === 0) emitter._events = { __proto__: null };
  else delete emitter._events[type];
}

EventEmitter.prototype.removeListener = function removeListener(type, listener) {
  checkFunction(listener, "listener");
  const list = this._events?.[type];
  if (list === undefined) return this;
  if (list === listener || list.listener === listener) {
    forget(this, type);
    if (this._events.removeListener) this.emit("removeListener", type, list.listener ?? listener);
  } else if (typeof list !== "function") {
    const at = list.findLastIndex((item) => item === listener || item.listener === listener);
    if (at < 0) return this;
    const [removed] = list.splice(at, 1);
    if (list.length === 1) this._events[type] = list[0];
    if (this._events.removeListener !== undefined) this.emit("removeListener", type, removed.listener ?? listener);
  }
  return this;
};
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

EventEmitter.prototype.removeAllListeners = function removeAllListeners(type) {
  const events = this._events;
  if (events === undefined) return this;
  if (events.removeListener === undefined) {
    if (arguments.length === 0) {
      this._events = { __proto__: null };
      this._eventsCount = 0;
    } else if (events[type] !== undefined) {
      forget(this, type);
    }
    return this;
  }
  if (arguments.length === 0) {
    for (const key of Reflect.ownKeys(events)) if (key !== "removeListener") this.removeAllListeners(key);
    this.removeAllListeners("removeListener");
    this._events = { __proto__: null };
    this._eventsCount = 0;
    return this;
  }
  for (const listener of rawListeners(this, type).reverse()) this.removeListener(type, listener);
  return this;
};

function rawListeners(emitter, type) {
  const list = emitter._events?.[type];
  return list === undefined ? [] : typeof list === "function" ? [list] : [...list];
}

EventEmitter.prototype.listeners = function listeners(type) {
  return rawListeners(this, type).map((item) => item.listener ?? item);
};
EventEmitter.prototype.rawListeners = function rawListenersOf(type) {
  return rawListeners(this, type);
};
EventEmitter.prototype.listenerCount = function listenerCount(type, listener) {
  const list = rawListeners(this, type);
  return listener == null ? list.length : list.filter((item) => item === listener || item.listener === listener).length;
};
EventEmitter.prototype.eventNames = function eventNames() {
  return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
};
EventEmitter.prototype.setMaxListeners = function setMaxListeners(n) {
  checkNumber(n, "setMaxListeners", 0);
  this._maxListeners = n;
  return this;
};
EventEmitter.prototype.getMaxListeners = function getMaxListeners() {
  return limitOf(this);
};

export class EventEmitterAsyncResource extends EventEmitter {
  #resource;
  constructor(options) {
    const given = typeof options === "string" ? { name: options } : options;
    super(given);
    this.#resource = new AsyncResource(given?.name ?? new.target.name, given);
    this.#resource.eventEmitter = this;
  }
  emit(type, ...args) {
    return this.#resource.runInAsyncScope(super.emit, this, type, ...args);
  }
  emitDestroy() {
    this.#resource.emitDestroy();
  }
  get asyncId() {
    return this.#resource.asyncId();
  }
  get triggerAsyncId() {
    return this.#resource.triggerAsyncId();
  }
  get asyncResource() {
    return this.#resource;
  }
}

Object.defineProperties(EventEmitter, {
  defaultMaxListeners: {
    enumerable: true,
    get: () => defaultMaxListeners,
    set(n) {
      checkNumber(n, "defaultMaxListeners", 0);
      defaultMaxListeners = n;
    },
  },
  captureRejections: {
    enumerable: true,
    get: () => EventEmitter.prototype[kCapture],
    set(value) {
      if (typeof value !== "boolean") throw new TypeError("EventEmitter.captureRejections must be a boolean");
      EventEmitter.prototype[kCapture] = value;
    },
  },
});
