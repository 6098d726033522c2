// Entries and their text.
import type { InspectOptions, Sdk } from "../../../core/guest/types/sdk";

/** What `console.log` in Node formats with. */
const FORMAT: InspectOptions = { __proto__: null } as InspectOptions;

/** `undefined` for what needs the formatter. */
function primitiveText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
    case "boolean":
    case "undefined":
      return `${value}`;
    case "bigint":
      return `${value}n`;
    default:
      return value === null ? "null" : undefined;
  }
}

export class Output {
  readonly #sdk: Sdk;
  /** Open groups. */
  depth = 0;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  emit(type: string, level: string, text: string, extra?: object): void {
    const entry = { type, level, text, group_depth: this.depth };
    this.#sdk.note("entry", extra === undefined ? entry : { ...entry, ...extra });
  }
  write(level: string, data: unknown[]): void {
    this.emit("output", level, this.format(data));
  }

  /** Never throws: a value that cannot be shown says so, and the entry still arrives. */
  format(data: unknown[]): string {
    const plain = this.#plainText(data);
    if (plain !== undefined) return plain;
    const { apply } = this.#sdk.primordials;
    try {
      const args: unknown[] = [FORMAT];
      for (let i = 0; i < data.length; i++) this.#sdk.primordials.define(args, i + 1, data[i], 7);
      return apply(this.#sdk.format, undefined, args);
    } catch (error) {
      return this.#piecewise(data, error);
    }
  }
  inspect(value: unknown, options: InspectOptions): string {
    try {
      return this.#sdk.inspect(value, options);
    } catch (error) {
      return `[inspection failed: ${this.#describe(error)}]`;
    }
  }

  /** Most entries are primitives without directives: those need no formatter. */
  #plainText(data: unknown[]): string | undefined {
    const { length } = data;
    if (length === 0) return "";
    const first = data[0];
    if (length > 1 && typeof first === "string" && this.#sdk.primordials.stringIncludes(first, "%")) return undefined;
    let text = primitiveText(first);
    for (let i = 1; i < length && text !== undefined; i++) {
      const part = primitiveText(data[i]);
      text = part === undefined ? undefined : `${text} ${part}`;
    }
    return text;
  }
  #piecewise(data: unknown[], cause: unknown): string {
    if (data.length === 1) return `[formatting failed: ${this.#describe(cause)}]`;
    let text = "";
    for (let i = 0; i < data.length; i++) text += `${i > 0 ? " " : ""}${this.format([data[i]])}`;
    return text;
  }
  #describe(error: unknown): string {
    try {
      return `${error}`;
    } catch {
      return "an exception without a message";
    }
  }
}
