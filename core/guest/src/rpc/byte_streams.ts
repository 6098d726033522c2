// Byte streams of the wire as ReadableStreams, both ways. Credit follows what the reader takes: nothing is pulled ahead.
import { CloneError } from "../codec/failure";
import { asyncIteratorSymbol, Promise, uncurry, WeakMap, weakMapGet, weakMapSet } from "../primordials";
import { isDisturbed, isLocked, isReadableStream, ReadableStream } from "../web/streams";
import { type HostBytes, setStreamFactory } from "./consumer";
import { ByteStream, setStreamWrapper } from "./producer";

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}

const getReader = uncurry(ReadableStream.prototype.getReader);

function finish(controller: Controller): void {
  controller.close();
  controller.byobRequest?.respond(0);
}

/** What the host sends, as a stream that guest code reads. A chunk is taken only when somebody waits for it. */
export function readableFrom(bytes: HostBytes): ReadableStream {
  const pull = (controller: Controller) =>
    new Promise<void>((resolve, reject) => {
      const onChunk = (chunk: unknown) => {
        if (chunk === undefined) finish(controller);
        else controller.enqueue(chunk);
        resolve();
      };
      bytes.read(onChunk, reject);
    });
  const cancel = (reason: unknown) => bytes.cancel(reason);
  return new ReadableStream({ __proto__: null, type: "bytes", pull, cancel }, { __proto__: null, highWaterMark: 0 });
}

const producers = new WeakMap<object, ByteStream>();

/** A guest's stream as bytes for the host. It gets locked when the message that carries it leaves. */
function producerOf(stream: ReadableStream): ByteStream {
  const known = weakMapGet(producers, stream);
  if (known !== undefined) return known;
  if (isLocked(stream)) throw new CloneError("a ReadableStream that is locked");
  if (isDisturbed(stream)) throw new CloneError("a ReadableStream that was read from");
  const open = () => {
    const reader = getReader(stream);
    return { __proto__: null, next: () => reader.read(), return: () => reader.cancel(undefined) };
  };
  const producer = new ByteStream({ __proto__: null, [asyncIteratorSymbol]: open });
  weakMapSet(producers, stream, producer);
  return producer;
}

export function installByteStreams(): void {
  setStreamWrapper((value) => (isReadableStream(value) ? producerOf(value) : undefined));
  setStreamFactory(readableFrom);
}
