// Transfer of streams (Streams Standard §4.1.6 and its relatives): the original gets locked, the copy reads or writes
// through it. Chunks and reasons are cloned on their way, as if they went through a message port.
import { list } from "../collections";
import { Promise, uncurry } from "../primordials";
import { subscribe } from "../promises";
import { registerTransferable } from "./clone_transfer";
import {
  isLocked,
  isReadableStream,
  isTransformStream,
  isWritableLocked,
  isWritableStream,
  privateState,
  ReadableStream,
  TransformStream,
  WritableStream,
} from "./streams";
import { cloneWithTransfer, refuse } from "./structured_clone";

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

interface Reader {
  read(): Promise<{ done: boolean; value: unknown }>;
  cancel(reason: unknown): Promise<void>;
}

interface Writer {
  readonly closed: Promise<void>;
  readonly ready: Promise<void>;
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

const readerOf = uncurry(ReadableStream.prototype.getReader) as (stream: object) => Reader;
const writerOf = uncurry(WritableStream.prototype.getWriter) as (stream: object) => Writer;

const cloned = (value: unknown): unknown => cloneWithTransfer(value, list()).value;

/** A reason that cannot be cloned becomes the error that says so. */
function clonedReason(reason: unknown): unknown {
  try {
    return cloned(reason);
  } catch (error) {
    return error;
  }
}

/** Settles as `outcome` does, with a reason that has crossed. */
function relayed(outcome: object): Promise<void> {
  return new Promise((resolve, reject) =>
    subscribe(
      outcome,
      () => resolve(),
      (reason) => reject(clonedReason(reason)),
    ),
  );
}

function beginReadable(stream: object) {
  if (isLocked(stream)) refuse("A locked ReadableStream");
  let reader: Reader;
  const take = (controller: Controller, chunk: { done: boolean; value: unknown }) => {
    if (chunk.done) return controller.close();
    try {
      controller.enqueue(cloned(chunk.value));
    } catch (error) {
      subscribe(
        reader.cancel(error),
        () => {},
        () => {},
      );
      controller.error(error);
    }
  };
  const pull = (controller: Controller) =>
    new Promise<void>((resolve, reject) => {
      const onChunk = (chunk: unknown) => {
        take(controller, chunk as { done: boolean; value: unknown });
        resolve();
      };
      subscribe(reader.read(), onChunk, (reason) => reject(clonedReason(reason)));
    });
  const cancel = (reason: unknown) => relayed(reader.cancel(clonedReason(reason)));
  const copy = new ReadableStream({ __proto__: null, pull, cancel }, { __proto__: null, highWaterMark: 0 });
  const move = () => {
    if (isLocked(stream)) refuse("A locked ReadableStream");
    reader = readerOf(stream);
  };
  return { copy, move };
}

function beginWritable(stream: object) {
  if (isWritableLocked(stream)) refuse("A locked WritableStream");
  let writer: Writer;
  let control: Controller;
  const start = (controller: Controller) => {
    control = controller;
  };
  const write = (chunk: unknown) => {
    const copy = cloned(chunk);
    return new Promise<void>((resolve, reject) => {
      const fail = (reason: unknown) => reject(clonedReason(reason));
      subscribe(writer.ready, () => subscribe(writer.write(copy), () => resolve(), fail), fail);
    });
  };
  const close = () => relayed(writer.close());
  const abort = (reason: unknown) => relayed(writer.abort(clonedReason(reason)));
  const copy = new WritableStream({ __proto__: null, start, write, close, abort }, { __proto__: null, highWaterMark: 1 });
  const move = () => {
    if (isWritableLocked(stream)) refuse("A locked WritableStream");
    writer = writerOf(stream);
    subscribe(
      writer.closed,
      () => {},
      (reason) => control.error(clonedReason(reason)),
    );
  };
  return { copy, move };
}

function beginTransform(stream: object) {
  const ends = privateState(stream);
  const readable = beginReadable(ends._readable);
  const writable = beginWritable(ends._writable);
  const copy = new TransformStream();
  const state = privateState(copy);
  state._readable = readable.copy;
  state._writable = writable.copy;
  const move = () => {
    if (isLocked(ends._readable) || isWritableLocked(ends._writable)) refuse("A TransformStream with a locked end");
    readable.move();
    writable.move();
  };
  return { copy, move };
}

export function installStreamTransfer(): void {
  registerTransferable({ matches: isReadableStream, begin: beginReadable });
  registerTransferable({ matches: isWritableStream, begin: beginWritable });
  registerTransferable({ matches: isTransformStream, begin: beginTransform });
}
