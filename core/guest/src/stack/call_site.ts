// V8's CallSite objects, read through captured methods: guest code can get hold of their prototype.
import { apply, create, getPrototypeOf, ownKeys } from "../primordials";
import { Table } from "../collections";
import { define } from "../web/idl";
import { hasSourceMap, originalPosition, type Position } from "./source_map";

export type CallSite = object;

/** Filled at the first stack ever formatted, which is before guest code can have seen a CallSite. */
let methods: Table<string, (this: CallSite) => unknown> | undefined;

function capture(site: CallSite): Table<string, (this: CallSite) => unknown> {
  const table = new Table<string, (this: CallSite) => unknown>();
  const prototype = getPrototypeOf(site) as Record<string, (this: CallSite) => unknown>;
  const names = ownKeys(prototype);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (typeof name === "string" && typeof prototype[name] === "function") table.set(name, prototype[name]);
  }
  return table;
}

export function ask(site: CallSite, name: string): unknown {
  methods ??= capture(site);
  const method = methods.get(name);
  return method === undefined ? undefined : apply(method, site, []);
}

export function scriptOf(site: CallSite): string | undefined {
  const name = ask(site, "getScriptNameOrSourceURL");
  return typeof name === "string" ? name : undefined;
}

export function mappedPosition(site: CallSite): Position | undefined {
  const script = scriptOf(site);
  if (script === undefined || !hasSourceMap(script)) return undefined;
  return originalPosition(script, ask(site, "getLineNumber") as number, ask(site, "getColumnNumber") as number);
}

/** One line of a stack, as V8 writes it, with the original position when a source map knows it. */
export function describe(site: CallSite): string {
  const position = mappedPosition(site);
  if (position === undefined) return `${ask(site, "toString")}`;
  const location = `${position.source}:${position.line}:${position.column}`;
  const what = describeFunction(site);
  return what === "" ? location : `${what} (${location})`;
}

/** The part before the parentheses; V8's rules (JSStackFrame serialisation). */
function describeFunction(site: CallSite): string {
  const name = ask(site, "getFunctionName") as string | null;
  const isAsync = ask(site, "isAsync") === true;
  const prefix = isAsync ? "async " : "";
  if (isAsync && ask(site, "isPromiseAll") === true) return `async Promise.all (index ${ask(site, "getPromiseIndex")})`;
  if (ask(site, "isToplevel") !== true && ask(site, "isConstructor") !== true) return `${prefix}${describeMethod(site, name)}`;
  if (ask(site, "isConstructor") === true) return `${prefix}new ${name || "<anonymous>"}`;
  return name ? `${prefix}${name}` : "";
}

function describeMethod(site: CallSite, name: string | null): string {
  const type = ask(site, "getTypeName") as string | null;
  const method = ask(site, "getMethodName") as string | null;
  if (!name) return `${type ? `${type}.` : ""}${method || "<anonymous>"}`;
  const startsWithType = type && name.length >= type.length && sliceStart(name, type.length) === type;
  const head = type && !startsWithType ? `${type}.${name}` : name;
  return method && !endsWithMethod(name, method) ? `${head} [as ${method}]` : head;
}

function sliceStart(text: string, length: number): string {
  let result = "";
  for (let i = 0; i < length; i++) result += text[i];
  return result;
}

function endsWithMethod(name: string, method: string): boolean {
  if (name === method) return true;
  const tail = `.${method}`;
  if (name.length < tail.length) return false;
  for (let i = 0; i < tail.length; i++) if (name[name.length - tail.length + i] !== tail[i]) return false;
  return true;
}

/** For a guest's own `Error.prepareStackTrace`: the call site with the positions of the original source. */
export function mappedCallSite(site: CallSite): CallSite {
  const position = mappedPosition(site);
  if (position === undefined) return site;
  const wrapper = create(null) as object;
  methods?.forEach((method, name) => {
    define(wrapper, name, () => apply(method, site, []));
  });
  define(wrapper, "getFileName", () => position.source);
  define(wrapper, "getScriptNameOrSourceURL", () => position.source);
  define(wrapper, "getLineNumber", () => position.line);
  define(wrapper, "getColumnNumber", () => position.column);
  define(wrapper, "toString", () => describe(site));
  return wrapper;
}
