// The modules that plugins provide, by specifier: one table for `import` (the worker asks for it) and for whatever gives
// guest code a `require`.
import { append, list, Table } from "./collections";
import { isArray, TypeError } from "./primordials";

/** The exports, one own property for each; or what makes them when the module is first asked for. */
type Source = object | (() => object);

/** A fallback gives way to the module that another plugin defines under its name, whichever comes first. */
export interface ModuleOptions {
  fallback?: boolean;
}

interface Entry {
  source: Source;
  fallback: boolean;
  /** Set while its function runs: a module that asks for itself gets an error, not an endless recursion. */
  loading: boolean;
}

const entries = new Table<string, Entry>();

export function definePluginModule(specifier: string, source: Source, options: ModuleOptions = {}): void {
  if (typeof specifier !== "string" || specifier === "") throw new TypeError("A module's specifier must be a string");
  const isSource = (typeof source === "object" && source !== null && !isArray(source)) || typeof source === "function";
  if (!isSource) throw new TypeError(`The exports of the module '${specifier}' must be an object, or a function that makes one`);
  const fallback = options.fallback === true;
  const known = entries.get(specifier);
  if (known !== undefined && !known.fallback) {
    if (fallback) return;
    throw new TypeError(`The module '${specifier}' is defined twice`);
  }
  entries.set(specifier, { source, fallback, loading: false });
}

/** The exports of a module; its code runs now if it never did. `undefined`: no plugin provides it. */
export function findPluginModule(specifier: string): object | undefined {
  const entry = entries.get(specifier);
  if (entry === undefined) return undefined;
  if (typeof entry.source !== "function") return entry.source;
  if (entry.loading) throw new TypeError(`The module '${specifier}' needs itself`);
  entry.loading = true;
  try {
    entry.source = (entry.source as () => object)();
    return entry.source;
  } finally {
    entry.loading = false;
  }
}

export function hasPluginModule(specifier: string): boolean {
  return entries.has(specifier);
}

/** In no particular order. */
export function pluginModuleNames(): ArrayLike<string> {
  const names = list<string>();
  entries.forEach((_, name) => {
    append(names, name);
  });
  return names;
}
