// From a handler's Response to what crosses: [status, statusText, headers in turn, body].
import type { HandlerContext, ResponseParts, Sdk, WebBody } from "../../../core/guest/types/sdk";

/** A text up to this length goes inside the message; bytes beside it, and what is larger as a stream. */
const INLINE_TEXT = 64 * 1024;
const INLINE_BYTES = 1024 * 1024;

export type Answer = readonly [status: number, statusText: string, headers: string[], body: unknown];

/** Statuses that have no body, whatever the handler put into it. */
const bodiless = (status: number) => status === 204 || status === 205 || status === 304;

export class Answers {
  readonly #sdk: Sdk;
  readonly #cancel: (stream: object) => object;
  readonly #getReader: (stream: object) => object;
  readonly #read: (reader: object) => Promise<unknown>;
  readonly #stop: (reader: object, reason: unknown) => Promise<unknown>;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    const { uncurry } = sdk.primordials;
    const { prototype } = sdk.web.ReadableStream;
    this.#cancel = uncurry(prototype.cancel);
    this.#getReader = uncurry(prototype.getReader);
    const reader = this.#getReader(new sdk.web.ReadableStream()) as { read: unknown; cancel: unknown };
    this.#read = uncurry(reader.read);
    this.#stop = uncurry(reader.cancel);
  }

  /** Throws a TypeError for what is no Response, or one whose body was used. */
  of(result: unknown, method: string, call: HandlerContext): Answer {
    const { TypeError } = this.#sdk.primordials;
    const { isResponse, isUsed, readResponse } = this.#sdk.web;
    if (typeof result !== "object" || result === null || !isResponse(result)) {
      throw new TypeError(`The fetch handler must return a Response, not ${kind(result)}.`);
    }
    const parts = readResponse(result);
    if (parts.status === 0) throw new TypeError("The fetch handler returned Response.error().");
    const { body } = parts;
    if (body !== null && isUsed(body)) throw new TypeError("The fetch handler returned a Response whose body was used already.");
    return [
      parts.status,
      parts.statusText,
      this.#headers(parts),
      this.#body(body, method === "HEAD" || bodiless(parts.status), call),
    ];
  }

  #headers({ headers }: ResponseParts): string[] {
    const { define } = this.#sdk.primordials;
    const flat: string[] = [];
    for (let i = 0; i < headers.length; i++) {
      const pair = headers[i] as readonly [string, string];
      define(flat, i * 2, pair[0], 7);
      define(flat, i * 2 + 1, pair[1], 7);
    }
    return flat;
  }

  #body(body: WebBody | null, dropped: boolean, call: HandlerContext): unknown {
    if (body === null) return null;
    const { isPrototypeOf, stringToWellFormed, subscribe, typedArrayByteLength, typedArrayKind } = this.#sdk.primordials;
    // Not `stream` as well: a body that is here as a whole makes one when it is asked for, which costs more than all else here.
    const { source } = body;
    if (dropped) {
      if (source === null) subscribe(this.#cancel(body.stream), ignore, ignore);
      return null;
    }
    if (typeof source === "string" && source.length <= INLINE_TEXT) return stringToWellFormed(source);
    if (typedArrayKind(source) === "Uint8Array" && typedArrayByteLength(source) <= INLINE_BYTES) return source;
    const { Blob, blobBytes } = this.#sdk.web;
    const isBlob = typeof source === "object" && source !== null && isPrototypeOf(Blob.prototype, source);
    return isBlob && body.length !== null && body.length <= INLINE_BYTES
      ? blobBytes(source as object)
      : this.#stream(body.stream, call);
  }

  /** The stream as the host reads it. When its reader goes away, so has the client: the request's signal aborts. */
  #stream(stream: object, call: HandlerContext): object {
    const { asyncIteratorSymbol } = this.#sdk.primordials;
    const open = () => {
      const reader = this.#getReader(stream);
      const end = () => {
        const reason = new this.#sdk.web.DOMException("The client went away", "AbortError");
        call.abort(reason);
        return this.#stop(reader, reason);
      };
      return { __proto__: null, next: () => this.#read(reader), return: end };
    };
    return this.#sdk.byteStream({ __proto__: null, [asyncIteratorSymbol]: open } as never);
  }
}

function ignore(): void {}

function kind(value: unknown): string {
  return value === undefined || value === null ? `${value}` : typeof value === "object" ? "another object" : `a ${typeof value}`;
}
