// fetch(), on the platform's own Request and Response. The host sends, and judges; here is only what the standard wants seen.
import type { Capability, Sdk, WebRequest } from "../../../core/guest/types/sdk";
import { Bodies } from "./body";
import { readDataURL } from "./data_url";
import { installEventSource } from "./event_source";
import { Failures } from "./failures";
import { asksForIntegrity, hasIntegrity } from "./integrity";
import { lend, p } from "./platform";
import type { Reply } from "./reply";
import { installWebSocket } from "./websocket";

type Settle = (value: unknown) => void;

const MISMATCH = "the body is not what integrity asks for";

class Fetcher {
  readonly #sdk: Sdk;
  readonly #bodies: Bodies;
  readonly #failures: Failures;
  readonly #atob: (text: string) => string;
  readonly #sizeOf: (blob: object) => number;
  readonly #streamOf: (blob: object) => object;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    this.#bodies = new Bodies(sdk);
    this.#failures = new Failures(sdk);
    this.#sizeOf = sdk.primordials.getter(sdk.web.Blob.prototype, "size");
    this.#streamOf = sdk.primordials.uncurry(sdk.web.Blob.prototype.stream);
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
    // A mode that asks for what a cache holds, where there is none.
    if (request.cache === "only-if-cached") throw this.#failures.refused("there is no cache");
    const hash = primordials.stringIndexOf(request.url, "#");
    const url: string = hash < 0 ? request.url : primordials.stringSlice(request.url, 0, hash);
    const scheme: string = primordials.stringSlice(url, 0, primordials.stringIndexOf(url, ":"));
    if (scheme === "data") resolve(this.#data(url, request.integrity));
    else if (scheme === "blob") this.#blob(url, request, resolve, reject);
    else if (scheme === "http" || scheme === "https") this.#network(request, resolve, reject);
    else throw this.#failures.refused(`the scheme '${scheme}' is not supported`);
  }

  #data(url: string, integrity: string): object {
    const data = readDataURL(this.#sdk.primordials, this.#atob, url);
    if (data === undefined) throw this.#failures.refused("invalid data: URL");
    return this.#local(url, data.bytes, [["content-type", data.type]], integrity);
  }

  #blob(url: string, { method, integrity }: WebRequest, resolve: Settle, failed: Settle): void {
    const { blobBytes, resolveObjectURL } = this.#sdk.web;
    const blob = resolveObjectURL(url) as { type: string } | undefined;
    if (blob === undefined || method !== "GET")
      throw this.#failures.refused("there is no such blob: URL, or the method is not GET");
    const headers: [string, string][] = [
      ["content-length", `${this.#sizeOf(blob)}`],
      ["content-type", blob.type],
    ];
    // What lies in a file of the host is not at hand; only integrity needs it whole.
    const bytes = blobBytes(blob);
    if (bytes !== undefined) return resolve(this.#local(url, bytes, headers, integrity));
    if (!asksForIntegrity(integrity)) return resolve(this.#response(url, blob, headers));
    const check = (whole: Uint8Array<ArrayBuffer>) => {
      if (hasIntegrity(whole, integrity)) resolve(this.#response(url, whole, headers));
      else failed(this.#failures.refused(MISMATCH));
    };
    this.#bodies.whole(this.#streamOf(blob), check, failed);
  }

  #local(url: string, body: Uint8Array<ArrayBuffer>, headers: [string, string][], integrity: string): object {
    if (!hasIntegrity(body, integrity)) throw this.#failures.refused(MISMATCH);
    return this.#response(url, body, headers);
  }

  #response(url: string, body: object, headers: [string, string][]): object {
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
      const message = { method, url, headers: withCacheHeaders(headers, request.cache), redirect, body };
      const reply = this.#sdk.callArray("fetch", [message], { signal });
      this.#sdk.primordials.subscribe(reply, (value) => this.#answered(value as Reply, request, resolve, failed), failed);
    };
    this.#bodies.outgoing(request.body, send, failed);
  }

  #answered(reply: Reply, request: WebRequest, resolve: Settle, failed: Settle): void {
    const { integrity, signal } = request;
    const respond = (body: object | null) => {
      const { status, statusText, url, redirected, headers } = reply;
      resolve(this.#sdk.web.makeResponse({ url, status, statusText, headers, body, redirected, type: "basic" }));
    };
    const check = (bytes: Uint8Array<ArrayBuffer> | null) => {
      if (bytes === null || !hasIntegrity(bytes, integrity)) failed(new p.TypeError(MISMATCH));
      else respond(bytes);
    };
    try {
      const whole = reply.body === null || this.#sdk.primordials.typedArrayKind(reply.body) !== undefined;
      const body = whole ? reply.body : this.#bodies.incoming(reply.body as object, signal, this.#failures);
      if (!asksForIntegrity(integrity)) respond(body);
      else if (whole) check(body as Uint8Array<ArrayBuffer> | null);
      else this.#bodies.whole(body as object, check, failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** What a cache mode asks of caches on the way; here is none. What guest code said itself counts. */
function withCacheHeaders(headers: WebRequest["headers"], mode: string): WebRequest["headers"] {
  const value = mode === "no-cache" ? "max-age=0" : mode === "no-store" || mode === "reload" ? "no-cache" : undefined;
  if (value === undefined) return headers;
  const result: [string, string][] = [];
  let said = false;
  for (let i = 0; i < headers.length; i++) {
    const pair = headers[i] as [string, string];
    if (p.stringToLowerCase(pair[0]) === "cache-control") said = true;
    p.define(result, result.length, pair, 7);
  }
  if (!said) p.define(result, result.length, ["cache-control", value], 7);
  return result;
}

function prepare(sdk: Sdk): void {
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
  lend(sdk);
  installWebSocket();
  installEventSource();
}

// With or without a grant all of it is there: local URLs work, and of others the host says which key would grant
// them, and records that somebody asked.
const capability: Capability = { prepare };

registerCapability("fetch", capability);
