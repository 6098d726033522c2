// AbortController and AbortSignal (DOM Standard §3).
import { append, copyOf, type List, list, removeAt } from "../collections";
import { iteratorSymbol, TypeError, WeakRef, weakRefDeref } from "../primordials";
import { DOMException } from "./dom_exception";
import { Event, trusted } from "./event";
import { EventTarget, fire, hasListeners, setAbortHooks } from "./event_target";
import { handlerAttribute } from "./handlers";
import { exposeInterface, illegal, isObject, requireArguments } from "./idl";
import { startTimer } from "./timers";

type Algorithm = () => void;

interface SignalState {
  aborted: boolean;
  reason: unknown;
  algorithms: List<Algorithm>;
  /** Signals made by `any()` from this one, held weakly: a long-lived source must not keep them. */
  dependents: List<WeakRef<AbortSignal>>;
  /** Dependents that somebody listens to: those must live until they abort. */
  pins: List<AbortSignal>;
  /** What this signal was made from by `any()`; keeps the sources alive as long as it. */
  sources: List<AbortSignal> | null;
  pinned: boolean;
}

const token = {};
let stateOf: (signal: object) => SignalState;
let isSignal: (value: object) => boolean;

export class AbortSignal extends EventTarget {
  readonly #state: SignalState;
  static {
    stateOf = (signal) => (#state in signal ? signal.#state : illegal());
    isSignal = (value) => #state in value;
  }
  constructor(key: unknown = undefined) {
    if (key !== token) throw new TypeError("Illegal constructor");
    super();
    this.#state = {
      aborted: false,
      reason: undefined,
      algorithms: list(),
      dependents: list(),
      pins: list(),
      sources: null,
      pinned: false,
    };
  }
  get aborted(): boolean {
    return stateOf(this).aborted;
  }
  get reason(): unknown {
    return stateOf(this).reason;
  }
  throwIfAborted(): void {
    const state = stateOf(this);
    if (state.aborted) throw state.reason;
  }
  static abort(reason: unknown = undefined): AbortSignal {
    const signal = newSignal();
    const state = stateOf(signal);
    state.aborted = true;
    state.reason = reason === undefined ? abortError() : reason;
    return signal;
  }
  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.timeout");
    const delay = +(milliseconds as number);
    if (!(delay > -1) || delay > 9007199254740991) throw new TypeError("AbortSignal.timeout: the delay is out of range.");
    const signal = newSignal();
    startTimer(() => signalAbort(signal, new DOMException("The operation timed out.", "TimeoutError")), delay);
    return signal;
  }
  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.any");
    return anyOf(collect(signals));
  }
}

/** A signal without a controller, for the kernel's own use. */
export const createSignal = () => newSignal();
const newSignal = () => new AbortSignal(token);
const abortError = () => new DOMException("This operation was aborted", "AbortError");

/** Web IDL `sequence<AbortSignal>`: the argument's own iterator, once. */
function collect(signals: unknown): List<AbortSignal> {
  const method = isObject(signals) ? (signals as Iterable<unknown>)[iteratorSymbol] : undefined;
  if (typeof method !== "function") throw new TypeError("AbortSignal.any: the argument is not iterable.");
  const result: List<AbortSignal> = list();
  // lint: Web IDL asks for the argument's iterator
  for (const item of signals as Iterable<unknown>) {
    if (!isObject(item) || !isSignal(item)) throw new TypeError("AbortSignal.any: an element is not of type 'AbortSignal'.");
    append(result, item as AbortSignal);
  }
  return result;
}

function anyOf(signals: List<AbortSignal>): AbortSignal {
  const result = newSignal();
  const state = stateOf(result);
  for (let i = 0; i < signals.length; i++) {
    const source = stateOf(signals[i] as AbortSignal);
    if (!source.aborted) continue;
    state.aborted = true;
    state.reason = source.reason;
    return result;
  }
  state.sources = list();
  for (let i = 0; i < signals.length; i++) {
    const signal = signals[i] as AbortSignal;
    const { sources } = stateOf(signal);
    if (sources === null) link(signal, result, state.sources);
    else for (let j = 0; j < sources.length; j++) link(sources[j] as AbortSignal, result, state.sources);
  }
  return result;
}

