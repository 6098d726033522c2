// CommonJS: `require`, its cache and its modules, by Node's rules. What a specifier means and the text behind it come from the
// worker, which waits for the host when it must (native.findRequired).
import { append, type List, list, Table, toArray } from "../collections";
import { compileRequired, evaluateRequired, findRequired, textOfRequired } from "../native";
import { findPluginModule } from "../plugin_modules";
import {
  apply,
  create,
  defineProperty,
  deleteProperty,
  Error,
  getOwnPropertyDescriptor,
  hasOwn,
  isArray,
  jsonParse,
  keys,
  Object,
  ownKeys,
  stringLastIndexOf,
  stringSlice,
  SyntaxError,
  TypeError,
} from "../primordials";

interface Found {
  kind: "js" | "cjs" | "json" | "builtin";
  id: string;
  filename: string;
  dirname: string;
}

export interface Require {
  (specifier: string): unknown;
  resolve: (specifier: string) => string;
  cache: Record<string, Module>;
  main: undefined;
}

/** The `module` of a CommonJS file. What `require` works with is private: guest code may write to all that it sees. */
class Module {
  exports: unknown = {};
  loaded = false;
  children: Module[] = [];
  readonly id: string;
  readonly filename: string;
  readonly path: string;
  readonly paths: string[] = [];
  declare readonly parent: Module | undefined;
  declare readonly require: Require;
  readonly #filename: string;
  readonly #parent: Module | undefined;

  constructor(filename: string, path: string, parent: Module | undefined) {
    this.id = this.filename = this.#filename = filename;
    this.path = path;
    this.#parent = parent;
    hide(this, "parent", parent);
    hide(this, "require", makeRequire(this));
  }

  static filenameOf(module: Module): string {
    return module.#filename;
  }

  static parentOf(module: Module): Module | undefined {
    return module.#parent;
  }
}
const { filenameOf, parentOf } = Module;
hide(Module.prototype, "constructor", Object);

function hide(target: object, name: string, value: unknown): void {
  const descriptor = { __proto__: null, value, writable: true, enumerable: false, configurable: true };
  defineProperty(target, name, descriptor as PropertyDescriptor);
}

/** `require.cache`: guest code may read it, and delete from it to have a module run again. */
const cache = create(null) as Record<string, Module>;
/** Plugins' modules by specifier: what the host said once it would say again. */
const builtins = new Table<string, object>();
const facades = new Table<string, unknown>();

function fail(description: { name: string; message: string; code?: string; stack?: string }, parent: Module): never {
  const { name, code } = description;
  const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  const message = missing ? `${description.message}\n${requireStack(parent)}` : description.message;
  const make = name === "SyntaxError" ? SyntaxError : name === "TypeError" ? TypeError : Error;
  const error = new make(message) as Error & { code?: string };
  // Node's name for it in CommonJS; packages that can do without a dependency look for this code.
  if (code !== undefined && code !== null) error.code = missing ? "MODULE_NOT_FOUND" : code;
  throw error;
}

function requireStack(parent: Module): string {
  let text = "Require stack:";
  let depth = 0;
  for (let at: Module | undefined = parent; at !== undefined && depth < 20; at = parentOf(at), depth++)
    text += `\n- ${filenameOf(at)}`;
  return text;
}

function find(specifier: unknown, parent: Module): Found {
  if (typeof specifier !== "string") throw codedTypeError(`The "id" argument must be of type string`, "ERR_INVALID_ARG_TYPE");
  if (specifier === "") throw codedTypeError(`The argument 'id' must be a non-empty string`, "ERR_INVALID_ARG_VALUE");
  const found = jsonParse(findRequired(filenameOf(parent), specifier));
  if (found[0] === "error") fail(found[1], parent);
  return { kind: found[0], id: found[1], filename: found[2], dirname: found[3] };
}

function codedTypeError(message: string, code: string): TypeError {
  const error = new TypeError(message) as TypeError & { code: string };
  error.code = code;
  return error;
}

function makeRequire(parent: Module): Require {
  const require = function require(specifier: string): unknown {
    const builtin = builtins.get(specifier);
    if (builtin !== undefined) return exportsOfBuiltin(builtin);
    return load(find(specifier, parent), specifier, parent);
  } as Require;
  const resolve = function resolve(specifier: string): string {
    const found = find(specifier, parent);
    return found.kind === "builtin" ? specifier : found.filename;
  };
  require.resolve = resolve;
  require.cache = cache;
  require.main = undefined;
  return require;
}

