// console.count and console.time.
import type { Sdk } from "../../../core/guest/types/sdk";
import type { Output } from "./output";

export class Counters {
  readonly #sdk: Sdk;
  readonly #out: Output;
  readonly #counts: object;

  constructor(sdk: Sdk, out: Output) {
    this.#sdk = sdk;
    this.#out = out;
    this.#counts = new sdk.primordials.Map();
  }
  clear(): void {
    this.#sdk.primordials.mapClear(this.#counts);
  }
  count(label: string): void {
    const { mapGet, mapSet } = this.#sdk.primordials;
    const count = (mapGet(this.#counts, label) ?? 0) + 1;
    mapSet(this.#counts, label, count);
    this.#out.emit("count", "log", `${label}: ${count}`, { __proto__: null, label, count });
  }
  reset(label: string): void {
    const { mapDelete } = this.#sdk.primordials;
    const known = mapDelete(this.#counts, label);
    const text = known ? "" : `Count for '${label}' does not exist`;
    this.#out.emit("countReset", known ? "log" : "warn", text, { __proto__: null, label });
  }
}

export class Timers {
  readonly #sdk: Sdk;
  readonly #out: Output;
  readonly #started: object;

  constructor(sdk: Sdk, out: Output) {
    this.#sdk = sdk;
    this.#out = out;
    this.#started = new sdk.primordials.Map();
  }
  clear(): void {
    this.#sdk.primordials.mapClear(this.#started);
  }
  start(label: string): void {
    const { mapHas, mapSet, monotonic } = this.#sdk.primordials;
    if (mapHas(this.#started, label)) {
      this.#out.emit("time", "warn", `Label '${label}' already exists for console.time()`, { __proto__: null, label });
    } else mapSet(this.#started, label, monotonic());
  }
  log(label: string, data: unknown[]): void {
    this.#report("timeLog", label, "console.timeLog()", data);
  }
  end(label: string): void {
    this.#report("time", label, "console.timeEnd()", []);
    this.#sdk.primordials.mapDelete(this.#started, label);
  }
  #report(type: string, label: string, method: string, data: unknown[]): void {
    const { mapGet, monotonic } = this.#sdk.primordials;
    const start: number | undefined = mapGet(this.#started, label);
    if (start === undefined) {
      this.#out.emit(type, "warn", `No such label '${label}' for ${method}`, { __proto__: null, label });
      return;
    }
    const duration = monotonic() - start;
    const detail = data.length === 0 ? "" : ` ${this.#out.format(data)}`;
    const extra = { __proto__: null, label, duration_ms: duration };
    this.#out.emit(type, "log", `${label}: ${this.#duration(duration)}${detail}`, extra);
  }

  /** As Node writes it: `12.3ms`, `1.500s`, `1:05.250 (m:ss.mmm)`. */
  #duration(ms: number): string {
    const { floor } = this.#sdk.primordials;
    if (ms < 1000) return `${floor(ms * 1000 + 0.5) / 1000}ms`;
    const total = floor(ms + 0.5);
    const rest = `${pad(total % 1000, 3)}`;
    const seconds = floor(total / 1000);
    if (seconds < 60) return `${seconds}.${rest}s`;
    const minutes = floor(seconds / 60);
    const clock = `${pad(seconds % 60, 2)}.${rest}`;
    if (minutes < 60) return `${minutes}:${clock} (m:ss.mmm)`;
    return `${floor(minutes / 60)}:${pad(minutes % 60, 2)}:${clock} (h:mm:ss.mmm)`;
  }
}

function pad(value: number, width: number): string {
  let text = `${value}`;
  while (text.length < width) text = `0${text}`;
  return text;
}
