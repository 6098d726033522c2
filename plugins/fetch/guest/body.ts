// Bodies between guest code and the host.
import type { Sdk, WebBody } from "../../../core/guest/types/sdk";
import type { Failures } from "./failures";

/** Larger bodies cross as streams, although they could be sent a second time. */
const WHOLE = 8 * 1024 * 1024;

interface Reader {
  read(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}

/** What happens to the two ends of a body; the methods of readers as they were before guest code ran. */
export class Bodies {
  readonly #sdk: Sdk;
  readonly #getReader: (stream: object) => Reader;
  readonly #read: (reader: Reader) => Promise<unknown>;
  readonly #cancel: (reader: Reader, reason: unknown) => Promise<unknown>;

  constructor(sdk: Sdk) {
    const { uncurry } = sdk.primordials;
    const { ReadableStream } = sdk.web;
    this.#sdk = sdk;
    this.#getReader = uncurry(ReadableStream.prototype.getReader);
    const reader = this.#getReader(new ReadableStream());
    this.#read = uncurry(reader.read);
    this.#cancel = uncurry(reader.cancel);
  }

  /** Calls `ready` with what crosses: `null`, bytes (which can be sent again after a redirect), or a stream. */
  outgoing(body: WebBody | null, ready: (value: unknown) => void, failed: (reason: unknown) => void): void {
    const { isPrototypeOf, typedArrayKind } = this.#sdk.primordials;
    const { Blob, blobBytes, utf8Encode } = this.#sdk.web;
    if (body === null) return ready(null);
    const { source, stream, length } = body;
    if (source === null || (length !== null && length > WHOLE)) return ready(stream);
    if (typeof source === "string") return ready(utf8Encode(source));
    if (typedArrayKind(source) === "Uint8Array") return ready(source);
    if (isPrototypeOf(Blob.prototype, source)) return ready(blobBytes(source as object) ?? stream);
    this.whole(stream, ready, failed);
  }

  /** A stream as one piece. */
  whole(stream: object, ready: (value: Uint8Array<ArrayBuffer>) => void, failed: (reason: unknown) => void): void {
    this.#gather(this.#getReader(stream), [], 0, ready, failed);
  }

  #gather(
    reader: Reader,
    chunks: Uint8Array[],
    size: number,
    ready: (value: Uint8Array<ArrayBuffer>) => void,
    failed: (reason: unknown) => void,
  ): void {
    const { define, subscribe, typedArrayByteLength, typedArraySet, Uint8Array } = this.#sdk.primordials;
    subscribe(
      this.#read(reader),
      (result) => {
        const { done, value } = result as { done: boolean; value: Uint8Array };
        if (!done) {
          define(chunks, chunks.length, value, 7);
          return this.#gather(reader, chunks, size + typedArrayByteLength(value), ready, failed);
        }
        const whole = new Uint8Array(size);
        let at = 0;
        for (let i = 0; i < chunks.length; i++) {
          typedArraySet(whole, chunks[i] as Uint8Array, at);
          at += typedArrayByteLength(chunks[i]);
        }
        ready(whole);
      },
      failed,
    );
  }

  /** The body of a response: ends with the host's, or when the signal aborts; its errors are those of fetch(). */
  incoming(stream: object, signal: AbortSignal, failures: Failures): object {
    const { Promise, subscribe } = this.#sdk.primordials;
    const { offAbort, onAbort, ReadableStream } = this.#sdk.web;
    const reader = this.#getReader(stream);
    let onEnd: () => void = () => {};
    const pull = (controller: Controller) =>
      new Promise((resolve: () => void) => {
        const ended = () => {
          onEnd();
          controller.close();
          controller.byobRequest?.respond(0);
          resolve();
        };
        const failed = (error: unknown) => {
          onEnd();
          controller.error(failures.terminated(error, signal));
          resolve();
        };
        const arrived = (result: unknown) => {
          const { done, value } = result as { done: boolean; value: unknown };
          if (done) return ended();
          if (!failures.isAborted(signal)) controller.enqueue(value);
          resolve();
        };
        subscribe(this.#read(reader), arrived, failed);
      });
    const start = (controller: Controller) => {
      const abort = () => {
        controller.error(failures.reasonOf(signal));
        this.#drop(reader, undefined);
      };
      onAbort(signal, abort);
      onEnd = () => offAbort(signal, abort);
    };
    const cancel = (reason: unknown) => {
      onEnd();
      this.#drop(reader, reason);
    };
    return new ReadableStream({ __proto__: null, type: "bytes", start, pull, cancel }, { __proto__: null, highWaterMark: 0 });
  }

  /** Tells the other end that nobody wants more. */
  #drop(reader: Reader, reason: unknown): void {
    const ignore = () => {};
    this.#sdk.primordials.subscribe(this.#cancel(reader, reason), ignore, ignore);
  }

  /** A request that is not sent: whoever produces its body learns why. */
  discard(body: WebBody | null, reason: unknown): void {
    if (body === null || this.#sdk.web.isUsed(body)) return;
    this.#drop(this.#getReader(body.stream), reason);
  }
}
