// How a request that fails looks to guest code: a TypeError, as the Fetch Standard has it, with the host's error as its cause.
import type { Sdk } from "../../../core/guest/types/sdk";

interface HostError {
  message?: unknown;
  stack?: unknown;
  code?: unknown;
  isolateHost?: unknown;
}

export class Failures {
  readonly isAborted: (signal: AbortSignal) => boolean;
  readonly reasonOf: (signal: AbortSignal) => unknown;
  readonly #sdk: Sdk;

  constructor(sdk: Sdk) {
    const { getter } = sdk.primordials;
    // lint: install() runs before any guest code
    const { prototype } = (globalThis as unknown as { AbortSignal: { prototype: object } }).AbortSignal;
    this.isAborted = getter(prototype, "aborted");
    this.reasonOf = getter(prototype, "reason");
    this.#sdk = sdk;
  }

  /** Why fetch() rejects. */
  failed(error: unknown, signal: AbortSignal): unknown {
    return this.isAborted(signal) ? this.reasonOf(signal) : this.#typeError("fetch failed", error);
  }

  /** Why a body ends early. */
  terminated(error: unknown, signal: AbortSignal): unknown {
    return this.isAborted(signal) ? this.reasonOf(signal) : this.#typeError("terminated", error);
  }

  /** For what fails without the host. */
  refused(message: string): Error {
    return new this.#sdk.primordials.TypeError(`fetch failed: ${message}`);
  }

  #typeError(prefix: string, cause: unknown): unknown {
    const { define, hasOwn, stringIndexOf, stringSlice, TypeError } = this.#sdk.primordials;
    if (typeof cause !== "object" || cause === null) return cause;
    const { message, stack } = cause as HostError;
    const error = new TypeError(typeof message === "string" && message !== "" ? `${prefix}: ${message}` : prefix);
    define(error, "cause", cause);
    // The host's error knows where guest code called; here that code is long gone from the stack.
    const frames = typeof stack === "string" ? stringIndexOf(stack, "\n    at ") : -1;
    define(error, "stack", `TypeError: ${error.message}${frames < 0 ? "" : stringSlice(stack, frames)}`);
    if (hasOwn(cause, "code")) define(error, "code", (cause as HostError).code, 7);
    // With its description the error is PolicyDenied, LimitExceeded … again when it reaches Python.
    if (hasOwn(cause, "isolateHost")) define(error, "isolateHost", (cause as HostError).isolateHost, 7);
    return error;
  }
}
