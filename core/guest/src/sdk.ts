// What a capability script gets: the calls of its own capability, and what it needs to extend the guest.
import { type Codec, registerCodec } from "./codec/registry";
import type { Footprint } from "./capabilities";
import { createRequire } from "./commonjs/require";
import { findPluginModule, type ModuleOptions, pluginModuleNames } from "./plugin_modules";
import { freeze, root } from "./primordials";
import * as primordials from "./primordials";
import { settleWith, subscribe } from "./promises";
import { unhandledRejections } from "./report";
import { isDetached } from "./rpc/life";
import { ByteStream } from "./rpc/producer";
import { call, note } from "./rpc/requests";
import { setHandler } from "./rpc/serve";
import { format, inspect } from "./inspect";
import { types } from "./inspect/types";
import { compute, monotonic, promiseHook, random, spill } from "./native";
import type { AbortSignal } from "./web/abort";
import { bindContext, enterContext } from "./web/async_context";
import { registerCloner } from "./web/clone_platform";
import { define, exposeInterface, type InterfaceObject, shapeInterface } from "./web/idl";
import { startTimer } from "./web/timers";
import { sdkWeb } from "./sdk_web";

/** The captured built-ins, plus the two ways to await something that guest code may have tampered with. */
const captured = freeze({ ...primordials, subscribe, settleWith, define, monotonic });

/** `util.types` of Node: tests that ask objects for their slots. */
const slotTests = freeze({ __proto__: null, ...types, typedArrayKind: primordials.typedArrayKind });

export type Sdk = Readonly<ReturnType<typeof makeSdk>>;

/** A global that is made when somebody looks at it, and a plain one from then on; its getter. */
function defineLazy(name: string, make: () => unknown, footprint: Footprint): () => unknown {
  const get = () => {
    const value = make();
    define(root, name, value);
    footprint.addGlobal(name, value);
    return value;
  };
  const set = (value: unknown) => define(root, name, value);
  const accessor = { __proto__: null, get, set, enumerable: false, configurable: true };
  primordials.defineProperty(root, name, accessor as PropertyDescriptor);
  return get;
}

/** What differs from one owner to the next. */
export interface Place {
  cwd: string;
  footprint: Footprint;
}

/** Made once for each capability, in the template; `place` is set before each installation. */
export function makeSdk(cap: string, place: Place) {
  return freeze({
    capability: cap,
    get cwd(): string {
      return place.cwd;
    },
    primordials: captured,
    inspect,
    format,
    call: (op: string, ...args: unknown[]) => call(cap, op, args, undefined),
    callWith: (options: { signal?: unknown } | undefined, op: string, ...args: unknown[]) =>
      call(cap, op, args, options?.signal as AbortSignal | undefined),
    callArray: (op: string, args: ArrayLike<unknown>, options?: { signal?: unknown }) =>
      call(cap, op, args, options?.signal as AbortSignal | undefined),
    callOf: (capability: string, op: string, args: ArrayLike<unknown>, options?: { signal?: unknown }) =>
      call(capability, op, args, options?.signal as AbortSignal | undefined, -1),
    capabilityOf: (value: unknown): string | undefined =>
      typeof value === "object" || typeof value === "function" ? place.footprint.ownerOf(value) : undefined,
    note: (op: string, ...args: unknown[]) => note(cap, op, args),
    flush: () => spill(),
    task: (run: () => void) => startTimer(run, 0),
    unhandled: () => unhandledRejections(),
    handle: (op: string, fn: (...args: unknown[]) => unknown, wakes = true) => setHandler(cap, op, fn, wakes),
    defineGlobal(name: string, value: unknown): void {
      define(root, name, value);
      place.footprint.addGlobal(name, value);
    },
    defineLazyGlobal(name: string, make: () => unknown): void {
      place.footprint.addLazyGlobal(name, defineLazy(name, make, place.footprint));
    },
    defineModule: (specifier: string, exports: object | (() => object), options?: ModuleOptions) =>
      place.footprint.addModule(specifier, exports, options),
    defineModules: (names: ArrayLike<string>, load: (name: string) => object) => place.footprint.addModules(names, load),
    onReset: (run: () => void) => place.footprint.onReset(run),
    abandoned: () => isDetached(),
    findModule: (specifier: string): object | undefined => findPluginModule(specifier),
    createRequire: (filename: string) => createRequire(filename),
    moduleNames: (): ArrayLike<string> => pluginModuleNames(),
    byteStream: (source: unknown) => new ByteStream(source),
    registerCodec: (name: string, codec: Codec) => registerCodec(name, codec),
    exposeInterface(constructor: InterfaceObject, name: string, constants?: Record<string, number>): void {
      exposeInterface(constructor, name, constants);
      place.footprint.addGlobal(name, constructor);
    },
    shapeInterface,
    registerCloner,
    random: (size: number): ArrayBuffer | undefined => random(`${size}`),
    compute: (order: string, a?: ArrayBuffer, b?: ArrayBuffer, c?: ArrayBuffer, d?: ArrayBuffer) => {
      if (a === undefined) return compute(order);
      if (b === undefined) return compute(order, a);
      if (c === undefined) return compute(order, a, b);
      return d === undefined ? compute(order, a, b, c) : compute(order, a, b, c, d);
    },
    web: sdkWeb,
    types: slotTests,
    enterContext,
    promiseHook: (listener?: unknown) => promiseHook(listener),
    snapshot: <F extends (...args: never[]) => unknown>(fn: F): F => bindContext(fn),
  });
}
