// Errors that come from the host. A known name becomes the class of that name.
import { append } from "../collections";
import { AggregateError, Error, errorToString, hasOwn, keys, setPrototypeOf, stringIndexOf, stringSlice } from "../primordials";
import { DOMException, isDOMExceptionName } from "../web/dom_exception";
import { define, Flags } from "../web/idl";
import { nativeErrorPrototypes } from "../web/native_errors";
import { type Decoding, decodeValue, type Node } from "./decode";

const DOM_SYNTAX_ERROR = 12;

export function decodeError(state: Decoding, node: Node): object {
  const isDOM = isDOMExceptionName(node.name) || (node.name === "SyntaxError" && field(node, "code") === DOM_SYNTAX_ERROR);
  const error = isDOM ? (new DOMException(node.message, node.name) as object) : makeError(node.name, node.message);
  append(state.containers, error);
  const stack = field(node, "stack");
  define(error, "stack", typeof stack === "string" && stack !== "" ? stack : siteStack(error, state.site));
  const code = field(node, "code");
  if (code !== undefined && !isDOM) define(error, "code", code, Flags.all);
  if (hasOwn(node, "cause")) define(error, "cause", decodeValue(state, node.cause));
  if (hasOwn(node, "errors")) define(error, "errors", decodeValue(state, node.errors));
  if (hasOwn(node, "props")) assignProperties(error, decodeValue(state, node.props) as Record<string, unknown>);
  return error;
}

/** The host's errors have no JavaScript stack: show where guest code called. */
function siteStack(error: object, site: object | undefined): string {
  const head = errorToString(error);
  const frames = site === undefined ? undefined : (site as { stack?: unknown }).stack;
  if (typeof frames !== "string") return head;
  const start = stringIndexOf(frames, "\n");
  return start < 0 ? head : `${head}${stringSlice(frames, start)}`;
}

function field(node: Node, key: string): unknown {
  return hasOwn(node, key) ? node[key] : undefined;
}

function makeError(name: string, message: string): object {
  const error = new Error(message);
  const prototype = name === "AggregateError" ? AggregateError.prototype : nativeErrorPrototypes.get(name);
  if (prototype !== undefined) setPrototypeOf(error, prototype);
  else if (name !== "Error") define(error, "name", name);
  return error;
}

function assignProperties(error: object, props: Record<string, unknown>): void {
  const names = keys(props);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    if (key !== "stack" && key !== "message") define(error, key, props[key], Flags.all);
  }
}
