// Byte streams that the host produces: guest code reads them as a ReadableStream (byte_streams.ts). Credit goes back as
// guest code reads, so a slow reader stops the producer wherever it is.
import { decode } from "../codec/decode";
import { encode } from "../codec/encode";
import { append, type List, list, Queue, Table } from "../collections";
import { arrayBufferByteLength, FinalizationRegistry, registryRegister, Uint8Array } from "../primordials";
import { ownerGone } from "./life";
import { send, sendBare } from "./outbox";

const WINDOW = 1024 * 1024;

interface Reader {
  onChunk(chunk: unknown): void;
  onError(reason: unknown): void;
}

/** What arrived and was not read yet. Kept apart from the object that guest code holds, so that this can be collected. */
class Inflow {
  readonly id: number;
  readonly peer: number;
  readonly chunks = new Queue<ArrayBuffer>();
  readonly readers = new Queue<Reader>();
  /** Bytes read since credit was last granted. */
  consumed = 0;
  over = false;
  failed = false;
  error: unknown = undefined;

  constructor(id: number, peer: number) {
    this.id = id;
    this.peer = peer;
  }
  address(): string {
    return this.peer === 1 ? ',"p":1' : "";
  }
  read(onChunk: Reader["onChunk"], onError: Reader["onError"]): void {
    this.readers.push({ onChunk, onError });
    this.serve();
  }
  serve(): void {
    while (this.readers.size > 0) {
      const chunk = this.chunks.shift();
      if (chunk === undefined && !this.over) return;
      const reader = this.readers.shift() as Reader;
      if (chunk !== undefined) this.deliver(chunk, reader);
      else if (this.failed) this.fail(reader);
      else reader.onChunk(undefined);
    }
  }
  deliver(chunk: ArrayBuffer, reader: Reader): void {
    const size = arrayBufferByteLength(chunk);
    reader.onChunk(new Uint8Array(chunk));
    if (this.over) return;
    this.consumed += size;
    if (this.consumed * 2 < WINDOW) return;
    sendBare(`{"t":"sc","st":${this.id}${this.address()},"n":${this.consumed}}`);
    this.consumed = 0;
  }
  /** The error is told once; afterwards the stream is simply over. */
  fail(reader: Reader): void {
    this.failed = false;
    reader.onError(this.error);
  }
  end(): void {
    this.over = true;
    inflows.delete(keyOf(this.id, this.peer));
    this.serve();
  }
  cancel(reason: unknown): void {
    if (!this.over) {
      const head = `{"t":"sx","st":${this.id}${this.address()},"d":"cancel"}`;
      try {
        send(head, encode(reason), this.peer);
      } catch {
        sendBare(head);
      }
    }
    this.chunks.clear();
    this.failed = false;
    this.end();
  }
}

const inflows = new Table<number, Inflow>();
const keyOf = (id: number, peer: number) => id * 2 + peer;

const registry = new FinalizationRegistry<Inflow>((inflow) => inflow.cancel(undefined));

/** The consumer's end. Forgetting it cancels the stream. */
export class HostBytes {
  readonly #inflow: Inflow;
  constructor(inflow: Inflow) {
    this.#inflow = inflow;
  }
  /** The next chunk, or `undefined` at the end. One call at a time. */
  read(onChunk: (chunk: unknown) => void, onError: (reason: unknown) => void): void {
    this.#inflow.read(onChunk, onError);
  }
  cancel(reason: unknown): void {
    this.#inflow.cancel(reason);
  }
}

let makeStream: (bytes: HostBytes) => object;

/** What guest code gets; set by byte_streams.ts. */
export function setStreamFactory(factory: typeof makeStream): void {
  makeStream = factory;
}

export function receiveStream(id: number, peer: number): object {
  const inflow = new Inflow(id, peer);
  inflows.set(keyOf(id, peer), inflow);
  const bytes = new HostBytes(inflow);
  registryRegister(registry, bytes, inflow);
  return makeStream(bytes);
}

export function streamData(id: number, peer: number, buffers: List<ArrayBuffer>): void {
  const inflow = inflows.get(keyOf(id, peer));
  if (inflow === undefined || buffers[0] === undefined) return;
  inflow.chunks.push(buffers[0]);
  inflow.serve();
}

export function streamEnd(id: number, peer: number): void {
  inflows.get(keyOf(id, peer))?.end();
}

export function streamAbort(id: number, peer: number, body: unknown, buffers: List<ArrayBuffer>): void {
  const inflow = inflows.get(keyOf(id, peer));
  if (inflow === undefined) return;
  inflow.failed = true;
  inflow.error = decode(body, buffers, undefined);
  inflow.end();
}

export function openInflows(): number {
  return inflows.size;
}

/** The owner has gone: readers of what it sent get an error. */
export function abandonInflows(): void {
  const lost: List<Inflow> = list();
  inflows.forEach((inflow) => {
    append(lost, inflow);
  });
  for (let i = 0; i < lost.length; i++) {
    const inflow = lost[i] as Inflow;
    inflow.failed = true;
    inflow.error = ownerGone();
    inflow.end();
  }
}
