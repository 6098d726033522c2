// The modules that plugins provide, by specifier: one table for `import` (the worker asks for it) and for whatever gives
// guest code a `require`.
import { append, type List, list, removeAt, Table } from "./collections";
import { isArray, TypeError } from "./primordials";

/** The exports, one own property for each; or what makes them when the module is first asked for. */
export type Source = object | (() => object);

/** A fallback gives way to the module that another plugin defines under its name, whichever comes first. */
export interface ModuleOptions {
  fallback?: boolean;
}

interface Entry {
  /** What defined it, and takes it along when it is taken away. */
  readonly owner: object;
  source: Source;
  /** Set while its function runs: a module that asks for itself gets an error, not an endless recursion. */
  loading: boolean;
}

const entries = new Table<string, Entry>();
const fallbacks = new Table<string, Entry>();
/** Many modules at once, which cost nothing until one is asked for; then it becomes a fallback. */
type Family = { owner: object; names: ArrayLike<string>; load: (name: string) => object };
const families: List<Family> = list();

export function definePluginModule(owner: object, specifier: string, source: Source, options: ModuleOptions = {}): void {
  if (typeof specifier !== "string" || specifier === "") throw new TypeError("A module's specifier must be a string");
  const isSource = (typeof source === "object" && source !== null && !isArray(source)) || typeof source === "function";
  if (!isSource) throw new TypeError(`The exports of the module '${specifier}' must be an object, or a function that makes one`);
  const table = options.fallback === true ? fallbacks : entries;
  if (table === entries && entries.has(specifier)) throw new TypeError(`The module '${specifier}' is defined twice`);
  table.set(specifier, { owner, source, loading: false });
}

export function definePluginModules(owner: object, names: ArrayLike<string>, load: (name: string) => object): void {
  append(families, { owner, names, load });
}

/** The owner was taken away: what gave way to its modules is there again. */
export function removePluginModules(owner: object): void {
  removeFrom(entries, owner);
  removeFrom(fallbacks, owner);
  for (let i = families.length - 1; i >= 0; i--) if ((families[i] as Family).owner === owner) removeAt(families, i);
}

function removeFrom(table: Table<string, Entry>, owner: object): void {
  const gone = list<string>();
  table.forEach((entry, specifier) => {
    if (entry.owner === owner) append(gone, specifier);
  });
  for (let i = 0; i < gone.length; i++) table.delete(gone[i] as string);
}

function entryOf(specifier: string): Entry | undefined {
  const entry = entries.get(specifier) ?? fallbacks.get(specifier);
  if (entry !== undefined) return entry;
  for (let i = 0; i < families.length; i++) {
    const family = families[i] as Family;
    for (let j = 0; j < family.names.length; j++) {
      if (family.names[j] !== specifier) continue;
      const made = { owner: family.owner, source: () => family.load(specifier), loading: false };
      fallbacks.set(specifier, made);
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
  fallbacks.forEach((_, name) => {
    if (!entries.has(name)) append(names, name);
  });
  for (let i = 0; i < families.length; i++) {
    const family = families[i] as Family;
    for (let j = 0; j < family.names.length; j++) {
      const name = family.names[j] as string;
      if (!entries.has(name) && !fallbacks.has(name)) append(names, name);
    }
  }
  return names;
}
