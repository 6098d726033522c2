// Byte streams that guest code produces (protocol §4): pulled from an iterable, never ahead of the consumer's credit.
import { encodeThrown } from "../codec/encode";
import { copyRange } from "../codec/encode_builtin";
import type { Encoding } from "../codec/encode";
import { CloneError } from "../codec/failure";
import { append, type List, list, Table } from "../collections";
import { min, TypeError } from "../primordials";
import { settleWith } from "../promises";
import { type Context, currentContext, runIn } from "../web/async_context";
import { isObject } from "../web/idl";
import { bytesOf, type Chunk, iterate } from "./chunks";
import { send, sendBare, sendSegment } from "./outbox";

const WINDOW = 1024 * 1024;
const MAX_CHUNK = 256 * 1024;

let isByteStream: (value: object) => value is ByteStream;

/** Makes a ByteStream of a platform object that is one in all but class; set by byte_streams.ts. */
let wrap: (value: object) => ByteStream | undefined = () => undefined;

export function setStreamWrapper(wrapper: typeof wrap): void {
  wrap = wrapper;
}

export function byteStreamOf(value: object): ByteStream | undefined {
  return isByteStream(value) ? value : wrap(value);
}

export class ByteStream {
  readonly #source: object;
  readonly #context: Context = currentContext();
  #iterator: Iterator<unknown> | undefined;
  #id = 0;
  #peer = 0;
  #credit = WINDOW;
  /** Whether it is known who reads; until then not a byte leaves. */
  #claimed = false;
  #rest: Chunk | undefined;
  #waiting = false;
  #pumping = false;
  #over = false;

  static {
    isByteStream = (value): value is ByteStream => #source in value;
  }
  constructor(source: unknown) {
    if (!isObject(source)) throw new TypeError("byteStream: the source must be an iterable of bytes.");
    this.#source = source;
  }

  /** Reserves the identifier that the node carries. */
  open(): number {
    if (this.#id !== 0) throw new CloneError("a byte stream that was already sent");
    lastStream += 2;
    return lastStream;
  }
  start(id: number, peer: number): void {
    this.#id = id;
    this.#peer = peer;
    live.set(id, this);
    // What is said to the broker may be passed on to the client: the reader's first word tells.
    this.#claimed = peer !== 0;
    this.#pump();
  }
  grant(bytes: number, peer: number): void {
    this.#claimed = true;
    this.#peer = peer;
    this.#credit += bytes;
    this.#pump();
  }
  /** The call that carried it is answered: who has not claimed it by now will not read it. */
  release(): void {
    if (!this.#claimed) this.cancel();
  }
  /** The consumer lost interest: the source learns it through `return()`. */
  cancel(): void {
    if (this.#over) return;
    this.#close();
    let iterator = this.#iterator;
    try {
      iterator ??= iterate(this.#source);
    } catch {
      return;
    }
    const end = iterator.return;
    if (typeof end !== "function") return;
    try {
      settleWith(runIn(this.#context, end, iterator, []), ignore, ignore);
    } catch {
      // Nobody is left to hear about it.
    }
  }

  #close(): void {
    this.#over = true;
    this.#rest = undefined;
    live.delete(this.#id);
  }
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#claimed && !this.#waiting && !this.#over && this.#credit > 0) {
      if (this.#rest === undefined) this.#pull();
      else this.#emit(this.#rest);
    }
    this.#pumping = false;
  }
  #emit(chunk: Chunk): void {
    const size = min(chunk.length, this.#credit, MAX_CHUNK);
    sendSegment(`{"t":"sd","st":${this.#id}${this.#address()}}`, copyRange(chunk.buffer, chunk.offset, size));
    this.#credit -= size;
    chunk.offset += size;
    chunk.length -= size;
    if (chunk.length === 0) this.#rest = undefined;
  }
  #pull(): void {
    this.#waiting = true;
    const resume = (accept: () => void) => {
      this.#waiting = false;
      if (this.#over) return;
      try {
        accept();
      } catch (error) {
        this.#fail(error);
      }
      this.#pump();
    };
    try {
      this.#iterator ??= iterate(this.#source);
      const result = runIn(this.#context, this.#iterator.next, this.#iterator, []);
      const onResult = (value: unknown) => resume(() => this.#accept(value));
      settleWith(result, onResult, (error) => resume(() => this.#fail(error)));
    } catch (error) {
      resume(() => this.#fail(error));
    }
  }
  #accept(result: unknown): void {
    if (!isObject(result)) throw new TypeError("byteStream: the iterator's result is not an object.");
    const { done, value } = result as IteratorResult<unknown>;
    if (done) {
      sendBare(`{"t":"se","st":${this.#id}${this.#address()}}`);
      this.#close();
      return;
    }
    const chunk = bytesOf(value);
    if (chunk.length > 0) this.#rest = chunk;
  }
  #fail(error: unknown): void {
    if (this.#over) return;
    send(`{"t":"sx","st":${this.#id}${this.#address()},"d":"abort"}`, encodeThrown(error), this.#peer);
    this.#close();
  }
  #address(): string {
    return this.#peer === 1 ? ',"p":1' : "";
  }
}

function ignore(): void {}

const live = new Table<number, ByteStream>();
/** Even numbers are the guest's. */
let lastStream = 0;

/** The node of a stream. It starts when the frame that carries it is on its way, so that no byte precedes it. */
export function openByteStream(state: Encoding, stream: ByteStream): string {
  state.streams ??= list();
  for (let i = 0; i < state.streams.length; i++) {
    if (state.streams[i]?.stream === stream) throw new CloneError("the same byte stream twice");
  }
  const id = stream.open();
  append(state.streams, { stream, id });
  return `{"$":"st","r":${id}}`;
}

export interface OpenStream {
  stream: ByteStream;
  id: number;
}

export function startByteStream(opened: OpenStream, peer: number): void {
  opened.stream.start(opened.id, peer);
}

export function releaseUnclaimed(streams: List<OpenStream> | null): void {
  if (streams === null) return;
  for (let i = 0; i < streams.length; i++) streams[i]?.stream.release();
}

export function grantCredit(id: number, bytes: number, peer: number): void {
  live.get(id)?.grant(bytes, peer);
}

export function cancelProducer(id: number): void {
  live.get(id)?.cancel();
}

export function openProducers(): number {
  return live.size;
}

/** The owner has gone: sources learn that nobody reads them. */
export function abandonProducers(): void {
  const lost: List<ByteStream> = list();
  live.forEach((stream) => {
    append(lost, stream);
  });
  for (let i = 0; i < lost.length; i++) (lost[i] as ByteStream).cancel();
}
