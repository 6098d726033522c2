// Whatever was thrown, as plain data that crosses to the host.
import type { Sdk } from "../../../../core/guest/types/sdk";

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly matcherName: string | null;
  readonly expected: unknown;
  readonly actual: unknown;
}

const TEXT_LENGTH = 16_384;
const MAX_NODES = 500;
const MAX_DEPTH = 8;
const MAX_CAUSES = 5;
const UNPORTABLE = Symbol("unportable");

const clip = (text: string) => (text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)}… (${text.length} characters)` : text);

/** A copy of plain data. Anything else, or too much of it, becomes its text: the host gets no reference into the guest. */
function portable(sdk: Sdk, value: unknown): unknown {
  let nodes = 0;
  const copy = (item: unknown, depth: number): unknown => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) return UNPORTABLE;
    if (typeof item === "string") return clip(item);
    if (item === null || typeof item === "number" || typeof item === "boolean" || typeof item === "bigint") return item;
    if (item === undefined) return depth === 0 ? undefined : UNPORTABLE;
    if (typeof item !== "object") return UNPORTABLE;
    const list = Array.isArray(item);
    const prototype = Object.getPrototypeOf(item);
    if (!list && prototype !== Object.prototype && prototype !== null) return UNPORTABLE;
    const result: Record<string, unknown> | unknown[] = list ? [] : {};
    for (const key of Reflect.ownKeys(item)) {
      if (list && key === "length") continue;
      const property = Object.getOwnPropertyDescriptor(item, key);
      if (typeof key !== "string" || property === undefined || !("value" in property)) return UNPORTABLE;
      const part = copy(property.value, depth + 1);
      if (part === UNPORTABLE) return UNPORTABLE;
      Object.defineProperty(result, key, { value: part, enumerable: true, configurable: true, writable: true });
    }
    return list && (result as unknown[]).length !== (item as unknown[]).length ? UNPORTABLE : result;
  };
  const plain = copy(value, 0);
  return plain === UNPORTABLE ? show(sdk, value) : plain;
}

/** Text of a value; never throws. */
export function show(sdk: Sdk, value: unknown): string {
  try {
    return clip(sdk.inspect(value, { depth: 6 }));
  } catch {
    return "a value that cannot be shown";
  }
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? clip(value) : undefined);

/** A matcher may give its error the message after the stack was taken. */
function ownStack(error: object): string | null {
  const stack = text(read(error, "stack"));
  const message = text(read(error, "message")) ?? "";
  if (stack === undefined || stack.includes(message)) return stack ?? null;
  const frames = stack.search(/\n {4}at /);
  return `${text(read(error, "name")) ?? "Error"}: ${message}${frames < 0 ? "" : stack.slice(frames)}`;
}

function stackOf(error: object): string | null {
  let stack = ownStack(error);
  let cause = read(error, "cause");
  for (let i = 0; i < MAX_CAUSES && typeof cause === "object" && cause !== null; i++) {
    const more = text(read(cause, "stack")) ?? text(read(cause, "message"));
    if (more !== undefined) stack = `${stack ?? ""}\ncaused by: ${more}`;
    cause = read(cause, "cause");
  }
  const errors = read(error, "errors");
  if (Array.isArray(errors)) {
    for (const [index, item] of errors.slice(0, MAX_CAUSES).entries()) {
      const more = typeof item === "object" && item !== null ? (text(read(item, "stack")) ?? "an error") : `${typeof item}`;
      stack = `${stack ?? ""}\nerror ${index + 1}: ${more}`;
    }
  }
  return stack === null ? null : clip(stack);
}

export function describeFailure(sdk: Sdk, thrown: unknown): Failure {
  const isError = typeof thrown === "object" && thrown !== null && typeof read(thrown, "message") === "string";
  if (!isError) {
    const what = `${thrown === null || thrown === undefined ? thrown : show(sdk, thrown)}`;
    return {
      name: "Thrown",
      message: `thrown: ${what} (not an error: it has no message and no stack)`,
      stack: null,
      matcherName: null,
      expected: null,
      actual: null,
    };
  }
  const result = read(thrown, "matcherResult");
  const matched = typeof result === "object" && result !== null;
  return {
    name: text(read(thrown, "name")) ?? "Error",
    message: text(read(thrown, "message")) ?? "",
    stack: stackOf(thrown),
    matcherName: matched ? (text(read(result, "name")) ?? null) : null,
    expected: matched ? portable(sdk, read(result, "expected")) : null,
    actual: matched ? portable(sdk, read(result, "actual")) : null,
  };
}
