// Who runs: the stack of executing resources, their numbers, and the hooks that want to know.
import { platform } from "../platform";

/** `trigger` is the number of the resource that made this one. */
const top = { id: 1, trigger: 0, resource: {} };
const stack = [top];
/** As it was before it is wrapped: what tells of an end must not begin something. */
const later = globalThis.queueMicrotask;
let last = 1;
export const hooks = new Set();
let isInHook = false;

export const newId = () => ++last;
export const executing = () => stack[stack.length - 1];

/** A hook that throws is a mistake of the guest's: it is reported, and what was going on goes on. */
export function emit(name, ...args) {
  if (hooks.size === 0 || isInHook) return;
  isInHook = true;
  try {
    for (const hook of [...hooks]) {
      try {
        hook[name]?.apply(hook.owner, args);
      } catch (error) {
        globalThis.reportError(error);
      }
    }
  } finally {
    isInHook = false;
  }
}

export function newRecord(type, resource, trigger = executing().id) {
  const record = { id: newId(), trigger, resource, isGone: false };
  emit("init", record.id, type, trigger, resource);
  return record;
}

export function enter(record) {
  stack.push(record);
  emit("before", record.id);
}

export function leave(record) {
  emit("after", record.id);
  // A terminated callback may have left its record behind.
  while (stack.length > 1 && stack.pop() !== record);
}

export function runAs(record, fn, self, args) {
  enter(record);
  try {
    return Reflect.apply(fn, self, args);
  } finally {
    leave(record);
  }
}

export function destroy(record) {
  if (record.isGone) return;
  record.isGone = true;
  if (hooks.size > 0) later(() => emit("destroy", record.id));
}

// ------------------------------------------------------------------ promises, by the engine's own hooks
const promises = new WeakMap();

function recordOf(promise) {
  let record = promises.get(promise);
  if (record === undefined) {
    record = newRecord("PROMISE", promise);
    promises.set(promise, record);
  }
  return record;
}

function onInit(promise, parent) {
  const trigger = parent === undefined ? executing().id : recordOf(parent).id;
  promises.set(promise, newRecord("PROMISE", promise, trigger));
}

const STEPS = [
  onInit,
  (promise) => emit("promiseResolve", recordOf(promise).id),
  (promise) => enter(recordOf(promise)),
  (promise) => leave(recordOf(promise)),
];

/** Promises are watched while somebody asks, and cost nothing otherwise. */
function watchPromises(isOn) {
  platform.promiseHook(isOn ? (step, promise, parent) => isInHook || STEPS[step](promise, parent) : undefined);
}

// ------------------------------------------------------------------ timers and microtasks, by wrapping their functions
function wrap(name, type, ends) {
  const original = globalThis[name];
  if (typeof original !== "function") return;
  const wrapped = function (handler, ...rest) {
    if (hooks.size === 0 || typeof handler !== "function") return Reflect.apply(original, this, [handler, ...rest]);
    const resource = new { [type]: class {} }[type]();
    const record = newRecord(type, resource);
    const id = Reflect.apply(original, this, [
      function (...args) {
        try {
          return runAs(record, handler, this, args);
        } finally {
          if (ends) destroy(record);
        }
      },
      ...rest,
    ]);
    if (id !== undefined) timers.set(id, record);
    return id;
  };
  Object.defineProperty(wrapped, "name", { value: name });
  Object.defineProperty(wrapped, "length", { value: original.length });
  Object.defineProperty(globalThis, name, { value: wrapped, writable: true, configurable: true, enumerable: false });
}

const timers = new Map();

function wrapClear(name) {
  const original = globalThis[name];
  const wrapped = function (id) {
    const record = timers.get(id);
    if (record !== undefined) destroy(record);
    timers.delete(id);
    return Reflect.apply(original, this, [id]);
  };
  Object.defineProperty(wrapped, "name", { value: name });
  Object.defineProperty(globalThis, name, { value: wrapped, writable: true, configurable: true, enumerable: false });
}

let isWrapped = false;
function wrapGlobals() {
  if (isWrapped) return;
  isWrapped = true;
  wrap("setTimeout", "Timeout", true);
  wrap("setInterval", "Timeout", false);
  wrap("setImmediate", "Immediate", true);
  wrap("queueMicrotask", "Microtask", true);
  for (const name of ["clearTimeout", "clearInterval"]) wrapClear(name);
}

export function enable(hook) {
  if (hooks.has(hook)) return;
  if (hooks.size === 0) wrapGlobals();
  hooks.add(hook);
  updatePromises();
}

export function disable(hook) {
  if (hooks.delete(hook)) updatePromises();
}

let isWatching = false;
function updatePromises() {
  const wanted = [...hooks].some((hook) => hook.wantsPromises);
  if (wanted !== isWatching) watchPromises(wanted);
  isWatching = wanted;
}
