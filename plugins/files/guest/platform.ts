// What every file here works with: the captured built-ins, the platform's classes, and promises that guest code cannot reach into.
import type { Primordials, Sdk } from "../../../core/guest/types/sdk";

export let p: Primordials;
export let web: Sdk["web"];
export let sdk: Sdk;

let nativeThen: unknown;

/** Called once, before any guest code runs. */
export function lend(given: Sdk): void {
  sdk = given;
  p = given.primordials;
  web = given.web;
  nativeThen = p.Promise.prototype.then;
}

/** A DOMException of this name. */
export function domError(name: string, message: string, cause?: unknown): Error {
  const error = new web.DOMException(message, name);
  if (cause !== undefined) p.define(error, "cause", cause);
  return error;
}

export function fail(name: string, message: string): never {
  throw domError(name, message);
}

export function typeError(message: string): never {
  throw new p.TypeError(message);
}

export function needArguments(count: number, needed: number, where: string): void {
  if (count < needed) typeError(`${where}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${count} present.`);
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Web IDL: an object, or nothing. */
export function dictionary(value: unknown, where: string): Record<string, unknown> {
  if (value === undefined || value === null) return p.create(null);
  if (!isObject(value)) typeError(`${where}: the options must be an object.`);
  return value as Record<string, unknown>;
}

type Step<T> = (value: T) => unknown;

/** `promise.then(step, onError)`, out of reach of a patched `then`. Steps may return promises. */
export function after<T, R>(promise: unknown, step: Step<T>, onError?: (reason: unknown) => unknown): Promise<R> {
  return new p.Promise((resolve: (value: unknown) => void, reject: (reason: unknown) => void) => {
    const run = (handler: (value: never) => unknown) => (value: unknown) => {
      try {
        p.settleWith(handler(value as never), resolve, reject);
      } catch (error) {
        reject(error);
      }
    };
    p.settleWith(promise, run(step), onError === undefined ? reject : run(onError));
  });
}

/** For promises that the platform's streams will adopt, which looks up their `then`. */
export function own<T>(promise: Promise<T>): Promise<T> {
  p.define(promise, "then", nativeThen);
  return promise;
}

/** A promise for what `work` returns or throws. */
export function attempt<T>(work: () => unknown): Promise<T> {
  return after(undefined, work);
}

/** Afterwards, whatever happens. */
export function lastly<T>(promise: unknown, work: () => unknown): Promise<T> {
  return after(
    promise,
    (value) => after(work(), () => value),
    (reason) =>
      after(work(), () => {
        throw reason;
      }),
  );
}

/** Calls `step` again and again until it answers false. */
export function repeat(step: () => unknown): Promise<void> {
  return after(attempt(step), (more) => (more === false ? undefined : repeat(step)));
}

/** Bytes of any buffer source; `undefined` for anything else. No copy. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (p.typedArrayKind(value) !== undefined) {
    return new p.Uint8Array(p.typedArrayBuffer(value), p.typedArrayOffset(value), p.typedArrayByteLength(value));
  }
  try {
    p.arrayBufferByteLength(value);
    return new p.Uint8Array(value as ArrayBuffer);
  } catch {
    // Not an ArrayBuffer.
  }
  try {
    return new p.Uint8Array(p.dataViewBuffer(value), p.dataViewOffset(value), p.dataViewByteLength(value));
  } catch {
    return undefined;
  }
}

export const sizeOf = (bytes: Uint8Array): number => p.typedArrayByteLength(bytes);
export function isInstance(Class: { prototype: object }, value: unknown): value is object {
  const { isPrototypeOf } = p;
  return isPrototypeOf(Class.prototype, value);
}

export const isBlob = (value: unknown): value is object => isInstance(web.Blob, value);

/** The bytes of a blob, piece after piece. */
export function eachChunk(stream: object, take: (bytes: Uint8Array<ArrayBuffer>) => unknown): Promise<void> {
  const reader = streams().getReader(stream);
  return repeat(() =>
    after(streams().read(reader), (result) => {
      const { done, value } = result as { done: boolean; value: unknown };
      if (done) return false;
      const bytes = bytesOf(value);
      if (bytes === undefined) typeError("a chunk is neither text nor bytes");
      return after(take(bytes), () => true);
    }),
  );
}

interface Readers {
  getReader(stream: object): object;
  read(reader: object): Promise<unknown>;
  cancel(reader: object, reason: unknown): Promise<unknown>;
  blobStream(blob: object): object;
  blobSize(blob: object): number;
  blobBytes(blob: object): Promise<ArrayBuffer>;
}

let readers: Readers | undefined;

/** The methods of streams and blobs as they were before guest code ran. */
export function streams(): Readers {
  return readers as Readers;
}

export function captureReaders(): void {
  const { getter, uncurry } = p;
  const getReader = uncurry(web.ReadableStream.prototype.getReader);
  const reader = getReader(new web.ReadableStream());
  readers = {
    getReader,
    read: uncurry(reader.read),
    cancel: uncurry(reader.cancel),
    blobStream: uncurry(web.Blob.prototype.stream),
    blobSize: getter(web.Blob.prototype, "size"),
    blobBytes: uncurry(web.Blob.prototype.arrayBuffer),
  };
}

/** A list that no setter on `Array.prototype` sees growing. */
export function push<T>(items: T[], item: T): void {
  p.define(items, items.length, item, 7);
}