function link(source: AbortSignal, dependent: AbortSignal, sources: List<AbortSignal>): void {
  for (let i = 0; i < sources.length; i++) if (sources[i] === source) return;
  append(sources, source);
  const { dependents } = stateOf(source);
  prune(dependents);
  append(dependents, new WeakRef(dependent));
}

/** Forgets dependents that were collected, so that `any()` in a loop does not grow its source. */
function prune(dependents: List<WeakRef<AbortSignal>>): void {
  for (let i = dependents.length - 1; i >= 0; i--) {
    if (weakRefDeref(dependents[i]) === undefined) removeAt(dependents, i);
  }
}

function pin(signal: AbortSignal): void {
  const state = stateOf(signal);
  if (state.sources === null || state.pinned || state.aborted) return;
  state.pinned = true;
  for (let i = 0; i < state.sources.length; i++) append(stateOf(state.sources[i] as AbortSignal).pins, signal);
}

export function signalAbort(signal: AbortSignal, reason: unknown): void {
  const state = stateOf(signal);
  if (state.aborted) return;
  state.aborted = true;
  state.reason = reason === undefined ? abortError() : reason;
  const affected: List<AbortSignal> = list();
  append(affected, signal);
  for (let i = 0; i < state.dependents.length; i++) {
    const dependent = weakRefDeref(state.dependents[i]);
    if (dependent === undefined) continue;
    const other = stateOf(dependent);
    if (other.aborted) continue;
    other.aborted = true;
    other.reason = state.reason;
    append(affected, dependent);
  }
  for (let i = 0; i < affected.length; i++) runAbortSteps(affected[i] as AbortSignal);
}

function runAbortSteps(signal: AbortSignal): void {
  const state = stateOf(signal);
  const algorithms = copyOf(state.algorithms);
  state.algorithms.length = 0;
  state.dependents.length = state.pins.length = 0;
  for (let i = 0; i < algorithms.length; i++) (algorithms[i] as Algorithm)();
  if (hasListeners(signal, "abort")) fire(signal, trusted(new Event("abort")));
}

function checked(signal: unknown): AbortSignal {
  if (isObject(signal) && isSignal(signal)) return signal as AbortSignal;
  throw new TypeError("The signal is not of type 'AbortSignal'.");
}

export function isAborted(signal: unknown): boolean {
  return stateOf(checked(signal)).aborted;
}

/** Runs `algorithm` when the signal aborts; nothing happens when it already did. */
export function onAbort(signal: unknown, algorithm: Algorithm): void {
  const target = checked(signal);
  const state = stateOf(target);
  if (state.aborted) return;
  append(state.algorithms, algorithm);
  pin(target);
}

export function offAbort(signal: object, algorithm: Algorithm): void {
  const { algorithms } = stateOf(signal);
  for (let i = 0; i < algorithms.length; i++) if (algorithms[i] === algorithm) return removeAt(algorithms, i);
}

export function reasonOf(signal: object): unknown {
  return stateOf(signal).reason;
}

export let signalOf: (controller: AbortController) => AbortSignal;

export class AbortController {
  readonly #signal = newSignal();
  static {
    signalOf = (controller) => (#signal in controller ? controller.#signal : illegal());
  }
  get signal(): AbortSignal {
    return signalOf(this);
  }
  abort(reason: unknown = undefined): void {
    signalAbort(signalOf(this), reason);
  }
}

export function installAbort(): void {
  const listening = (target: object) => {
    if (isSignal(target)) pin(target as AbortSignal);
  };
  setAbortHooks({ aborted: isAborted, onAbort, listening });
  exposeInterface(AbortSignal, "AbortSignal");
  exposeInterface(AbortController, "AbortController");
  handlerAttribute(AbortSignal.prototype, "abort");
}
