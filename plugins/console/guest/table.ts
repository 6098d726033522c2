// console.table: rows and columns from whatever was given, as Node draws them.
import type { Sdk } from "../../../core/guest/types/sdk";
import type { Output } from "./output";
import { textWidth } from "./width";

/** Columns by name in order of appearance; `cells` by row. */
interface Column {
  name: string;
  cells: Record<number, string>;
}

/** `undefined`: the data has no rows to show. */
export function tableOf(sdk: Sdk, out: Output, data: unknown, properties: unknown): string | undefined {
  if (data === null || typeof data !== "object") return undefined;
  try {
    return new Table(sdk, out).draw(data, properties);
  } catch {
    return undefined; // a getter or a proxy that throws: shown as `console.log` shows it
  }
}

class Table {
  readonly #sdk: Sdk;
  readonly #out: Output;
  readonly #columns: Column[] = [];
  #rows = 0;

  constructor(sdk: Sdk, out: Output) {
    this.#sdk = sdk;
    this.#out = out;
  }

  draw(data: object, properties: unknown): string {
    const { isPrototypeOf, Map, Set } = this.#sdk.primordials;
    if (isPrototypeOf(Map.prototype as object, data)) this.#fromMap(data);
    else if (isPrototypeOf(Set.prototype as object, data)) this.#fromSet(data);
    else this.#fromObject(data, properties);
    return this.#render();
  }

  #column(name: string): Column {
    for (let i = 0; i < this.#columns.length; i++) if (this.#columns[i]?.name === name) return this.#columns[i] as Column;
    const column: Column = { name, cells: { __proto__: null } as Record<number, string> };
    this.#sdk.primordials.define(this.#columns, this.#columns.length, column, 7);
    return column;
  }
  #cell(value: unknown): string {
    const { isArray, keys } = this.#sdk.primordials;
    const large = typeof value === "object" && value !== null && !isArray(value) && keys(value).length > 2;
    const options = { __proto__: null, maxArrayLength: 3, breakLength: 1 / 0, depth: large ? -1 : 0 } as object;
    return this.#out.inspect(value, options as never);
  }
  #fromMap(data: object): void {
    const { mapForEach } = this.#sdk.primordials;
    const index = this.#column("(iteration index)");
    const keys = this.#column("Key");
    const values = this.#column("Values");
    mapForEach(data, (value: unknown, key: unknown) => {
      index.cells[this.#rows] = `${this.#rows}`;
      keys.cells[this.#rows] = this.#cell(key);
      values.cells[this.#rows] = this.#cell(value);
      this.#rows++;
    });
  }
  #fromSet(data: object): void {
    const { setForEach } = this.#sdk.primordials;
    const index = this.#column("(iteration index)");
    const values = this.#column("Values");
    setForEach(data, (value: unknown) => {
      index.cells[this.#rows] = `${this.#rows}`;
      values.cells[this.#rows] = this.#cell(value);
      this.#rows++;
    });
  }
  #fromObject(data: object, properties: unknown): void {
    const { isArray, keys } = this.#sdk.primordials;
    const chosen = isArray(properties) ? (properties as unknown[]) : undefined;
    const index = this.#column("(index)");
    const primitives: Record<number, string> = { __proto__: null } as Record<number, string>;
    const names: string[] = keys(data);
    let hasPrimitives = false;
    for (; this.#rows < names.length; this.#rows++) {
      const key = names[this.#rows] as string;
      const item = (data as Record<string, unknown>)[key];
      index.cells[this.#rows] = key;
      const primitive = item === null || (typeof item !== "object" && typeof item !== "function");
      if (primitive) {
        hasPrimitives = true;
        primitives[this.#rows] = this.#cell(item);
      }
      if (!primitive || chosen !== undefined) this.#row(item, primitive, chosen ?? keys(item));
    }
    if (hasPrimitives) this.#addValues(primitives);
  }
  #row(item: unknown, primitive: boolean, names: unknown[]): void {
    const { hasOwn } = this.#sdk.primordials;
    for (let i = 0; i < names.length; i++) {
      const name = `${names[i]}`;
      const column = this.#column(name);
      if (primitive || !hasOwn(item, name)) continue;
      column.cells[this.#rows] = this.#cell((item as Record<string, unknown>)[name]);
    }
  }
  /** Its own column even when a property is called so too. */
  #addValues(cells: Record<number, string>): void {
    this.#sdk.primordials.define(this.#columns, this.#columns.length, { name: "Values", cells }, 7);
  }

  #render(): string {
    const widths: number[] = [];
    for (let i = 0; i < this.#columns.length; i++) {
      this.#sdk.primordials.define(widths, i, this.#width(this.#columns[i] as Column), 7);
    }
    let text = `${this.#rule(widths, "┌", "┬", "┐")}\n${this.#line(widths, (column) => column.name)}\n`;
    text += this.#rule(widths, "├", "┼", "┤");
    for (let row = 0; row < this.#rows; row++) text += `\n${this.#line(widths, (column) => column.cells[row] ?? "")}`;
    return `${text}\n${this.#rule(widths, "└", "┴", "┘")}`;
  }
  #width(column: Column): number {
    const { max } = this.#sdk.primordials;
    let width = textWidth(this.#sdk, column.name);
    for (let row = 0; row < this.#rows; row++) width = max(width, textWidth(this.#sdk, column.cells[row] ?? ""));
    return width;
  }
  #rule(widths: number[], left: string, middle: string, right: string): string {
    const { stringRepeat } = this.#sdk.primordials;
    let text = left;
    for (let i = 0; i < widths.length; i++) text += `${i > 0 ? middle : ""}${stringRepeat("─", (widths[i] as number) + 2)}`;
    return text + right;
  }
  #line(widths: number[], cellOf: (column: Column) => string): string {
    const { stringRepeat } = this.#sdk.primordials;
    let text = "│";
    for (let i = 0; i < widths.length; i++) {
      const cell = cellOf(this.#columns[i] as Column);
      text += ` ${cell}${stringRepeat(" ", (widths[i] as number) - textWidth(this.#sdk, cell))} │`;
    }
    return text;
  }
}
