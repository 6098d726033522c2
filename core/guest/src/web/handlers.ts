// Event handler attributes (`signal.onabort = …`, HTML §8.1.8.1).
import {
  apply,
  defineProperty,
  getOwnPropertyDescriptor,
  isPrototypeOf,
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

/** Defines `on<type>` on an interface prototype. `assigned` runs after each assignment. */
export function handlerAttribute(prototype: object, type: string, assigned?: (target: object) => void): void {
  const table = new WeakMap<object, Handler>();
  const key = `on${type}`;
  const accessors = {
    get [key](): unknown {
      return weakMapGet(table, checked(prototype, this))?.value ?? null;
    },
    set [key](value: unknown) {
      assign(table, checked(prototype, this), type, value);
      assigned?.(this);
    },
  };
  const descriptor = getOwnPropertyDescriptor(accessors, key) as PropertyDescriptor;
  defineProperty(prototype, key, descriptor);
}

/** An attribute of another interface's object, or of the prototype itself, is none. */
function checked(prototype: object, self: object): object {
  return isObject(self) && isEventTarget(self) && isPrototypeOf(prototype, self) ? self : illegal();
}

function assign(table: WeakMap<object, Handler>, target: object, type: string, value: unknown): void {
  const current: Handler | undefined = weakMapGet(table, target);
  if (!isObject(value)) {
    if (current !== undefined) removePlatformListener(target, type, current.listener);
    weakMapDelete(table, target);
  } else if (current !== undefined) {
    current.value = value;
  } else {
    const handler: Handler = { value, listener: (event) => call(handler.value, target, event) };
    addPlatformListener(target, type, handler.listener);
    weakMapSet(table, target, handler);
  }
}

function call(value: unknown, target: object, event: object): void {
  if (typeof value !== "function") return;
  const result = apply(value as (event: object) => unknown, target, [event]);
  const state = stateOf(event);
  if (result === false && state.cancelable) state.canceled = true;
}
