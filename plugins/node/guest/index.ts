// The `node:` modules. Nothing of them is evaluated before a guest asks for it: the zygote compiles them, and a runtime
// that never imports one holds a few closures.
import type { Sdk } from "../../../core/guest/types/sdk";
import { nativeCrypto } from "./native";
import { platform } from "./platform";

/** esbuild turns each into a call that evaluates the file once, then and there. */
declare function require(path: string): { exportsOf(name: string): object; default: unknown };

const NAMES =
  "assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector module net os path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls tty url util util/types v8 vm worker_threads zlib";
const GLOBALS = [
  ["Buffer", "buffer"],
  ["process", "process"],
  ["setImmediate", "timers"],
  ["clearImmediate", "timers"],
] as const;

/** Made once, in the zygote, which all runtimes share. */
// lint: no guest code has run yet
const SPECIFIERS = `${NAMES} node:${NAMES.split(" ").join(" node:")}`.split(" ");

function prepare(sdk: Sdk): void {
  const p = sdk.primordials;
  const parts = {
    ...nativeCrypto(sdk),
    inspect: sdk.inspect,
    format: sdk.format,
    types: sdk.types,
    findModule: sdk.findModule,
    moduleNames: sdk.moduleNames,
    monotonic: p.monotonic,
    enterContext: sdk.enterContext,
    promiseHook: sdk.promiseHook,
  };
  const names: (keyof typeof parts)[] = p.keys(parts);
  for (let i = 0; i < names.length; i++) p.define(platform, names[i] as string, parts[names[i] as keyof typeof parts], 7);
}

function exportsOf(name: string): object {
  return require("./modules/index.mjs").exportsOf(name);
}

function defineNodeGlobal(sdk: Sdk, name: string, module: string): void {
  sdk.defineLazyGlobal(name, () => {
    const exports = sdk.findModule(`node:${module}`) as Record<string, unknown>;
    return name === "process" ? exports.default : exports[name];
  });
}

registerCapability("node", {
  prepare,
  install(sdk) {
    const p = sdk.primordials;
    p.define(platform, "cwd", sdk.cwd);
    p.define(platform, "webcrypto", p.root.crypto);
    sdk.onReset(() => {
      for (let i = 0; i < platform.resets.length; i++) platform.resets[i]?.();
    });
    sdk.defineModules(SPECIFIERS, (specifier) => {
      const isBare: boolean = p.stringIndexOf(specifier, "node:") !== 0;
      return isBare ? (sdk.findModule(`node:${specifier}`) as object) : exportsOf(p.stringSlice(specifier, 5));
    });
    for (let i = 0; i < GLOBALS.length; i++) {
      const global = GLOBALS[i] as (typeof GLOBALS)[number];
      defineNodeGlobal(sdk, global[0], global[1]);
    }
  },
});
