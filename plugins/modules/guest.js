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
  var capability = {
    install(sdk) {
      const make = () => {
        const createRequire = (place) => sdk.createRequire(pathOf(sdk, place));
        const isBuiltin = (name) => {
          const names = sdk.moduleNames();
          for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
          return false;
        };
        const exports = { createRequire, isBuiltin };
        return { ...exports, default: exports };
      };
      sdk.defineModule("node:module", make, { fallback: true });
      sdk.defineModule("module", make, { fallback: true });
    }
  };
  registerCapability("modules", capability);
})();
