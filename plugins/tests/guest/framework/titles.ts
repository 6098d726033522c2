// Tables of `each`, and the titles that are made from their rows.
import type { Sdk } from "../../../../core/guest/types/sdk";

export interface Row {
  readonly title: string;
  readonly args: unknown[];
}

type Table = ArrayLike<unknown>;

const PLACEHOLDER = /%[sdifjoOpc#$%]/g;
const VARIABLE = /\$(#|[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)/g;

function isTemplate(table: Table): boolean {
  return Array.isArray((table as { raw?: unknown }).raw);
}

/** Rows of a tagged template: the first line has the names. */
function templateRows(strings: ArrayLike<string>, values: unknown[]): object[] {
  const names =
    `${strings[0]}`
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.split("|")
      .map((name) => name.trim()) ?? [];
  if (names.length === 0 || names[0] === "") throw new TypeError("each`…` needs a first line with the names of the columns");
  if (values.length === 0 || values.length % names.length !== 0) {
    throw new TypeError(`each\`…\` has ${values.length} values, which do not fill rows of ${names.length} (${names.join(", ")})`);
  }
  const rows: object[] = [];
  for (let i = 0; i < values.length; i += names.length) {
    rows.push(Object.fromEntries(names.map((name, column) => [name, values[i + column]])));
  }
  return rows;
}

function lookUp(row: unknown, path: string): { found: boolean; value: unknown } {
  let value: unknown = row;
  for (const key of path.split(".")) {
    if (value === null || typeof value !== "object" || !(key in value)) return { found: false, value: undefined };
    value = (value as Record<string, unknown>)[key];
  }
  return { found: true, value };
}

function titleOf(sdk: Sdk, template: string, args: unknown[], index: number): string {
  let next = 0;
  const show = (value: unknown) =>
    typeof value === "string" ? value : sdk.inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  const filled = template.replace(PLACEHOLDER, (mark) => {
    if (mark === "%%") return "%";
    if (mark === "%#") return `${index}`;
    if (mark === "%$") return `${index + 1}`;
    if (next >= args.length) return mark;
    const value = args[next++];
    return mark === "%p" ? sdk.inspect(value, { breakLength: Number.POSITIVE_INFINITY }) : sdk.format({}, mark, value);
  });
  return filled.replace(VARIABLE, (mark, path: string) => {
    if (path === "#") return `${index}`;
    const { found, value } = lookUp(args[0], path);
    return found ? show(value) : mark;
  });
}

/** The rows of `each(table)` or of its template form, with their titles. */
export function rowsOf(sdk: Sdk, table: unknown, values: unknown[], template: string): Row[] {
  if (table === null || typeof table !== "object" || typeof (table as Table).length !== "number") {
    throw new TypeError("each(…) needs an array of rows, or a tagged template");
  }
  const tagged = isTemplate(table as Table);
  const rows = tagged ? templateRows(table as ArrayLike<string>, values) : Array.from(table as Table);
  if (rows.length === 0) throw new TypeError("each([]) has no row, so there is nothing to test");
  return rows.map((row, index) => {
    const args = Array.isArray(row) && !tagged ? row : [row];
    return { args, title: titleOf(sdk, template, args, index) };
  });
}
