// Byte streams that the host produces: guest code reads them as an async iterator of Uint8Array. Credit goes back as
// guest code reads, so a slow reader stops the producer wherever it is.
import { decode } from "../codec/decode";
import { encode } from "../codec/encode";
import { type List, Queue, Table } from "../collections";
import {
  arrayBufferByteLength,
  asyncIteratorPrototype,
  FinalizationRegistry,
  Promise,
  registryRegister,
  setPrototypeOf,
  Uint8Array,
} from "../primordials";
import { tag } from "../web/idl";
import { send, sendBare } from "./outbox";

const WINDOW = 256 * 1024;

interface Reader {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
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
  read(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.readers.push({ resolve, reject });
      this.serve();
    });
  }
  serve(): void {
    while (this.readers.size > 0) {
      const chunk = this.chunks.shift();
      if (chunk === undefined && !this.over) return;
      const reader = this.readers.shift() as Reader;
      if (chunk !== undefined) this.deliver(chunk, reader);
      else if (this.failed) this.fail(reader);
      else reader.resolve({ value: undefined, done: true });
    }
  }
  deliver(chunk: ArrayBuffer, reader: Reader): void {
    reader.resolve({ value: new Uint8Array(chunk), done: false });
    if (this.over) return;
    this.consumed += arrayBufferByteLength(chunk);
    if (this.consumed * 2 < WINDOW) return;
    sendBare(`{"t":"sc","st":${this.id}${this.address()},"n":${this.consumed}}`);
    this.consumed = 0;
  }
  /** The error is told once; afterwards the stream is simply over. */
  fail(reader: Reader): void {
    this.failed = false;
    reader.reject(this.error);
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

class HostByteStream {
  readonly #inflow: Inflow;
  constructor(inflow: Inflow) {
    this.#inflow = inflow;
  }
  next(): Promise<unknown> {
    return this.#inflow.read();
  }
  return(value: unknown = undefined): Promise<unknown> {
    this.#inflow.cancel(undefined);
    return new Promise((resolve) => resolve({ value, done: true }));
  }
  cancel(reason: unknown = undefined): Promise<void> {
    this.#inflow.cancel(reason);
    return new Promise((resolve) => resolve());
  }
}
setPrototypeOf(HostByteStream.prototype, asyncIteratorPrototype);
tag(HostByteStream.prototype, "ByteStream");

export function receiveStream(id: number, peer: number): object {
  const inflow = new Inflow(id, peer);
  inflows.set(keyOf(id, peer), inflow);
  const stream = new HostByteStream(inflow);
  registryRegister(registry, stream, inflow);
  return stream;
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
