// Event handler attributes (`signal.onabort = …`, HTML §8.1.8.1).
import {
  apply,
  defineProperty,
  getOwnPropertyDescriptor,
  isPrototypeOf,
  root,
  WeakMap,
  weakMapDelete,
  weakMapGet,
  weakMapSet,
} from "../primordials";
import { stateOf } from "./event";
import { addPlatformListener, isEventTarget, removePlatformListener } from "./event_target";
import { illegal, isObject } from "./idl";

interface Handler {
  value: unknown;
  listener: (event: object) => void;
}

/** Calls a handler; answers whether that cancels the event. */
type Caller = (handler: (event: object) => unknown, event: object, target: object) => boolean;

const callWithEvent: Caller = (handler, event, target) => apply(handler, target, [event]) === false;

/** Defines `on<type>` on an interface prototype. `assigned` runs after each assignment. */
export function handlerAttribute(prototype: object, type: string, assigned?: (target: object) => void): void {
  defineHandler(prototype, type, (self) => checked(prototype, self), callWithEvent, assigned);
}

/** Defines `on<type>` on the global object. */
export function globalHandler(type: string, caller: Caller = callWithEvent): void {
  defineHandler(root, type, (self) => (self === undefined || self === root ? root : illegal()), caller);
}

function defineHandler(
  holder: object,
  type: string,
  targetOf: (self: unknown) => object,
  caller: Caller,
  assigned?: (target: object) => void,
): void {
  const table = new WeakMap<object, Handler>();
  const key = `on${type}`;
  const accessors = {
    get [key](): unknown {
      return weakMapGet(table, targetOf(this))?.value ?? null;
    },
    set [key](value: unknown) {
      const target = targetOf(this);
      assign(table, target, type, value, caller);
      assigned?.(target);
    },
  };
  const descriptor = getOwnPropertyDescriptor(accessors, key) as PropertyDescriptor;
  // Nothing that is here from the start shows when guest code lists its globals.
  defineProperty(holder, key, { ...descriptor, enumerable: holder !== root });
}

/** An attribute of another interface's object, or of the prototype itself, is none. */
function checked(prototype: object, self: unknown): object {
  return isObject(self) && isEventTarget(self) && isPrototypeOf(prototype, self) ? self : illegal();
}

function assign(table: WeakMap<object, Handler>, target: object, type: string, value: unknown, caller: Caller): void {
  const current: Handler | undefined = weakMapGet(table, target);
  if (!isObject(value)) {
    if (current !== undefined) removePlatformListener(target, type, current.listener);
    weakMapDelete(table, target);
  } else if (current !== undefined) {
    current.value = value;
  } else {
    const handler: Handler = { value, listener: (event) => call(handler.value, target, event, caller) };
    addPlatformListener(target, type, handler.listener);
    weakMapSet(table, target, handler);
  }
}

function call(value: unknown, target: object, event: object, caller: Caller): void {
  if (typeof value !== "function") return;
  const cancels = caller(value as (event: object) => unknown, event, target);
  const state = stateOf(event);
  if (cancels && state.cancelable) state.canceled = true;
}
