// Event and its relatives (DOM Standard §2.2). State lives in one private record that dispatch can reach.
import { defineProperty, getOwnPropertyDescriptor } from "../primordials";
import { monotonic } from "../native";
import { dictionary, exposeInterface, illegal, requireArguments } from "./idl";

export interface EventState {
  type: string;
  bubbles: boolean;
  cancelable: boolean;
  composed: boolean;
  target: object | null;
  currentTarget: object | null;
  phase: number;
  stop: boolean;
  stopNow: boolean;
  canceled: boolean;
  inPassiveListener: boolean;
  dispatching: boolean;
  trusted: boolean;
  timeStamp: number;
}

/** Set by the class below: the only way to an event's private state. */
export let stateOf: (event: object) => EventState;
export let isEvent: (value: object) => boolean;

function newState(type: string, init: Record<string, unknown> | undefined): EventState {
  return {
    type,
    bubbles: !!init?.bubbles,
    cancelable: !!init?.cancelable,
    composed: !!init?.composed,
    target: null,
    currentTarget: null,
    phase: 0,
    stop: false,
    stopNow: false,
    canceled: false,
    inPassiveListener: false,
    dispatching: false,
    trusted: false,
    timeStamp: monotonic(),
  };
}

export class Event {
  readonly #state: EventState;
  static {
    stateOf = (event) => (#state in event ? event.#state : illegal());
    isEvent = (value) => #state in value;
  }
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "Event constructor");
    const name = `${type}`;
    this.#state = newState(name, dictionary(init, "Event constructor"));
    defineProperty(this, "isTrusted", isTrusted);
  }
  get type(): string {
    return stateOf(this).type;
  }
  get target(): object | null {
    return stateOf(this).target;
  }
  get srcElement(): object | null {
    return stateOf(this).target;
  }
  get currentTarget(): object | null {
    return stateOf(this).currentTarget;
  }
  get eventPhase(): number {
    return stateOf(this).phase;
  }
  get bubbles(): boolean {
    return stateOf(this).bubbles;
  }
  get cancelable(): boolean {
    return stateOf(this).cancelable;
  }
  get composed(): boolean {
    return stateOf(this).composed;
  }
  get defaultPrevented(): boolean {
    return stateOf(this).canceled;
  }
  get timeStamp(): number {
    return stateOf(this).timeStamp;
  }
  get returnValue(): boolean {
    return !stateOf(this).canceled;
  }
  set returnValue(value: unknown) {
    const state = stateOf(this);
    if (!value) cancel(state);
  }
  get cancelBubble(): boolean {
    return stateOf(this).stop;
  }
  set cancelBubble(value: unknown) {
    const state = stateOf(this);
    if (value) state.stop = true;
  }
  composedPath(): object[] {
    const { currentTarget } = stateOf(this);
    return currentTarget === null ? [] : [currentTarget];
  }
  preventDefault(): void {
    cancel(stateOf(this));
  }
  stopPropagation(): void {
    stateOf(this).stop = true;
  }
  stopImmediatePropagation(): void {
    const state = stateOf(this);
    state.stop = true;
    state.stopNow = true;
  }
  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, "Event.initEvent");
    initialize(stateOf(this), `${type}`, !!bubbles, !!cancelable);
  }
}

/** One getter for all events, an own and unforgeable property of each. */
const isTrusted: PropertyDescriptor = {
  __proto__: null,
  get: getOwnPropertyDescriptor(
    {
      get isTrusted(): boolean {
        return stateOf(this).trusted;
      },
    },
    "isTrusted",
  )?.get,
  enumerable: true,
  configurable: false,
} as PropertyDescriptor;

/** Answers whether it happened: an event under dispatch keeps what it is. */
export function initialize(state: EventState, type: string, bubbles: boolean, cancelable: boolean): boolean {
  if (state.dispatching) return false;
  state.type = type;
  state.bubbles = bubbles;
  state.cancelable = cancelable;
  state.target = null;
  state.stop = state.stopNow = state.canceled = state.trusted = false;
  return true;
}

function cancel(state: EventState): void {
  if (state.cancelable && !state.inPassiveListener) state.canceled = true;
}

/** An event made by the platform, not by guest code. */
export function trusted<E extends Event>(event: E): E {
  stateOf(event).trusted = true;
  return event;
}

export class CustomEvent extends Event {
  #detail: unknown;
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "CustomEvent constructor");
    super(type, init);
    const detail = dictionary(init, "CustomEvent constructor")?.detail;
    this.#detail = detail === undefined ? null : detail;
  }
  get detail(): unknown {
    return this.#detail;
  }
  initCustomEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false, detail: unknown = null): void {
    requireArguments(arguments.length, 1, "CustomEvent.initCustomEvent");
    if (initialize(stateOf(this), `${type}`, !!bubbles, !!cancelable)) this.#detail = detail;
  }
}

export function installEvents(): void {
  exposeInterface(Event, "Event", { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
  exposeInterface(CustomEvent, "CustomEvent");
}
