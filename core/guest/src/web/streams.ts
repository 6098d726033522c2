// Streams Standard, by web-streams-polyfill.
import * as streams from "web-streams-polyfill";
import {
  apply,
  asyncIteratorPrototype,
  asyncIteratorSymbol,
  deleteProperty,
  getPrototypeOf,
  setPrototypeOf,
  uncurry,
} from "../primordials";
import lent from "./lend";
import { exposeInterface } from "./idl";

export const { ReadableStream, TransformStream, WritableStream, privateState } = streams;
export type ReadableStream = streams.ReadableStream;

interface StreamState {
  _state?: "readable" | "closed" | "errored";
  _disturbed?: boolean;
  _reader?: unknown;
  _writer?: unknown;
  _readableStreamController?: unknown;
}

const stateOf = (stream: object) => privateState(stream) as StreamState;

export const isReadableStream = (value: object): value is ReadableStream => "_readableStreamController" in stateOf(value);
export const isWritableStream = (value: object): boolean => "_writableStreamController" in stateOf(value);
export const isTransformStream = (value: object): boolean => "_transformStreamController" in stateOf(value);
export const isWritableLocked = (stream: object): boolean => stateOf(stream)._writer !== undefined;
export const isLocked = (stream: object): boolean => stateOf(stream)._reader !== undefined;
export const isDisturbed = (stream: object): boolean => stateOf(stream)._disturbed === true;
export const isErrored = (stream: object): boolean => stateOf(stream)._state === "errored";

const getReader = uncurry(ReadableStream.prototype.getReader);

/** What is left of a body that was read without its stream: locked by its reader, and at its end. */
function usedStream(): ReadableStream {
  const stream = new ReadableStream({
    __proto__: null,
    type: "bytes",
    start: (controller: { close(): void }) => controller.close(),
  } as never);
  getReader(stream);
  stateOf(stream)._disturbed = true;
  return stream;
}

lent.usedStream = usedStream;
lent.ReadableStream = ReadableStream;
lent.isDisturbed = isDisturbed;
lent.isErrored = isErrored;

/** Web IDL: an asynchronous iterator inherits from the language's, which makes it iterable. */
function inheritAsyncIterator(): void {
  const { values } = ReadableStream.prototype as unknown as { values(this: object): object };
  const prototype = getPrototypeOf(apply(values, new ReadableStream(), [])) as object;
  deleteProperty(prototype, asyncIteratorSymbol);
  setPrototypeOf(prototype, asyncIteratorPrototype);
}

export function installStreams(): void {
  inheritAsyncIterator();
  exposeInterface(streams.ReadableStream, "ReadableStream");
  exposeInterface(streams.ReadableStreamDefaultReader, "ReadableStreamDefaultReader");
  exposeInterface(streams.ReadableStreamBYOBReader, "ReadableStreamBYOBReader");
  exposeInterface(streams.ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");
  exposeInterface(streams.ReadableStreamDefaultController, "ReadableStreamDefaultController");
  exposeInterface(streams.ReadableByteStreamController, "ReadableByteStreamController");
  exposeInterface(streams.WritableStream, "WritableStream");
  exposeInterface(streams.WritableStreamDefaultWriter, "WritableStreamDefaultWriter");
  exposeInterface(streams.WritableStreamDefaultController, "WritableStreamDefaultController");
  exposeInterface(streams.TransformStream, "TransformStream");
  exposeInterface(streams.TransformStreamDefaultController, "TransformStreamDefaultController");
  exposeInterface(streams.ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");
  exposeInterface(streams.CountQueuingStrategy, "CountQueuingStrategy");
}
