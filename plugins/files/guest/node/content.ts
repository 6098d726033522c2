// Content of files on its way: put together from pieces, or taken apart into them.
import {
  after,
  attempt,
  bytesOf,
  eachChunk,
  isBlob,
  isInstance,
  isObject,
  p,
  push,
  repeat,
  sizeOf,
  streams,
  web,
} from "../platform";
import { argumentError } from "./errors";
import { checkSignal, encoded, type Options } from "./values";

type Bytes = Uint8Array<ArrayBuffer>;

/** One piece from all that `next` answers, until that is empty. */
export function gather(next: () => unknown): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let size = 0;
  const more = repeat(() =>
    after(next(), (bytes) => {
      const count = sizeOf(bytes as Bytes);
      if (count === 0) return false;
      push(pieces, bytes as Bytes);
      size += count;
      return true;
    }),
  );
  return after(more, () => joined(pieces, size));
}

function joined(pieces: Bytes[], size: number): Bytes {
  if (pieces.length === 1) return pieces[0] as Bytes;
  const whole = new p.Uint8Array(size);
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    p.typedArraySet(whole, pieces[i] as Bytes, at);
    at += sizeOf(pieces[i] as Bytes);
  }
  return whole;
}

/** What a stream of the host has. */
export function gatherStream(stream: object): Promise<Bytes> {
  const reader = streams().getReader(stream);
  const empty = new p.Uint8Array(0);
  return gather(() =>
    after(streams().read(reader), (result) => {
      const { done, value } = result as { done: boolean; value: Bytes };
      return done ? empty : value;
    }),
  );
}

/** The bytes of text or of a buffer source; `undefined` for what comes piece by piece. */
export function bytesOfData(data: unknown, encoding: unknown): Bytes | undefined {
  return typeof data === "string" ? encoded(data, encoding) : bytesOf(data);
}

/** Hands on text, bytes, and what streams and iterables have, one after the other. */
export function eachPiece(data: unknown, given: Options, take: (bytes: Bytes) => unknown): Promise<void> {
  return attempt(() => {
    const bytes = bytesOfData(data, given.encoding);
    if (bytes !== undefined) return after(take(bytes), () => undefined);
    if (isBlob(data)) return eachChunk(streams().blobStream(data), take);
    if (isInstance(web.ReadableStream, data)) return eachChunk(data, take);
    return eachItem(data, given, take);
  });
}

function eachItem(data: unknown, given: Options, take: (bytes: Bytes) => unknown): Promise<void> {
  const source = data as { [key: symbol]: unknown };
  const open = isObject(data) ? (source[p.asyncIteratorSymbol] ?? source[p.iteratorSymbol]) : undefined;
  if (typeof open !== "function") {
    throw argumentError(
      "ERR_INVALID_ARG_TYPE",
      'The "data" argument must be of type string or an instance of Buffer, TypedArray, DataView, Iterable or a stream.',
    );
  }
  const iterator = p.apply(open, data, []) as { next(): unknown };
  return repeat(() =>
    after(iterator.next(), (result) => {
      const { done, value } = result as { done?: boolean; value: unknown };
      if (done) return false;
      checkSignal(given);
      const bytes = bytesOfData(value, given.encoding);
      if (bytes === undefined) throw argumentError("ERR_INVALID_ARG_TYPE", "The chunk must be text or bytes.");
      return after(take(bytes), () => true);
    }),
  );
}
