// `util.inspect` of Node, extracted; it captures the built-ins it uses when this bundle is loaded.
import * as extracted from "node-inspect-extracted";

interface Inspect {
  (value: unknown, options?: object): string;
  readonly custom: symbol;
  readonly defaultOptions: object;
}

export const inspect = extracted.inspect as unknown as Inspect;
export const format = extracted.formatWithOptions as (options: object, ...args: unknown[]) => string;
