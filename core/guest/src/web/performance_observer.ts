// PerformanceObserver (Performance Timeline §5).
import { append, copyOf, type List, list, removeAt } from "../collections";
import { apply, freeze, TypeError } from "../primordials";
import { reportException } from "../report";
import { DOMException } from "./dom_exception";
import { dictionary, exposeInterface, illegal, requireArguments, sequence } from "./idl";
import { entryOf, type Entries, onEntry, type PerformanceEntry, select, selectFrom } from "./performance_timeline";
import { startTimer } from "./timers";

const SUPPORTED = freeze(["mark", "measure"]);
const isSupported = (type: string): boolean => type === "mark" || type === "measure";

const token = {};
let entriesOf: (list: object) => Entries;

class PerformanceObserverEntryList {
  readonly #entries: Entries;
  static {
    entriesOf = (owner) => (#entries in owner ? owner.#entries : illegal());
  }
  constructor(key: unknown = undefined, entries: Entries = list()) {
    if (key !== token) throw new TypeError("Illegal constructor");
    this.#entries = entries;
  }
  getEntries(): PerformanceEntry[] {
    return selectFrom(entriesOf(this), undefined, undefined);
  }
  getEntriesByType(type: unknown): PerformanceEntry[] {
    const entries = entriesOf(this);
    requireArguments(arguments.length, 1, "PerformanceObserverEntryList.getEntriesByType");
    return selectFrom(entries, undefined, `${type}`);
  }
  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    const entries = entriesOf(this);
    requireArguments(arguments.length, 1, "PerformanceObserverEntryList.getEntriesByName");
    return selectFrom(entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}

interface ObserverState {
  readonly callback: (entries: object, observer: object, options: object) => unknown;
  mode: "" | "single" | "multiple";
  types: List<string>;
  buffer: Entries;
}

const observers: List<PerformanceObserver> = list();
let observerOf: (observer: object) => ObserverState;
let queued = false;

class PerformanceObserver {
  readonly #state: ObserverState;
  static {
    observerOf = (observer) => (#state in observer ? observer.#state : illegal());
  }
  constructor(callback: unknown) {
    requireArguments(arguments.length, 1, "PerformanceObserver constructor");
    if (typeof callback !== "function") throw new TypeError("PerformanceObserver constructor: the callback must be a function.");
    this.#state = { callback: callback as ObserverState["callback"], mode: "", types: list(), buffer: list() };
  }
  observe(options: unknown = undefined): void {
    const state = observerOf(this);
    observe(this, state, dictionary(options, "PerformanceObserver.observe"));
  }
  disconnect(): void {
    const state = observerOf(this);
    unregister(this);
    state.buffer = list();
    state.types = list();
  }
  takeRecords(): PerformanceEntry[] {
    const state = observerOf(this);
    const { buffer } = state;
    state.buffer = list();
    return selectFrom(buffer, undefined, undefined);
  }
  static get supportedEntryTypes(): readonly string[] {
    return SUPPORTED;
  }
}

/** Web IDL `sequence<DOMString>` */
function typesOf(value: unknown): List<string> {
  const types: List<string> = list();
  const items = sequence(value);
  if (items === undefined) throw new TypeError("PerformanceObserver.observe: entryTypes must be a sequence.");
  // lint: Web IDL asks for the argument's iterator
  for (const type of items) append(types, `${type}`);
  return types;
}

function observe(observer: PerformanceObserver, state: ObserverState, bag: Record<string, unknown> | undefined): void {
  const buffered = bag?.buffered;
  const entryTypes = bag?.entryTypes;
  const all = entryTypes === undefined ? undefined : typesOf(entryTypes);
  const one = bag?.type === undefined ? undefined : `${bag.type}`;
  if ((all === undefined) === (one === undefined) || (all !== undefined && buffered !== undefined)) {
    throw new TypeError("PerformanceObserver.observe: give either entryTypes alone, or a type.");
  }
  const mode = all === undefined ? "single" : "multiple";
  if (state.mode !== "" && state.mode !== mode) {
    throw new DOMException("The observer was given the other kind of options before.", "InvalidModificationError");
  }
  state.mode = mode;
  if (all !== undefined) return observeAll(observer, state, all);
  if (isSupported(one as string)) observeOne(observer, state, one as string, !!buffered);
}

/** Replaces what was observed before. */
function observeAll(observer: PerformanceObserver, state: ObserverState, wanted: List<string>): void {
  const types: List<string> = list();
  for (let i = 0; i < wanted.length; i++) if (isSupported(wanted[i] as string)) append(types, wanted[i] as string);
  if (types.length === 0) return;
  state.types = types;
  register(observer);
}

/** Adds to what was observed before. */
function observeOne(observer: PerformanceObserver, state: ObserverState, type: string, buffered: boolean): void {
  if (!watches(state, type)) append(state.types, type);
  register(observer);
  if (!buffered) return;
  const before = select(undefined, type);
  for (let i = 0; i < before.length; i++) append(state.buffer, before[i] as PerformanceEntry);
  queue();
}

function watches({ types }: ObserverState, type: string): boolean {
  for (let i = 0; i < types.length; i++) if (types[i] === type) return true;
  return false;
}

function register(observer: PerformanceObserver): void {
  for (let i = 0; i < observers.length; i++) if (observers[i] === observer) return;
  append(observers, observer);
}

function unregister(observer: PerformanceObserver): void {
  for (let i = 0; i < observers.length; i++) if (observers[i] === observer) return removeAt(observers, i);
}

function hand(entry: PerformanceEntry): void {
  const { entryType } = entryOf(entry);
  for (let i = 0; i < observers.length; i++) {
    const state = observerOf(observers[i] as PerformanceObserver);
    if (!watches(state, entryType)) continue;
    append(state.buffer, entry);
    queue();
  }
}

/** One task for all observers. */
function queue(): void {
  if (queued) return;
  queued = true;
  startTimer(deliver, 0);
}

function deliver(): void {
  queued = false;
  const snapshot = copyOf(observers);
  for (let i = 0; i < snapshot.length; i++) {
    const observer = snapshot[i] as PerformanceObserver;
    const state = observerOf(observer);
    if (state.buffer.length === 0) continue;
    const entries = new PerformanceObserverEntryList(token, state.buffer);
    state.buffer = list();
    try {
      apply(state.callback, observer, [entries, observer, { droppedEntriesCount: 0 }]);
    } catch (error) {
      reportException(error);
    }
  }
}

export function installPerformanceObserver(): void {
  exposeInterface(PerformanceObserverEntryList, "PerformanceObserverEntryList");
  exposeInterface(PerformanceObserver, "PerformanceObserver");
  onEntry(hand);
}
