// AbortSignal.any: signals that depend on others. Sources hold dependents weakly, except those that somebody listens to.
import { append, type List, list, removeAt } from "../collections";
import { iteratorSymbol, TypeError, WeakRef, weakRefDeref } from "../primordials";
import { type AbortSignal, createSignal, isSignal, signalState } from "./abort";
import { isObject } from "./idl";

/** Web IDL `sequence<AbortSignal>`: the argument's own iterator, once. */
export function collectSignals(signals: unknown): List<AbortSignal> {
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

export function dependentSignal(signals: List<AbortSignal>): AbortSignal {
  const result = createSignal();
  const state = signalState(result);
  for (let i = 0; i < signals.length; i++) {
    const source = signalState(signals[i] as AbortSignal);
    if (!source.aborted) continue;
    state.aborted = true;
    state.reason = source.reason;
    return result;
  }
  state.sources = list();
  for (let i = 0; i < signals.length; i++) {
    const signal = signals[i] as AbortSignal;
    const { sources } = signalState(signal);
    if (sources === null) link(signal, result, state.sources);
    else for (let j = 0; j < sources.length; j++) link(sources[j] as AbortSignal, result, state.sources);
  }
  return result;
}

function link(source: AbortSignal, dependent: AbortSignal, sources: List<AbortSignal>): void {
  for (let i = 0; i < sources.length; i++) if (sources[i] === source) return;
  append(sources, source);
  const { dependents } = signalState(source);
  prune(dependents);
  append(dependents, new WeakRef(dependent));
}

/** Forgets dependents that were collected, so that `any()` in a loop does not grow its source. */
function prune(dependents: List<WeakRef<AbortSignal>>): void {
  for (let i = dependents.length - 1; i >= 0; i--) {
    if (weakRefDeref(dependents[i]) === undefined) removeAt(dependents, i);
  }
}

export function pin(signal: AbortSignal): void {
  const state = signalState(signal);
  if (state.sources === null || state.pinned || state.aborted) return;
  state.pinned = true;
  for (let i = 0; i < state.sources.length; i++) append(signalState(state.sources[i] as AbortSignal).pins, signal);
}
