// What a capability script gets: the calls of its own capability, and what it needs to extend the guest.
import { type Codec, registerCodec } from "./codec/registry";
import type { Footprint } from "./capabilities";
import { freeze, root } from "./primordials";
import * as primordials from "./primordials";
import { settleWith, subscribe } from "./promises";
import { ByteStream } from "./rpc/producer";
import { call, note } from "./rpc/requests";
import { setHandler } from "./rpc/serve";
import { format, inspect } from "./inspect";
import { compute, monotonic, random } from "./native";
import type { AbortSignal } from "./web/abort";
import { bindContext } from "./web/async_context";
import { registerCloner } from "./web/clone_platform";
import { define, exposeInterface, type InterfaceObject } from "./web/idl";
import { sdkWeb } from "./sdk_web";

/** The captured built-ins, plus the two ways to await something that guest code may have tampered with. */
const captured = freeze({ ...primordials, subscribe, settleWith, define, monotonic });

export type Sdk = Readonly<ReturnType<typeof makeSdk>>;

export function makeSdk(cap: string, cwd: string, footprint: Footprint) {
  return freeze({
    capability: cap,
    cwd,
    primordials: captured,
    inspect,
    format,
    call: (op: string, ...args: unknown[]) => call(cap, op, args, undefined),
    callWith: (options: { signal?: unknown } | undefined, op: string, ...args: unknown[]) =>
      call(cap, op, args, options?.signal as AbortSignal | undefined),
    callArray: (op: string, args: ArrayLike<unknown>, options?: { signal?: unknown }) =>
      call(cap, op, args, options?.signal as AbortSignal | undefined),
    note: (op: string, ...args: unknown[]) => note(cap, op, args),
    handle: (op: string, fn: (...args: unknown[]) => unknown) => setHandler(cap, op, fn),
    defineGlobal(name: string, value: unknown): void {
      define(root, name, value);
      footprint.addGlobal(name, value);
    },
    defineModule: (specifier: string, exports: object) => footprint.addModule(specifier, exports),
    onReset: (run: () => void) => footprint.onReset(run),
    byteStream: (source: unknown) => new ByteStream(source),
    registerCodec: (name: string, codec: Codec) => registerCodec(name, codec),
    exposeInterface(constructor: InterfaceObject, name: string): void {
      exposeInterface(constructor, name);
      footprint.addGlobal(name, constructor);
    },
    registerCloner,
    random: (size: number): ArrayBuffer | undefined => random(`${size}`),
    compute: (order: string, a?: ArrayBuffer, b?: ArrayBuffer, c?: ArrayBuffer, d?: ArrayBuffer) => {
      if (a === undefined) return compute(order);
      if (b === undefined) return compute(order, a);
      if (c === undefined) return compute(order, a, b);
      return d === undefined ? compute(order, a, b, c) : compute(order, a, b, c, d);
    },
    web: sdkWeb,
    snapshot: <F extends (...args: never[]) => unknown>(fn: F): F => bindContext(fn),
  });
}
