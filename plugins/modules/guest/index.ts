// `node:module`: what packages that are partly CommonJS import it for. Everything else of modules is V8's and the core's.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";

const FILE = "file://";

function pathOf(sdk: Sdk, place: unknown): string {
  const { stringStartsWith, TypeError, String } = sdk.primordials;
  const text = String(place);
  const path = stringStartsWith(text, FILE) ? decoded(sdk, text) : text;
  if (stringStartsWith(path, "/")) return path;
  const error = new TypeError(`The argument 'filename' must be a file URL or an absolute path. Received ${sdk.inspect(place)}`);
  sdk.primordials.define(error, "code", "ERR_INVALID_ARG_VALUE");
  throw error;
}

function decoded(sdk: Sdk, url: string): string {
  // Only this scheme reaches here: file://[host]/path.
  const { stringIndexOf, stringSlice } = sdk.primordials;
  return stringSlice(url, stringIndexOf(url, "/", FILE.length));
}

/** Names as Node lists them: without the scheme. */
function builtinNames(sdk: Sdk): string[] {
  const { stringIncludes } = sdk.primordials;
  const all = sdk.moduleNames();
  const names: string[] = [];
  for (let i = 0; i < all.length; i++) {
    const name = all[i] as string;
    if (!stringIncludes(name, ":")) sdk.primordials.define(names, names.length, name, 7);
  }
  return names;
}

function moduleExports(sdk: Sdk): object {
  const { Error } = sdk.primordials;
  class Module {
    id: string;
    exports: unknown = {};
    loaded = false;
    constructor(id = "") {
      this.id = id;
    }
  }
  const isBuiltin = (name: unknown) => {
    const names = sdk.moduleNames();
    for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
    return false;
  };
  const exports = {
    builtinModules: builtinNames(sdk),
    createRequire: (place: unknown) => sdk.createRequire(pathOf(sdk, place)),
    isBuiltin,
    Module,
    findSourceMap: () => undefined,
    register: () => {
      throw new Error("module.register() is not available to guest code: modules are resolved by the host (policies.modules)");
    },
    syncBuiltinESMExports: () => {},
  };
  const names = sdk.primordials.keys(exports);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof typeof exports;
    sdk.primordials.define(Module, name, exports[name], 7);
  }
  return { ...exports, default: Module };
}

const capability: Capability = {
  install(sdk: Sdk): void {
    // The plugin `node` has one that resolves nothing but what is built in; it gives way.
    sdk.defineModule("node:module", () => moduleExports(sdk));
    sdk.defineModule("module", () => sdk.findModule("node:module") as object);
  },
};

registerCapability("modules", capability);
