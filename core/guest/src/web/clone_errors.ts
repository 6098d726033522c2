// structuredClone of errors: a known name, the message, the stack and the cause.
import { Error, getOwnPropertyDescriptor, hasOwn, setPrototypeOf } from "../primordials";
import { DOMException, domExceptionState, isDOMException } from "./dom_exception";
import { define } from "./idl";
import { nativeErrorPrototypes } from "./native_errors";
import { type Cloning, clone, remember } from "./structured_clone";

export function cloneError(state: Cloning, value: object): object {
  if (isDOMException(value)) return cloneDOMException(state, value);
  const { name } = value as Error;
  const copy = remember(state, value, new Error()) as Error;
  setPrototypeOf(copy, nativeErrorPrototypes.get(name === undefined ? "Error" : `${name}`) ?? Error.prototype);
  const message = getOwnPropertyDescriptor(value, "message");
  if (message !== undefined && "value" in message) define(copy, "message", `${message.value}`);
  const { stack } = value as Error;
  define(copy, "stack", typeof stack === "string" ? stack : undefined);
  if (hasOwn(value, "cause")) define(copy, "cause", clone(state, (value as Error).cause));
  return copy;
}

function cloneDOMException(state: Cloning, value: object): object {
  const { name, message } = domExceptionState(value);
  const copy = remember(state, value, new DOMException(message, name));
  const { stack } = value as { stack?: unknown };
  if (typeof stack === "string") define(copy, "stack", stack);
  return copy;
}
