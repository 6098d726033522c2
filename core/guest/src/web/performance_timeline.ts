// PerformanceEntry and the timeline of entries (Performance Timeline §3, §4).
import { append, type List, list, toArray } from "../collections";
import { TypeError } from "../primordials";
import { exposeInterface, illegal } from "./idl";

interface EntryState {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
  readonly detail: unknown;
}

export const entryToken = {};
/** Own state, whatever guest code did to the getters. */
export let entryOf: (entry: object) => EntryState;

export class PerformanceEntry {
  readonly #state: EntryState;
  static {
    entryOf = (entry) => (#state in entry ? entry.#state : illegal());
  }
  constructor(key: unknown = undefined, state: EntryState | undefined = undefined) {
    if (key !== entryToken) throw new TypeError("Illegal constructor");
    this.#state = state as EntryState;
  }
  get name(): string {
    return entryOf(this).name;
  }
  get entryType(): string {
    return entryOf(this).entryType;
  }
  get startTime(): number {
    return entryOf(this).startTime;
  }
  get duration(): number {
    return entryOf(this).duration;
  }
  toJSON(): object {
    const { name, entryType, startTime, duration } = entryOf(this);
    return { name, entryType, startTime, duration };
  }
}

export type Entries = List<PerformanceEntry>;

const timeline: Entries = list();
let notify: (entry: PerformanceEntry) => void = () => {};

/** Called with each new entry. */
export function onEntry(callback: (entry: PerformanceEntry) => void): void {
  notify = callback;
}

export function addEntry<E extends PerformanceEntry>(entry: E): E {
  append(timeline, entry);
  notify(entry);
  return entry;
}

export function selectFrom(source: Entries, name: string | undefined, type: string | undefined): PerformanceEntry[] {
  const chosen: Entries = list();
  for (let i = 0; i < source.length; i++) {
    const entry = source[i] as PerformanceEntry;
    const state = entryOf(entry);
    if ((name === undefined || state.name === name) && (type === undefined || state.entryType === type)) insert(chosen, entry);
  }
  return toArray(chosen);
}

/** Keeps the order of start times. */
function insert(sorted: Entries, entry: PerformanceEntry): void {
  const { startTime } = entryOf(entry);
  let i = sorted.length;
  while (i > 0 && entryOf(sorted[i - 1] as PerformanceEntry).startTime > startTime) {
    sorted[i] = sorted[i - 1] as PerformanceEntry;
    i--;
  }
  sorted[i] = entry;
}

export const select = (name: string | undefined, type: string | undefined): PerformanceEntry[] =>
  selectFrom(timeline, name, type);

/** The newest mark of a name that was not cleared. */
export function latestMark(name: string): number | undefined {
  for (let i = timeline.length - 1; i >= 0; i--) {
    const state = entryOf(timeline[i] as PerformanceEntry);
    if (state.entryType === "mark" && state.name === name) return state.startTime;
  }
  return undefined;
}

export function clear(type: string, name: string | undefined): void {
  let kept = 0;
  for (let i = 0; i < timeline.length; i++) {
    const entry = timeline[i] as PerformanceEntry;
    const state = entryOf(entry);
    if (state.entryType !== type || (name !== undefined && state.name !== name)) timeline[kept++] = entry;
  }
  timeline.length = kept;
}

export function installTimeline(): void {
  exposeInterface(PerformanceEntry, "PerformanceEntry");
}