function load(found: Found, specifier: string, parent: Module): unknown {
  if (found.kind === "builtin") {
    const builtin = findPluginModule(found.id);
    if (builtin === undefined) throw new TypeError(`No built-in module is called '${found.id}'`);
    builtins.set(specifier, builtin);
    return exportsOfBuiltin(builtin);
  }
  const cached = cachedModule(found.filename);
  if (cached !== undefined) {
    adopt(parent, cached);
    return cached.exports;
  }
  if (found.kind === "js") return exportsOfModule(found.id);
  const module = new Module(found.filename, found.dirname, parent);
  adopt(parent, module);
  return run(module, found);
}

function cachedModule(filename: string): Module | undefined {
  const descriptor = getOwnPropertyDescriptor(cache, filename);
  return descriptor === undefined ? undefined : (cache[filename] as Module);
}

function adopt(parent: Module, child: Module): void {
  if (isArray(parent.children)) append(parent.children as List<Module>, child);
}

/** Evaluates a module that is in no cache yet. One that throws leaves no trace. */
function run(module: Module, found: Found): unknown {
  cache[found.filename] = module;
  let done = false;
  try {
    if (found.kind === "json") module.exports = parseJson(found);
    else
      apply(compileRequired(found.id), module.exports, [module.exports, module.require, module, found.filename, found.dirname]);
    done = true;
  } finally {
    if (!done) deleteProperty(cache, found.filename);
  }
  module.loaded = true;
  return module.exports;
}

function parseJson(found: Found): unknown {
  try {
    return jsonParse(textOfRequired(found.id));
  } catch (error) {
    throw new SyntaxError(`${found.filename}: ${(error as Error).message}`);
  }
}

function exportsOfBuiltin(builtin: object): unknown {
  return hasOwn(builtin, "default") ? (builtin as { default: unknown }).default : builtin;
}

/** What `require` of an ES module gives: its namespace, marked as such when it has a default export. */
function exportsOfModule(id: string): unknown {
  const known = facades.get(id);
  if (known !== undefined) return known;
  const namespace = evaluateRequired(id) as Record<string, unknown>;
  let exports: unknown = namespace;
  if (hasOwn(namespace, "module.exports")) exports = namespace["module.exports"];
  else if (hasOwn(namespace, "default") && !hasOwn(namespace, "__esModule")) exports = marked(namespace);
  facades.set(id, exports);
  return exports;
}

function marked(namespace: Record<string, unknown>): object {
  const facade = create(null);
  const names = keys(namespace);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const descriptor = { __proto__: null, get: () => namespace[name], enumerable: true, configurable: false };
    defineProperty(facade, name, descriptor as PropertyDescriptor);
  }
  defineProperty(facade, "__esModule", { __proto__: null, value: true, enumerable: true } as PropertyDescriptor);
  return facade;
}

/** For an `import` of CommonJS: `[module.exports, module.exports, …the named exports]`, evaluating the module if it never was. */
export function importCommonJs(id: string, names: string): unknown[] {
  const asked = jsonParse(names) as string[];
  const exports = evaluated(id);
  const values = list<unknown>();
  append(values, exports);
  append(values, exports);
  for (let i = 2; i < asked.length; i++) append(values, valueOf(exports, asked[i] as string));
  return toArray(values);
}

function evaluated(id: string): unknown {
  // The worker asks by id; file names of modules from disk are their ids.
  const cached = cachedModule(id);
  if (cached !== undefined) return cached.exports;
  const folder = folderOf(id);
  return run(new Module(id, folder, undefined), { kind: "cjs", id, filename: id, dirname: folder });
}

function valueOf(exports: unknown, name: string): unknown {
  if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) return undefined;
  try {
    return (exports as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function folderOf(path: string): string {
  return stringSlice(path, 0, stringLastIndexOf(path, "/")) || "/";
}

/** A `require` that resolves as seen from a file. */
export function createRequire(filename: string): Require {
  return new Module(filename, folderOf(filename), undefined).require;
}

/** The owner of a session has gone: only what belongs to `modules` (JSON of ids and file names) stays in the caches. */
export function forgetCommonJs(modules: string): void {
  const names = jsonParse(modules) as string[];
  const kept = new Table<string, true>();
  for (let i = 0; i < names.length; i++) kept.set(names[i] as string, true);
  const cached = ownKeys(cache);
  for (let i = 0; i < cached.length; i++) {
    const name = cached[i] as string;
    if (!kept.has(name)) deleteProperty(cache, name);
  }
  builtins.clear();
  const gone = list<string>();
  facades.forEach((_, id) => {
    if (!kept.has(id)) append(gone, id);
  });
  for (let i = 0; i < gone.length; i++) facades.delete(gone[i] as string);
}
