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

const capability: Capability = {
  install(sdk: Sdk): void {
    const make = () => {
      const createRequire = (place: unknown) => sdk.createRequire(pathOf(sdk, place));
      const isBuiltin = (name: unknown) => {
        const names = sdk.moduleNames();
        for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
        return false;
      };
      const exports = { createRequire, isBuiltin };
      return { ...exports, default: exports };
    };
    // The node plugin may bring a larger one.
    sdk.defineModule("node:module", make, { fallback: true });
    sdk.defineModule("module", make, { fallback: true });
  },
};

registerCapability("modules", capability);
