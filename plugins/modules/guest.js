"use strict";
(() => {
  // ../../plugins/modules/guest/index.ts
  var FILE = "file://";
  function pathOf(sdk, place) {
    const { stringStartsWith, TypeError, String } = sdk.primordials;
    const text = String(place);
    const path = stringStartsWith(text, FILE) ? decoded(sdk, text) : text;
    if (stringStartsWith(path, "/")) return path;
    const error = new TypeError(`The argument 'filename' must be a file URL or an absolute path. Received ${sdk.inspect(place)}`);
    sdk.primordials.define(error, "code", "ERR_INVALID_ARG_VALUE");
    throw error;
  }
  function decoded(sdk, url) {
    const { stringIndexOf, stringSlice } = sdk.primordials;
    return stringSlice(url, stringIndexOf(url, "/", FILE.length));
  }
  function builtinNames(sdk) {
    const { stringIncludes } = sdk.primordials;
    const all = sdk.moduleNames();
    const names = [];
    for (let i = 0; i < all.length; i++) {
      const name = all[i];
      if (!stringIncludes(name, ":")) sdk.primordials.define(names, names.length, name, 7);
    }
    return names;
  }
  function moduleExports(sdk) {
    const { Error } = sdk.primordials;
    class Module {
      id;
      exports = {};
      loaded = false;
      constructor(id = "") {
        this.id = id;
      }
    }
    const isBuiltin = (name) => {
      const names2 = sdk.moduleNames();
      for (let i = 0; i < names2.length; i++) if (names2[i] === name) return true;
      return false;
    };
    const exports = {
      builtinModules: builtinNames(sdk),
      createRequire: (place) => sdk.createRequire(pathOf(sdk, place)),
      isBuiltin,
      Module,
      findSourceMap: () => void 0,
      register: () => {
        throw new Error("module.register() is not available to guest code: modules are resolved by the host (policies.modules)");
      },
      syncBuiltinESMExports: () => {
      }
    };
    const names = sdk.primordials.keys(exports);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      sdk.primordials.define(Module, name, exports[name], 7);
    }
    return { ...exports, default: Module };
  }
  var capability = {
    install(sdk) {
      sdk.defineModule("node:module", () => moduleExports(sdk));
      sdk.defineModule("module", () => sdk.findModule("node:module"));
    }
  };
  registerCapability("modules", capability);
})();
