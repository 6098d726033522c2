// Errors. Each field is read once and defensively: an error has to arrive even when guest code made it strange.
import { append, type List, list } from "../collections";
import { create, hasOwn, isArray, jsonStringify, keys, String } from "../primordials";
import { domExceptionState, isDOMException } from "../web/dom_exception";
import { define, Flags } from "../web/idl";
import { type Encoding, encodeValue } from "./encode";

interface ErrorLike {
  name?: unknown;
  message?: unknown;
  stack?: unknown;
  code?: unknown;
  cause?: unknown;
  errors?: unknown;
}

function text(read: () => unknown, fallback: string): string {
  try {
    const value = read();
    if (typeof value === "string") return value;
    return value === undefined || value === null ? fallback : String(value);
  } catch {
    return fallback;
  }
}

/** `reduced`: only what always can cross. */
export function encodeErrorObject(state: Encoding, value: object, level: number, reduced: boolean): string {
  const error = value as ErrorLike;
  const known = isDOMException(value) ? domExceptionState(value) : undefined;
  const name = known?.name ?? text(() => error.name, "Error");
  const message = known?.message ?? text(() => error.message, "");
  const stack = text(() => error.stack, "");
  let out = `{"$":"err","name":${jsonStringify(name)},"message":${jsonStringify(message)},"stack":${jsonStringify(stack)}`;
  const code = reduced ? undefined : error.code;
  if (typeof code === "string" || typeof code === "number") out += `,"code":${encodeValue(state, code, level)}`;
  if (reduced) return `${out}}`;
  if (hasOwn(value, "cause")) out += `,"cause":${member(state, "cause", error.cause, level)}`;
  if (hasOwn(value, "errors") && isArray(error.errors)) out += `,"errors":${member(state, "errors", error.errors, level)}`;
  const props = extraProperties(value);
  if (props !== undefined) out += `,"props":${encodeValue(state, props, level)}`;
  return `${out}}`;
}

function member(state: Encoding, key: string, value: unknown, level: number): string {
  const at = state.depth++;
  state.path[at] = key;
  const result = encodeValue(state, value, level);
  state.depth = at;
  return result;
}

const OWN_FIELDS = { __proto__: null, name: 1, message: 1, stack: 1, code: 1, cause: 1, errors: 1 };

/** Own enumerable properties that have no field of their own in the node. */
function extraProperties(value: object): object | undefined {
  const names = keys(value);
  const extra: List<string> = list();
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    if (!(key in OWN_FIELDS) || (key === "errors" && !isArray((value as ErrorLike).errors))) append(extra, key);
  }
  if (extra.length === 0) return undefined;
  const props = create(null);
  for (let i = 0; i < extra.length; i++) {
    const key = extra[i] as string;
    define(props, key, (value as Record<string, unknown>)[key], Flags.all);
  }
  return props;
}
