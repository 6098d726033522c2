// performance (High Resolution Time, User Timing).
import { monotonic, timeOrigin } from "../native";
import { root, TypeError } from "../primordials";
import { EventTarget } from "./event_target";
import { define, exposeInterface, illegal, requireArguments } from "./idl";
import { installPerformanceObserver } from "./performance_observer";
import { clear, installTimeline, type PerformanceEntry, select } from "./performance_timeline";
import { installUserTiming, mark, measure } from "./user_timing";

const token = {};

class Performance extends EventTarget {
  readonly #brand = true;
  static #check(self: Performance): void {
    if (!(#brand in self)) illegal();
  }
  constructor(key: unknown = undefined) {
    if (key !== token) throw new TypeError("Illegal constructor");
    super();
  }
  get timeOrigin(): number {
    Performance.#check(this);
    return timeOrigin;
  }
  now(): number {
    Performance.#check(this);
    return monotonic();
  }
  mark(name: unknown, options: unknown = undefined): PerformanceEntry {
    Performance.#check(this);
    requireArguments(arguments.length, 1, "performance.mark");
    return mark(name, options);
  }
  measure(name: unknown, startOrOptions: unknown = undefined, endMark: unknown = undefined): PerformanceEntry {
    Performance.#check(this);
    requireArguments(arguments.length, 1, "performance.measure");
    return measure(name, startOrOptions, endMark);
  }
  getEntries(): PerformanceEntry[] {
    Performance.#check(this);
    return select(undefined, undefined);
  }
  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    Performance.#check(this);
    requireArguments(arguments.length, 1, "performance.getEntriesByName");
    return select(`${name}`, type === undefined ? undefined : `${type}`);
  }
  getEntriesByType(type: unknown): PerformanceEntry[] {
    Performance.#check(this);
    requireArguments(arguments.length, 1, "performance.getEntriesByType");
    return select(undefined, `${type}`);
  }
  clearMarks(name: unknown = undefined): void {
    Performance.#check(this);
    clear("mark", name === undefined ? undefined : `${name}`);
  }
  clearMeasures(name: unknown = undefined): void {
    Performance.#check(this);
    clear("measure", name === undefined ? undefined : `${name}`);
  }
  toJSON(): object {
    Performance.#check(this);
    return { timeOrigin };
  }
}

export function installPerformance(): void {
  installTimeline();
  installUserTiming();
  installPerformanceObserver();
  exposeInterface(Performance, "Performance");
  define(root, "performance", new Performance(token));
}
