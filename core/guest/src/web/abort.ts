// AbortController and AbortSignal (DOM Standard §3).
import { append, copyOf, type List, list, removeAt } from "../collections";
import { TypeError, weakRefDeref } from "../primordials";
import { collectSignals, dependentSignal, pin } from "./abort_any";
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
export let signalState: (signal: object) => SignalState;
export let isSignal: (value: object) => boolean;

export class AbortSignal extends EventTarget {
  readonly #state: SignalState;
  static {
    signalState = (signal) => (#state in signal ? signal.#state : illegal());
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
    return signalState(this).aborted;
  }
  get reason(): unknown {
    return signalState(this).reason;
  }
  throwIfAborted(): void {
    const state = signalState(this);
    if (state.aborted) throw state.reason;
  }
  static abort(reason: unknown = undefined): AbortSignal {
    const signal = createSignal();
    const state = signalState(signal);
    state.aborted = true;
    state.reason = reason === undefined ? abortError() : reason;
    return signal;
  }
  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.timeout");
    const delay = +(milliseconds as number);
    if (!(delay > -1) || delay > 9007199254740991) throw new TypeError("AbortSignal.timeout: the delay is out of range.");
    const signal = createSignal();
    startTimer(() => signalAbort(signal, new DOMException("The operation timed out.", "TimeoutError")), delay);
    return signal;
  }
  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.any");
    return dependentSignal(collectSignals(signals));
  }
}

/** A signal without a controller, for the kernel's own use. */
export const createSignal = () => new AbortSignal(token);
const abortError = () => new DOMException("This operation was aborted", "AbortError");

export function signalAbort(signal: AbortSignal, reason: unknown): void {
  const state = signalState(signal);
  if (state.aborted) return;
  state.aborted = true;
  state.reason = reason === undefined ? abortError() : reason;
  const affected: List<AbortSignal> = list();
  append(affected, signal);
  for (let i = 0; i < state.dependents.length; i++) {
    const dependent = weakRefDeref(state.dependents[i]);
    if (dependent === undefined) continue;
    const other = signalState(dependent);
    if (other.aborted) continue;
    other.aborted = true;
    other.reason = state.reason;
    append(affected, dependent);
  }
  for (let i = 0; i < affected.length; i++) runAbortSteps(affected[i] as AbortSignal);
}

function runAbortSteps(signal: AbortSignal): void {
  const state = signalState(signal);
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
  return signalState(checked(signal)).aborted;
}

/** Runs `algorithm` when the signal aborts; nothing happens when it already did. */
export function onAbort(signal: unknown, algorithm: Algorithm): void {
  const target = checked(signal);
  const state = signalState(target);
  if (state.aborted) return;
  append(state.algorithms, algorithm);
  pin(target);
}

export function offAbort(signal: object, algorithm: Algorithm): void {
  const { algorithms } = signalState(signal);
  for (let i = 0; i < algorithms.length; i++) if (algorithms[i] === algorithm) return removeAt(algorithms, i);
}

export function reasonOf(signal: object): unknown {
  return signalState(signal).reason;
}

export let signalOf: (controller: AbortController) => AbortSignal;

export class AbortController {
  readonly #signal = createSignal();
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
