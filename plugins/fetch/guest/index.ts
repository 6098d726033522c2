// fetch(), on the platform's own Request and Response. The host sends, and judges; here is only what the standard wants seen.
import type { Capability, Sdk, WebRequest } from "../../../core/guest/types/sdk";
import { Bodies } from "./body";
import { readDataURL } from "./data_url";
import { Failures } from "./failures";

/** What the host answers. */
interface Reply {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: [string, string][];
  /** A ReadableStream by now, or bytes. */
  body: object | null;
}

type Settle = (value: unknown) => void;

class Fetcher {
  readonly #sdk: Sdk;
  readonly #bodies: Bodies;
  readonly #failures: Failures;
  readonly #atob: (text: string) => string;
  readonly #sizeOf: (blob: object) => number;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    this.#bodies = new Bodies(sdk);
    this.#failures = new Failures(sdk);
    this.#sizeOf = sdk.primordials.getter(sdk.web.Blob.prototype, "size");
    // lint: install() runs before any guest code
    this.#atob = (globalThis as unknown as { atob: (text: string) => string }).atob;
  }

  fetch(input: unknown, init: unknown, resolve: Settle, reject: Settle): void {
    const { web, primordials } = this.#sdk;
    const request = web.readRequest(new web.Request(input, init));
    const { signal } = request;
    if (this.#failures.isAborted(signal)) {
      const reason = this.#failures.reasonOf(signal);
      this.#bodies.discard(request.body, reason);
      return reject(reason);
    }
    if (request.integrity !== "") throw this.#failures.refused("integrity is not supported");
    const hash = primordials.stringIndexOf(request.url, "#");
    const url: string = hash < 0 ? request.url : primordials.stringSlice(request.url, 0, hash);
    const scheme: string = primordials.stringSlice(url, 0, primordials.stringIndexOf(url, ":"));
    if (scheme === "data") resolve(this.#data(url));
    else if (scheme === "blob") resolve(this.#blob(url, request.method));
    else if (scheme === "http" || scheme === "https") this.#network(request, resolve, reject);
    else throw this.#failures.refused(`the scheme '${scheme}' is not supported`);
  }

  #data(url: string): object {
    const data = readDataURL(this.#sdk.primordials, this.#atob, url);
    if (data === undefined) throw this.#failures.refused("invalid data: URL");
    return this.#local(url, data.bytes, [["content-type", data.type]]);
  }

  #blob(url: string, method: string): object {
    const { resolveObjectURL } = this.#sdk.web;
    const blob = resolveObjectURL(url) as { type: string } | undefined;
    if (blob === undefined || method !== "GET")
      throw this.#failures.refused("there is no such blob: URL, or the method is not GET");
    const length = `${this.#sizeOf(blob)}`;
    return this.#local(url, blob, [
      ["content-length", length],
      ["content-type", blob.type],
    ]);
  }

  #local(url: string, body: object, headers: [string, string][]): object {
    return this.#sdk.web.makeResponse({ url, status: 200, statusText: "OK", headers, body, redirected: false, type: "basic" });
  }

  #network(request: WebRequest, resolve: Settle, reject: Settle): void {
    const { signal } = request;
    const failed = (error: unknown) => {
      const reason = this.#failures.failed(error, signal);
      this.#bodies.discard(request.body, reason);
      reject(reason);
    };
    const send = (body: unknown) => {
      const { method, url, headers, redirect } = request;
      const message = { method, url, headers, redirect, body };
      const reply = this.#sdk.callArray("fetch", [message], { signal });
      this.#sdk.primordials.subscribe(reply, (value) => this.#answered(value as Reply, signal, resolve, failed), failed);
    };
    this.#bodies.outgoing(request.body, send, failed);
  }

  #answered(reply: Reply, signal: AbortSignal, resolve: Settle, failed: Settle): void {
    try {
      const whole = reply.body === null || this.#sdk.primordials.typedArrayKind(reply.body) !== undefined;
      const body = whole ? reply.body : this.#bodies.incoming(reply.body as object, signal, this.#failures);
      const { status, statusText, url, redirected, headers } = reply;
      resolve(this.#sdk.web.makeResponse({ url, status, statusText, headers, body, redirected, type: "basic" }));
    } catch (error) {
      failed(error);
    }
  }
}

function install(sdk: Sdk): void {
  const { Promise, TypeError } = sdk.primordials;
  const fetcher = new Fetcher(sdk);
  const holder = {
    fetch(input: unknown, init: unknown = undefined): Promise<unknown> {
      const given = arguments.length;
      let resolve!: Settle;
      let reject!: Settle;
      // What follows stands outside of the executor, which would only lengthen every stack.
      const promise = new Promise((onValue: Settle, onError: Settle) => {
        resolve = onValue;
        reject = onError;
      });
      try {
        if (given === 0) throw new TypeError("fetch: 1 argument required, but only 0 present.");
        fetcher.fetch(input, init, resolve, reject);
      } catch (error) {
        reject(error);
      }
      return promise;
    },
  };
  sdk.defineGlobal("fetch", holder.fetch);
}

// Without a grant the function is there all the same: local URLs work, and of others the host says which key would grant
// them, and records that somebody asked.
const capability: Capability = { install, absent: install };

registerCapability("fetch", capability);
