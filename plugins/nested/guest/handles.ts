// What guest code holds of a child: one frozen object, by kind.
import type { Sdk } from "../../../core/guest/types/sdk";
import type { Child, Family } from "./family";
import { type Any, type Options, readOptions } from "./platform";

const EVAL = "filename executionTimeout signal";
const RUN = "filename timeoutMs signal filter retry bail shuffle seed maxConcurrency testTimeoutMs";
const HANDLE = "requestId metadata signal timeoutMs";

export interface Facts {
  id: string;
  reused: boolean;
}

type Call = (op: string, args: unknown[], signal?: AbortSignal) => Promise<unknown>;

class Handles {
  readonly #sdk: Sdk;
  readonly #family: Family;
  readonly #child: Child;
  readonly #onEnd: () => void;

  constructor(sdk: Sdk, family: Family, child: Child, onEnd: () => void) {
    this.#sdk = sdk;
    this.#family = family;
    this.#child = child;
    this.#onEnd = onEnd;
  }

  readonly #call: Call = (op, args, signal) => {
    const full: unknown[] = [this.#child.number];
    for (let i = 0; i < args.length; i++) this.#sdk.primordials.define(full, i + 1, args[i], 7);
    return this.#sdk.callArray(op, full, { signal });
  };

  #options(where: string, value: unknown, known: string): Options {
    return readOptions(this.#sdk, where, value, known);
  }

  common(): Options {
    const dispose = (value: unknown = undefined) => {
      const { hard, reason } = this.#options("dispose()", value, "hard reason");
      this.#onEnd();
      return this.#call("dispose", [hard === true, reason]);
    };
    return { diagnostics: () => this.#call("diagnostics", []), dispose };
  }

  eval(): Options {
    const run = (code: unknown, value: unknown = undefined) => {
      const { signal, ...options } = this.#options("eval()", typeof value === "string" ? { filename: value } : value, EVAL);
      return this.#family.inTurn((turn) => this.#call("eval", [turn, code, { ...options }], signal));
    };
    return { eval: run, events: this.#events() };
  }

  #events(): object {
    const { freeze, mapGet, mapSet, TypeError } = this.#sdk.primordials;
    const { events } = this.#child.listeners;
    const on = (name: unknown, listener: unknown) => {
      if (typeof name !== "string") throw new TypeError("The name of an event must be a string");
      const known = mapGet(events, name);
      const listeners = known ?? [];
      const off = this.#family.on(this.#child, listeners, listener);
      if (known === undefined) {
        mapSet(events, name, listeners);
        this.#sdk.note("listen", this.#child.number, name);
      }
      return off;
    };
    return freeze({ on, emit: (name: unknown, payload: unknown = undefined) => this.#call("emit", [name, payload]) });
  }

  tests(name: "run" | "runTests"): Options {
    const run = (code: unknown, value: unknown = undefined) => {
      const { signal, filename, timeoutMs, ...options } = this.#options(`${name}()`, value, RUN);
      const told = { filename, timeoutMs, options: { ...options } };
      return this.#family.inTurn((turn) => this.#call("runTests", [turn, code, told], signal));
    };
    const { test } = this.#child.listeners;
    const onEvent = (listener: unknown) => {
      const off = this.#family.on(this.#child, test, listener);
      if (test.length === 1) this.#sdk.note("watchTests", this.#child.number);
      return off;
    };
    return { [name]: run, test: this.#sdk.primordials.freeze({ onEvent }) };
  }

  server(): Options {
    const handle = (request: object, value: unknown = undefined) => {
      const { primordials, web } = this.#sdk;
      if (typeof request !== "object" || request === null || !web.isRequest(request))
        return primordials.Promise.reject(new primordials.TypeError("handle() needs a Request"));
      const { signal = web.readRequest(request).signal, ...options } = this.#options("handle()", value, HANDLE);
      return this.#family.inTurn((turn) => this.#call("handle", [turn, request, { ...options }], signal), true);
    };
    return { handle, ws: this.#sockets(), reload: (reason: unknown = undefined) => this.#call("reload", [reason]) };
  }

  #sockets(): object {
    const send =
      (op: string) =>
      (connection: unknown, ...args: unknown[]) =>
        this.#call("ws", [op, connection, args]);
    const close = (connection: unknown, code: unknown = 1000, reason: unknown = "") =>
      this.#call("ws", ["close", connection, [code, reason]]);
    const error = (connection: unknown, failure: Any) => {
      const text = typeof failure === "object" && failure !== null ? failure.message : failure;
      return this.#call("ws", ["error", connection, [`${text}`]]);
    };
    const onCommand = (listener: unknown) => this.#family.on(this.#child, this.#child.listeners.command, listener);
    return this.#sdk.primordials.freeze({ open: send("open"), message: send("message"), close, error, onCommand });
  }
}

export type Kind = "runtime" | "test" | "namespaced" | "server";

export function makeHandle(
  sdk: Sdk,
  family: Family,
  child: Child,
  kind: Kind,
  facts: Facts,
  key: unknown,
  onEnd: () => void,
): object {
  const handles = new Handles(sdk, family, child, onEnd);
  const common = { id: facts.id, ...handles.common() };
  const { freeze } = sdk.primordials;
  if (kind === "server") return freeze({ ...common, key, ...handles.server() });
  if (kind === "test") return freeze({ ...common, ...handles.tests("run") });
  if (kind === "namespaced")
    return freeze({ ...common, key, reused: facts.reused, ...handles.eval(), ...handles.tests("runTests") });
  return freeze({ ...common, ...handles.eval() });
}
