// The modules that plugins provide, by specifier: one table for `import` (the worker asks for it) and for whatever gives
// guest code a `require`.
import { append, type List, list, Table } from "./collections";
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
/** Many modules at once, which cost nothing until one is asked for; then it becomes an entry, a fallback. */
type Family = { names: ArrayLike<string>; load: (name: string) => object };
const families: List<Family> = list();

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

export function definePluginModules(names: ArrayLike<string>, load: (name: string) => object): void {
  append(families, { names, load });
}

function entryOf(specifier: string): Entry | undefined {
  const entry = entries.get(specifier);
  if (entry !== undefined) return entry;
  for (let i = 0; i < families.length; i++) {
    const family = families[i] as Family;
    for (let j = 0; j < family.names.length; j++) {
      if (family.names[j] !== specifier) continue;
      const made = { source: () => family.load(specifier), fallback: true, loading: false };
      entries.set(specifier, made);
      return made;
    }
  }
  return undefined;
}

/** The exports of a module; its code runs now if it never did. `undefined`: no plugin provides it. */
export function findPluginModule(specifier: string): object | undefined {
  const entry = entryOf(specifier);
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
  return entryOf(specifier) !== undefined;
}

/** In no particular order. */
export function pluginModuleNames(): ArrayLike<string> {
  const names = list<string>();
  entries.forEach((_, name) => {
    append(names, name);
  });
  for (let i = 0; i < families.length; i++) {
    const family = families[i] as Family;
    for (let j = 0; j < family.names.length; j++) {
      const name = family.names[j] as string;
      if (!entries.has(name)) append(names, name);
    }
  }
  return names;
}
