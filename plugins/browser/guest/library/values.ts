// Arguments on their way to the host: objects of the browser and regular expressions are marked, functions refused.
import type { Remote } from "./remote";

const MARK = "$pw";
const MAX_DEPTH = 100;

/** What tells objects of the browser from others, without a cycle between modules. */
export type TargetOf = (value: object) => unknown;

export function pack(value: unknown, targetOf: TargetOf, depth = 0): unknown {
  if (typeof value === "function")
    throw new TypeError("a function cannot be an argument for the page: only the first argument can be one");
  if (typeof value === "symbol") throw new TypeError("a symbol cannot be an argument");
  if (value === null || typeof value !== "object") return value;
  if (depth > MAX_DEPTH) throw new TypeError(`an argument is nested more than ${MAX_DEPTH} deep, or contains itself`);
  const target = targetOf(value);
  if (target !== undefined) return { [MARK]: "o", v: target };
  if (value instanceof RegExp) return { [MARK]: "r", v: [sourceOf(value), value.flags] };
  if (Array.isArray(value)) {
    const items = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) items[i] = pack(value[i], targetOf, depth + 1);
    return items;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) copy[key] = pack(item, targetOf, depth + 1);
  }
  return Object.hasOwn(copy, MARK) ? { [MARK]: "v", v: copy } : copy;
}

/** Playwright knows the flags i, m and s. A pattern that means something else without u or v is refused. */
function sourceOf(pattern: RegExp): string {
  if (/[uv]/.test(pattern.flags) && /\\[pP]\{|\\u\{/.test(pattern.source))
    throw new TypeError(`${pattern}: Playwright does not take the flags u and v, and this pattern needs one`);
  return pattern.source;
}

/** A function as the text that the page will run. It is never run here, nor in the host. */
export function pageFunction(value: unknown): string {
  if (typeof value === "function") return asExpression(String(value));
  if (typeof value === "string") return value;
  throw new TypeError("a function, or a text with an expression, is expected");
}

/**
 * The same with what Python has no word for: an argument that was not given is none, and not `null`; and with `boxed` the result comes in
 * an array, as `unboxed` reads it. The page decides what its result is in any case: there is nothing to be gained by replacing RegExp.
 */
export function wrapped(expression: string, form: { onElement: boolean; hasArgument: boolean; boxed: boolean }): string {
  const parameters = `${form.onElement ? "element, " : ""}argument`;
  const given = `${form.onElement ? "element" : ""}${form.onElement && form.hasArgument ? ", " : ""}${form.hasArgument ? "argument" : ""}`;
  const call = `(${expression}\n)(${given})`;
  if (!form.boxed) return form.hasArgument ? expression : `(${parameters}) => ${call}`;
  return `async (${parameters}) => { const result = await ${call}; return ${BOX}; }`;
}

/** `[]` is undefined, `[value]` a value, `[digits, 0]` a BigInt, and `[source, flags, 0]` a RegExp. */
const BOX =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template in the page
  "result === undefined ? [] : typeof result === 'bigint' ? [`${result}`, 0] : result instanceof RegExp ? [result.source, result.flags, 0] : [result]";

export function unboxed(box: unknown): unknown {
  const [value, more, last] = box as unknown[];
  if (last !== undefined) return new RegExp(value as string, more as string);
  return more === undefined ? value : BigInt(value as string);
}

/** A method's text, such as `f() {}`, is no expression until it is called a function. It is only compiled here. */
function asExpression(text: string): string {
  for (const candidate of [text, text.startsWith("async ") ? `async function ${text.slice(6)}` : `function ${text}`]) {
    try {
      new Function(`(${candidate})`);
      return candidate;
    } catch {
      // The next one, or as it is: the page will say what is wrong with it.
    }
  }
  return text;
}

export type Take = (described: unknown) => Remote | null;

/** A result of a kind that the table names. */
export function unpack(kind: string, value: unknown, take: Take): unknown {
  if (kind === "void") return undefined;
  if (kind === "value" || kind === "bytes" || kind === "errors") return value;
  if (kind[0] === "[") return (value as unknown[]).map(take);
  if (kind[0] === "{") return new Map((value as [string, unknown][]).map(([name, item]) => [name, take(item)]));
  return take(value);
}
