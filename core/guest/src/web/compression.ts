// CompressionStream and DecompressionStream (Compression Standard), by pako.
import { Deflate, Inflate } from "pako";
import { kindOf } from "../codec/kinds";
import { append, type List, list } from "../collections";
import { TypeError, typedArrayLength, typedArraySubarray, Uint8Array } from "../primordials";
import { bytesOf } from "../rpc/chunks";
import { isBufferSource } from "./blob_parts";
import { exposeInterface, isObject, requireArguments } from "./idl";
import { TransformStream } from "./streams";

type Pipe = InstanceType<typeof TransformStream>;

interface Controller {
  enqueue(chunk: unknown): void;
}

const CHUNK = 64 * 1024;
const SYNC = 2;
const FINISH = 4;
const EMPTY = new Uint8Array(0);

/** zlib's windowBits for each format. */
function windowBits(format: unknown, where: string): number {
  switch (`${format}`) {
    case "deflate":
      return 15;
    case "deflate-raw":
      return -15;
    case "gzip":
      return 31;
    default:
      throw new TypeError(`${where}: '${format}' is not a supported format.`);
  }
}

function inputOf(chunk: unknown): Uint8Array {
  if (!isObject(chunk) || !isBufferSource(chunk)) throw new TypeError("The chunk is not a buffer source.");
  const { buffer, length, offset } = bytesOf(chunk);
  // Web IDL: shared memory, which may change while it is read, needs a leave that this argument does not give.
  if (kindOf(buffer) === "shared") throw new TypeError("The chunk is a view on shared memory.");
  return new Uint8Array(buffer, offset, length);
}

/** Chunks may be views of a larger buffer that the library goes on using. */
function emit(controller: Controller, parts: List<Uint8Array>): void {
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    if (typedArrayLength(part) > 0) controller.enqueue(new Uint8Array(part));
  }
  parts.length = 0;
}

function compressor(format: unknown): Pipe {
  const deflate = new Deflate({ windowBits: windowBits(format, "CompressionStream constructor"), chunkSize: CHUNK });
  const parts: List<Uint8Array> = list();
  deflate.onData = (part) => append(parts, part);
  deflate.onEnd = () => {};
  const run = (controller: Controller, input: Uint8Array, flush: number) => {
    deflate.push(input, flush);
    emit(controller, parts);
  };
  return new TransformStream({
    __proto__: null,
    transform: (chunk: unknown, controller: Controller) => run(controller, inputOf(chunk), 0),
    flush: (controller: Controller) => run(controller, EMPTY, FINISH),
  });
}

function decompressor(format: unknown): Pipe {
  const inflate = new Inflate({ windowBits: windowBits(format, "DecompressionStream constructor"), chunkSize: CHUNK });
  const parts: List<Uint8Array> = list();
  inflate.onData = (part) => append(parts, part);
  inflate.onEnd = () => {};
  const { strm } = inflate;
  const transform = (chunk: unknown, controller: Controller) => {
    const input = inputOf(chunk);
    if (typedArrayLength(input) === 0) return;
    if (inflate.ended) throw new TypeError("There is data after the end of the compressed stream.");
    const fine = inflate.push(input, SYNC);
    // What the library has not handed over yet: readers must not wait for a full buffer.
    if (!inflate.ended && strm.next_out > 0) {
      append(parts, typedArraySubarray(strm.output, 0, strm.next_out));
      strm.avail_out = strm.next_out = 0;
    }
    emit(controller, parts);
    if (!fine) throw new TypeError("The compressed data is not valid.");
    if (inflate.ended && strm.avail_in > 0) throw new TypeError("There is data after the end of the compressed stream.");
  };
  const flush = () => {
    if (!inflate.ended) throw new TypeError("The compressed data ends too early.");
  };
  return new TransformStream({ __proto__: null, transform, flush });
}

class CompressionStream {
  readonly #pipe: Pipe;
  constructor(format: unknown) {
    requireArguments(arguments.length, 1, "CompressionStream constructor");
    this.#pipe = compressor(format);
  }
  get readable(): object {
    return this.#pipe.readable;
  }
  get writable(): object {
    return this.#pipe.writable;
  }
}

class DecompressionStream {
  readonly #pipe: Pipe;
  constructor(format: unknown) {
    requireArguments(arguments.length, 1, "DecompressionStream constructor");
    this.#pipe = decompressor(format);
  }
  get readable(): object {
    return this.#pipe.readable;
  }
  get writable(): object {
    return this.#pipe.writable;
  }
}

export function installCompression(): void {
  exposeInterface(CompressionStream, "CompressionStream");
  exposeInterface(DecompressionStream, "DecompressionStream");
}
