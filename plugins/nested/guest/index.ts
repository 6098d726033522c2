// import { createIsolateHost, createModuleResolver } from "isolate-host": guest code makes runtimes of its own. The host decides
// what they may be and do; here is only the form.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { Bound, readServer } from "./bindings";
import { Family } from "./family";
import { type Facts, type Kind, makeHandle } from "./handles";
import { type Any, type Options, readOptions } from "./platform";
import { createModuleResolver } from "./resolver";

const COMMON = "bindings cwd executionTimeout memoryLimitMB nestedHost";
/** The name that the module had in the system that this one follows. */
const MODULES = ["isolate-host", "@ricsam/isolate"];

interface Grant {
  fetch: "inherit" | "disabled";
}

class NestedHost {
  readonly #sdk: Sdk;
  readonly #family: Family;
  readonly #inherit: boolean;
  /** What close() has to end: disposers of live children, and the sessions that were made here. */
  readonly #live: Any;
  readonly #keys: Any;
  #closing: Promise<unknown> | undefined;

  constructor(sdk: Sdk, family: Family, inherit: boolean) {
    this.#sdk = sdk;
    this.#family = family;
    this.#inherit = inherit;
    this.#live = new sdk.primordials.Set();
    this.#keys = new sdk.primordials.Set();
  }

  open(kind: Kind, where: string, value: unknown, known: string, key?: unknown): Promise<object> {
    const { Promise } = this.#sdk.primordials;
    return new Promise((resolve: (handle: object) => void, reject: (reason: unknown) => void) => {
      // What is thrown here rejects.
      if (this.#closing !== undefined) throw new this.#sdk.primordials.TypeError("the nested host was closed");
      const { bindings, webSockets, ...options } = readOptions(this.#sdk, where, value, known);
      if (key !== undefined) options.key = key;
      const bound = new Bound(this.#sdk, bindings ?? undefined, this.#inherit);
      const onCommand = readServer(this.#sdk, webSockets);
      const child = this.#family.admit(bound);
      if (onCommand !== undefined) this.#family.on(child, child.listeners.command, onCommand);
      const failed = (error: unknown) => {
        this.#family.forget(child);
        reject(error);
      };
      const made = (facts: unknown) => resolve(this.#hold(kind, child, facts as Facts, options));
      const promise = this.#sdk.call("create", child.number, kind, { ...options }, bound.spec, bound.lent);
      this.#sdk.primordials.subscribe(promise, made, failed);
    });
  }

  #hold(kind: Kind, child: ReturnType<Family["admit"]>, facts: Facts, options: Options): object {
    const { setAdd, setDelete } = this.#sdk.primordials;
    const end = () => this.#sdk.call("dispose", child.number, true, "the nested host was closed");
    setAdd(this.#live, end);
    if (kind !== "server" && options.key !== undefined) setAdd(this.#keys, options.key);
    const handle = makeHandle(this.#sdk, this.#family, child, kind, facts, options.key, () => setDelete(this.#live, end));
    // It was closed while the child was being made.
    if (this.#closing !== undefined)
      this.#sdk.primordials.subscribe(
        end(),
        () => {},
        () => {},
      );
    return handle;
  }

  disposeNamespace(key: unknown, value: unknown): Promise<unknown> {
    const { reason } = readOptions(this.#sdk, "disposeNamespace()", value, "reason");
    return this.#sdk.call("disposeNamespace", key, reason);
  }

  close(): Promise<unknown> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<unknown> {
    const { define, Promise, setForEach, subscribe } = this.#sdk.primordials;
    const ends: (() => Promise<unknown>)[] = [];
    setForEach(this.#live, (end: () => Promise<unknown>) => define(ends, ends.length, end, 7));
    setForEach(this.#keys, (key: unknown) => define(ends, ends.length, () => this.disposeNamespace(key, undefined), 7));
    return new Promise((resolve: (value: undefined) => void, reject: (reason: unknown) => void) => {
      let at = 0;
      const next = () => {
        const end = ends[at++];
        if (end === undefined) resolve(undefined);
        else subscribe(end(), next, reject);
      };
      next();
    });
  }
}

function publicHost(sdk: Sdk, host: NestedHost): object {
  return sdk.primordials.freeze({
    createRuntime: (options: unknown = undefined) => host.open("runtime", "createRuntime()", options, `${COMMON} key`),
    createTestRuntime: (options: unknown = undefined) => host.open("test", "createTestRuntime()", options, `${COMMON} key`),
    createAppServer: (options: unknown = undefined) =>
      host.open("server", "createAppServer()", options, `${COMMON} key entry source webSockets`),
    getNamespacedRuntime: (key: unknown, options: unknown = undefined) =>
      host.open("namespaced", "getNamespacedRuntime()", options, COMMON, key ?? ""),
    disposeNamespace: (key: unknown, options: unknown = undefined) => host.disposeNamespace(key, options),
    diagnostics: () => sdk.call("diagnostics", null),
    close: () => host.close(),
  });
}

const capability: Capability = {
  install(sdk: Sdk, grant: Grant): void {
    let made: object | undefined;
    const make = () => {
      const family = new Family(sdk);
      const createIsolateHost = (options: unknown = undefined) => {
        readOptions(sdk, "createIsolateHost()", options, "");
        return publicHost(sdk, new NestedHost(sdk, family, grant.fetch === "inherit"));
      };
      made ??= { createIsolateHost, createModuleResolver: () => createModuleResolver(sdk) };
      return made;
    };
    for (let i = 0; i < MODULES.length; i++) sdk.defineModule(MODULES[i] as string, () => made ?? make());
  },
  absent(sdk: Sdk, hint: string): void {
    const refuse = () => {
      throw new sdk.primordials.TypeError(`The module 'isolate-host' is not granted: ${hint}`);
    };
    for (let i = 0; i < MODULES.length; i++) sdk.defineModule(MODULES[i] as string, refuse);
  },
};

registerCapability("nested", capability);
