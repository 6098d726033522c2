// PerformanceEntry, marks and measures (User Timing).
import { append, type List, list, Table, toArray } from "../collections";
import { monotonic } from "../native";
import { TypeError } from "../primordials";
import { DOMException } from "./dom_exception";
import { exposeInterface, isObject, requireArguments } from "./idl";

const token = {};
let detailOf: (entry: PerformanceEntry) => unknown;
/** Own fields, whatever guest code did to the getters. */
let parts: (entry: PerformanceEntry) => { name: string; type: string; start: number };

export class PerformanceEntry {
  readonly #name: string;
  readonly #type: string;
  readonly #start: number;
  readonly #duration: number;
  readonly #detail: unknown;
  constructor(key: unknown, name: string, type: string, start: number, duration: number, detail: unknown) {
    if (key !== token) throw new TypeError("Illegal constructor");
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
    this.#detail = detail === undefined ? null : detail;
  }
  get name(): string {
    return this.#name;
  }
  get entryType(): string {
    return this.#type;
  }
  get startTime(): number {
    return this.#start;
  }
  get duration(): number {
    return this.#duration;
  }
  toJSON(): object {
    return { name: this.#name, entryType: this.#type, startTime: this.#start, duration: this.#duration };
  }
  static {
    detailOf = (entry) => entry.#detail;
    parts = (entry) => ({ name: entry.#name, type: entry.#type, start: entry.#start });
  }
}

class PerformanceMark extends PerformanceEntry {
  constructor(name: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, "PerformanceMark constructor");
    const bag = isObject(options) ? (options as { startTime?: unknown; detail?: unknown }) : undefined;
    const start = bag?.startTime === undefined ? monotonic() : finite(bag.startTime);
    if (start < 0) throw new TypeError("A mark cannot have a negative start time.");
    super(token, `${name}`, "mark", start, 0, bag?.detail);
  }
  get detail(): unknown {
    return detailOf(this);
  }
}

class PerformanceMeasure extends PerformanceEntry {
  get detail(): unknown {
    return detailOf(this);
  }
}

function finite(value: unknown): number {
  const number = +(value as number);
  if (number - number !== 0) throw new TypeError("The value is not a finite number.");
  return number;
}

const entries: List<PerformanceEntry> = list();
const latestMarks = new Table<string, number>();

export function mark(name: unknown, options: unknown): PerformanceEntry {
  const entry = new PerformanceMark(name, options);
  const { name: key, start } = parts(entry);
  latestMarks.set(key, start);
  append(entries, entry);
  return entry;
}

function timeOf(value: unknown): number {
  if (typeof value === "number") return finite(value);
  const start = latestMarks.get(`${value}`);
  if (start === undefined) throw new DOMException(`The mark '${value}' does not exist.`, "SyntaxError");
  return start;
}

interface MeasureOptions {
  start?: unknown;
  end?: unknown;
  duration?: unknown;
  detail?: unknown;
}

export function measure(name: unknown, startOrOptions: unknown, endMark: unknown): PerformanceEntry {
  const isBag = isObject(startOrOptions);
  const bag: MeasureOptions = isBag ? startOrOptions : { start: startOrOptions, end: endMark };
  const { start, end, duration, detail } = bag;
  if (isBag && endMark !== undefined) throw new TypeError("performance.measure: options and an end mark exclude each other.");
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError("performance.measure: start, end and duration together are too much.");
  }
  let to = monotonic();
  if (end !== undefined) to = timeOf(end);
  else if (start !== undefined && duration !== undefined) to = timeOf(start) + finite(duration);
  let from = 0;
  if (start !== undefined) from = timeOf(start);
  else if (duration !== undefined) from = to - finite(duration);
  const entry = new PerformanceMeasure(token, `${name}`, "measure", from, to - from, detail);
  append(entries, entry);
  return entry;
}

/** Entries in order of start time, as the specification returns them. */
export function select(name: unknown, type: unknown): PerformanceEntry[] {
  const chosen: List<PerformanceEntry> = list();
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    const part = parts(entry);
    if ((name === undefined || part.name === name) && (type === undefined || part.type === type)) insert(chosen, entry);
  }
  return toArray(chosen);
}

function insert(sorted: List<PerformanceEntry>, entry: PerformanceEntry): void {
  const { start } = parts(entry);
  let i = sorted.length;
  while (i > 0 && parts(sorted[i - 1] as PerformanceEntry).start > start) {
    sorted[i] = sorted[i - 1] as PerformanceEntry;
    i--;
  }
  sorted[i] = entry;
}

export function clear(type: string, name: unknown): void {
  let kept = 0;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    const part = parts(entry);
    const goes = part.type === type && (name === undefined || part.name === `${name}`);
    if (!goes) entries[kept++] = entry;
    else if (type === "mark") latestMarks.delete(part.name);
  }
  entries.length = kept;
}

export function installUserTiming(): void {
  exposeInterface(PerformanceEntry, "PerformanceEntry");
  exposeInterface(PerformanceMark, "PerformanceMark");
  exposeInterface(PerformanceMeasure, "PerformanceMeasure");
}
