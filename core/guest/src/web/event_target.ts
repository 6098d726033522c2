// EventTarget (DOM Standard §2.7, §2.9). There is no tree here: an event visits its target and nothing else.
import { append, copyOf, type List, list, removeAt } from "../collections";
import { apply, root, TypeError } from "../primordials";
import { reportException } from "../report";
import { DOMException } from "./dom_exception";
import { type Event, isEvent, stateOf } from "./event";
import { define, exposeInterface, illegal, isObject, requireArguments } from "./idl";

export interface Listener {
  type: string;
  callback: object;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
}

/** Provided by abort.ts: `addEventListener` takes a signal, and a signal is an EventTarget. */
interface AbortHooks {
  aborted(signal: unknown): boolean;
  onAbort(signal: unknown, run: () => void): void;
  listening(target: object): void;
}
let abortHooks: AbortHooks;

export function setAbortHooks(hooks: AbortHooks): void {
  abortHooks = hooks;
}

export let isEventTarget: (value: object) => boolean;
let listenersOf: (target: object) => List<Listener>;
const globalListeners: List<Listener> = list();

/** `this` of a global call such as `addEventListener("error", …)` is the global object. */
function targetOf(self: unknown): object {
  if (self === undefined || self === null) return root;
  return isObject(self) ? self : illegal();
}

interface Options {
  capture: boolean;
  once: boolean;
  passive: boolean;
  signal: unknown;
}

function flatten(options: unknown): Options {
  if (!isObject(options)) return { capture: !!options, once: false, passive: false, signal: undefined };
  const bag = options as Record<string, unknown>;
  return { capture: !!bag.capture, once: !!bag.once, passive: !!bag.passive, signal: bag.signal };
}

export class EventTarget {
  readonly #listeners: List<Listener> = list();
  static {
    isEventTarget = (value) => #listeners in value;
    listenersOf = (target) => {
      if (#listeners in target) return target.#listeners;
      return target === root ? globalListeners : illegal();
    };
  }
  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const listeners = listenersOf(targetOf(this));
    requireArguments(arguments.length, 2, "EventTarget.addEventListener");
    const name = `${type}`;
    if (callback !== null && callback !== undefined && !isObject(callback)) {
      throw new TypeError("EventTarget.addEventListener: the listener must be a function or an object.");
    }
    if (!add(listeners, name, callback as object | null | undefined, flatten(options))) return;
    if (name === "abort") abortHooks.listening(targetOf(this));
  }
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    const listeners = listenersOf(targetOf(this));
    requireArguments(arguments.length, 2, "EventTarget.removeEventListener");
    const index = find(listeners, `${type}`, callback, isObject(options) ? !!(options as Options).capture : !!options);
    if (index >= 0) remove(listeners, index);
  }
  dispatchEvent(event: unknown): boolean {
    const target = targetOf(this);
    listenersOf(target);
    requireArguments(arguments.length, 1, "EventTarget.dispatchEvent");
    if (!isObject(event) || !isEvent(event)) {
      throw new TypeError("EventTarget.dispatchEvent: parameter 1 is not of type 'Event'.");
    }
    const state = stateOf(event);
    if (state.dispatching) throw new DOMException("The event is already being dispatched.", "InvalidStateError");
    state.trusted = false;
    return fire(target, event as Event);
  }
}

function find(listeners: List<Listener>, type: string, callback: unknown, capture: boolean): number {
  for (let i = 0; i < listeners.length; i++) {
    const item = listeners[i] as Listener;
    if (item.callback === callback && item.type === type && item.capture === capture) return i;
  }
  return -1;
}

function remove(listeners: List<Listener>, index: number): void {
  (listeners[index] as Listener).removed = true;
  removeAt(listeners, index);
}

function add(listeners: List<Listener>, type: string, callback: object | null | undefined, options: Options): boolean {
  const { capture, once, passive, signal } = options;
  if (signal !== undefined && abortHooks.aborted(signal)) return false;
  if (callback === null || callback === undefined || find(listeners, type, callback, capture) >= 0) return false;
  const listener: Listener = { type, callback, capture, once, passive, removed: false };
  append(listeners, listener);
  if (signal === undefined) return true;
  abortHooks.onAbort(signal, () => {
    const index = find(listeners, type, callback, capture);
    if (index >= 0 && listeners[index] === listener) remove(listeners, index);
  });
  return true;
}

/** Whether anything listens: lets the kernel skip events that nobody wants. */
export function hasListeners(target: object, type: string): boolean {
  const listeners = listenersOf(target);
  for (let i = 0; i < listeners.length; i++) if ((listeners[i] as Listener).type === type) return true;
  return false;
}

/** Dispatches an event that already knows whether it is trusted; answers false when a listener cancelled it. */
export function fire(target: object, event: Event): boolean {
  const state = stateOf(event);
  state.dispatching = true;
  state.target = state.currentTarget = target;
  state.phase = 2;
  const listeners = listenersOf(target);
  if (listeners.length > 0) {
    const snapshot = copyOf(listeners);
    visit(listeners, snapshot, target, event, true);
    visit(listeners, snapshot, target, event, false);
  }
  state.phase = 0;
  state.currentTarget = null;
  state.dispatching = state.stop = state.stopNow = false;
  return !state.canceled;
}

function visit(live: List<Listener>, snapshot: List<Listener>, target: object, event: Event, capture: boolean): void {
  const state = stateOf(event);
  if (!capture && state.stop) return;
  for (let i = 0; i < snapshot.length; i++) {
    const listener = snapshot[i] as Listener;
    if (listener.removed || listener.capture !== capture || listener.type !== state.type) continue;
    if (state.stopNow) return;
    if (listener.once) remove(live, find(live, listener.type, listener.callback, capture));
    state.inPassiveListener = listener.passive;
    invoke(listener.callback, target, event);
    state.inPassiveListener = false;
  }
}

function invoke(callback: object, target: object, event: Event): void {
  try {
    if (typeof callback === "function") {
      apply(callback as () => void, target, [event]);
      return;
    }
    const { handleEvent } = callback as { handleEvent?: unknown };
    if (typeof handleEvent !== "function") throw new TypeError("The listener has no handleEvent function.");
    apply(handleEvent as () => void, callback, [event]);
  } catch (error) {
    reportException(error);
  }
}

/** For event handler attributes, which are listeners that the platform adds. */
export function addPlatformListener(target: object, type: string, callback: object): void {
  const options: Options = { capture: false, once: false, passive: false, signal: undefined };
  if (add(listenersOf(target), type, callback, options) && type === "abort") abortHooks.listening(target);
}

export function removePlatformListener(target: object, type: string, callback: object): void {
  const listeners = listenersOf(target);
  const index = find(listeners, type, callback, false);
  if (index >= 0) remove(listeners, index);
}

export function installEventTarget(): void {
  exposeInterface(EventTarget, "EventTarget");
  const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;
  define(root, "addEventListener", addEventListener);
  define(root, "removeEventListener", removeEventListener);
  define(root, "dispatchEvent", dispatchEvent);
}
