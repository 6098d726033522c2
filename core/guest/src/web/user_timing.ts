// Marks and measures (User Timing).
import { list } from "../collections";
import { monotonic } from "../native";
import { TypeError } from "../primordials";
import { DOMException } from "./dom_exception";
import { dictionary, exposeInterface, illegal, isObject, requireArguments } from "./idl";
import { addEntry, entryOf, entryToken, latestMark, PerformanceEntry } from "./performance_timeline";
import { cloneWithTransfer } from "./structured_clone";

const cloned = (detail: unknown): unknown =>
  detail === undefined || detail === null ? null : cloneWithTransfer(detail, list()).value;

class PerformanceMark extends PerformanceEntry {
  readonly #brand = true;
  constructor(name: unknown, options: unknown = undefined) {
    requireArguments(arguments.length, 1, "PerformanceMark constructor");
    const text = `${name}`;
    const bag = dictionary(options, "PerformanceMark constructor");
    const detail = bag?.detail;
    const given = bag?.startTime;
    const startTime = given === undefined ? monotonic() : finite(given);
    if (startTime < 0) throw new TypeError("A mark cannot have a negative start time.");
    super(entryToken, { name: text, entryType: "mark", startTime, duration: 0, detail: cloned(detail) });
  }
  get detail(): unknown {
    return #brand in this ? entryOf(this).detail : illegal();
  }
}

class PerformanceMeasure extends PerformanceEntry {
  readonly #brand = true;
  get detail(): unknown {
    return #brand in this ? entryOf(this).detail : illegal();
  }
}

function finite(value: unknown): number {
  const number = +(value as number);
  if (number - number !== 0) throw new TypeError("The value is not a finite number.");
  return number;
}

export const mark = (name: unknown, options: unknown): PerformanceEntry => addEntry(new PerformanceMark(name, options));

/** A time, or the name of a mark. */
function timeOf(value: unknown): number {
  if (typeof value === "number") {
    if (finite(value) < 0) throw new TypeError("performance.measure: a time cannot be negative.");
    return value;
  }
  const name = `${value}`;
  const start = latestMark(name);
  if (start === undefined) throw new DOMException(`The mark '${name}' does not exist.`, "SyntaxError");
  return start;
}

interface Span {
  start?: unknown;
  end?: unknown;
  duration?: unknown;
  detail?: unknown;
}

/** The members in the order in which Web IDL reads them. */
function spanOf(options: object, endMark: unknown): Span {
  const bag = options as Record<string, unknown>;
  const { detail, duration, end, start } = bag;
  if (detail === undefined && duration === undefined && end === undefined && start === undefined) return { end: endMark };
  if (endMark !== undefined) throw new TypeError("performance.measure: options and an end mark exclude each other.");
  if (start === undefined && end === undefined) throw new TypeError("performance.measure: the options need a start or an end.");
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError("performance.measure: start, end and duration together are too much.");
  }
  return { detail, duration, end, start };
}

function endOf({ duration, end, start }: Span): number {
  if (end !== undefined) return timeOf(end);
  return start !== undefined && duration !== undefined ? timeOf(start) + timeOf(finite(duration)) : monotonic();
}

function startOf({ duration, start }: Span, end: number): number {
  if (start !== undefined) return timeOf(start);
  return duration === undefined ? 0 : end - timeOf(finite(duration));
}

export function measure(name: unknown, startOrOptions: unknown, endMark: unknown): PerformanceEntry {
  const text = `${name}`;
  let span: Span;
  if (isObject(startOrOptions)) span = spanOf(startOrOptions, endMark);
  else if (startOrOptions === undefined || startOrOptions === null) span = { end: endMark };
  else span = { start: `${startOrOptions}`, end: endMark };
  // A second argument on its own is always a name.
  if (span.end !== undefined && span.end === endMark) span.end = `${endMark}`;
  const end = endOf(span);
  const startTime = startOf(span, end);
  const state = { name: text, entryType: "measure", startTime, duration: end - startTime, detail: cloned(span.detail) };
  return addEntry(new PerformanceMeasure(entryToken, state));
}

export function installUserTiming(): void {
  exposeInterface(PerformanceMark, "PerformanceMark");
  exposeInterface(PerformanceMeasure, "PerformanceMeasure");
}
