// node:async_hooks on AsyncContext.
import { platform } from "../platform";
import { destroy, disable, emit, enable, executing, newId, newRecord, runAs } from "./async_ids.mjs";
import { checkFunction, checkString, coded, invalidArgType } from "./errors.mjs";

const { AsyncContext } = globalThis;

export class AsyncResource {
  #record;
  #context = new AsyncContext.Snapshot();
  constructor(type, options = {}) {
    checkString(type, "type");
    const trigger = typeof options === "number" ? options : (options?.triggerAsyncId ?? executing().id);
    if (!Number.isSafeInteger(trigger) || trigger < -1)
      throw coded(RangeError, "ERR_INVALID_ASYNC_ID", `Invalid triggerAsyncId value: ${trigger}`);
    this.#record = newRecord(type, this, trigger);
  }
  runInAsyncScope(fn, thisArg, ...args) {
    return this.#context.run(() => runAs(this.#record, fn, thisArg, args));
  }
  emitDestroy() {
    destroy(this.#record);
    return this;
  }
  asyncId() {
    return this.#record.id;
  }
  triggerAsyncId() {
    return this.#record.trigger;
  }
  bind(fn, thisArg) {
    checkFunction(fn, "fn");
    const resource = this;
    const bound = function (...args) {
      return resource.runInAsyncScope(fn, thisArg === undefined ? this : thisArg, ...args);
    };
    Object.defineProperty(bound, "length", { value: fn.length, configurable: true });
    return bound;
  }
  static bind(fn, type, thisArg) {
    checkFunction(fn, "fn");
    return new AsyncResource(type || fn.name || "bound-anonymous-fn").bind(fn, thisArg);
  }
}

export class AsyncLocalStorage {
  #variable;
  #name;
  #defaultValue;
  #enabled = false;
  constructor(options = {}) {
    if (options === null || typeof options !== "object") throw invalidArgType("options", "Object", options);
    if (options.name !== undefined && typeof options.name !== "string")
      throw invalidArgType("options.name", "string", options.name);
    this.#name = options.name ?? "";
    this.#defaultValue = options.defaultValue;
    this.#variable = new AsyncContext.Variable({ name: this.#name, defaultValue: this.#defaultValue });
  }
  static bind(fn) {
    return AsyncResource.bind(fn);
  }
  static snapshot() {
    const context = new AsyncContext.Snapshot();
    return (fn, ...args) => context.run(fn, ...args);
  }
  get name() {
    return this.#name;
  }
  /** Until the next `run` or `enterWith`, nobody sees a store. */
  disable() {
    this.#enabled = false;
  }
  enterWith(store) {
    this.#enabled = true;
    platform.enterContext(this.#variable, store);
  }
  run(store, fn, ...args) {
    this.#enabled = true;
    return this.#variable.run(store, () => Reflect.apply(fn, null, args));
  }
  exit(fn, ...args) {
    return this.#variable.run(undefined, () => Reflect.apply(fn, null, args));
  }
  getStore() {
    return this.#enabled ? this.#variable.get() : this.#defaultValue;
  }
}

const NAMES = ["init", "before", "after", "destroy", "promiseResolve"];

class AsyncHook {
  #hook;
  constructor(functions) {
    for (const name of NAMES) {
      if (functions[name] !== undefined && typeof functions[name] !== "function")
        throw coded(TypeError, "ERR_ASYNC_CALLBACK", `hook.${name} must be a function`);
    }
    const { init, before, after, destroy: onDestroy, promiseResolve, trackPromises = true } = functions;
    this.#hook = { init, before, after, destroy: onDestroy, promiseResolve, wantsPromises: trackPromises, owner: this };
  }
  enable() {
    enable(this.#hook);
    return this;
  }
  disable() {
    disable(this.#hook);
    return this;
  }
}

export const createHook = (functions) => new AsyncHook(functions);
export const executionAsyncId = () => executing().id;
export const triggerAsyncId = () => executing().trigger;
export const executionAsyncResource = () => executing().resource;
const KINDS = ["NONE", "Immediate", "Microtask", "PROMISE", "TickObject", "Timeout"];
export const asyncWrapProviders = Object.freeze(
  Object.assign({ __proto__: null }, Object.fromEntries(KINDS.map((name, i) => [name, i]))),
);
export { emit, newId };

export default {
  AsyncLocalStorage,
  createHook,
  executionAsyncId,
  triggerAsyncId,
  executionAsyncResource,
  asyncWrapProviders,
  AsyncResource,
};
