// Frames on their way out. They wait as text until the worker drains them at the end of a turn.
import type { Encoded } from "../codec/encode";
import { append, type List, list } from "../collections";
import { spill } from "../native";
import { arrayBufferByteLength, stringSlice } from "../primordials";
import { forgetDrops } from "./drops";
import { type OpenStream, startByteStream } from "./producer";

interface Batch {
  text: string;
  buffers: List<ArrayBuffer>;
}

const empty = (): Batch => ({ text: "", buffers: list() });

/** A turn that says more than this hands it over at once: a flood then meets backpressure and output limits, not the memory limit. */
const SPILL_SIZE = 256 * 1024;
let bufferedBytes = 0;

/** Uncaught errors go before everything else and replies of evaluations after: entries precede their eval's result. */
const first = empty();
const middle = empty();
const last = empty();

function write(batch: Batch, header: string, body: string, buffers: List<ArrayBuffer> | null): void {
  if (buffers === null) {
    batch.text += `${header}\n${body}\n`;
    return;
  }
  let lengths = "";
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i] as ArrayBuffer;
    lengths += i > 0 ? `,${arrayBufferByteLength(buffer)}` : arrayBufferByteLength(buffer);
    append(batch.buffers, buffer);
    bufferedBytes += arrayBufferByteLength(buffer);
  }
  batch.text += `${buffers.length}${stringSlice(header, 0, -1)},"s":[${lengths}]}\n${body}\n`;
}

/** A frame with a value; `peer` is who will consume the byte streams in it. */
export function send(header: string, value: Encoded, peer: number): void {
  write(middle, header, value.text, value.buffers);
  start(value, peer);
  spillIfFull();
}

/** The reply of an evaluation. */
export function sendLast(header: string, value: Encoded, peer: number): void {
  // What a stream carries comes right behind the node that announces it.
  if (value.streams !== null) send(header, value, peer);
  else write(last, header, value.text, value.buffers);
}

/** An uncaught error. */
export function sendFirst(header: string, body: string, buffers: List<ArrayBuffer> | null): void {
  write(first, header, body, buffers);
}

/** A frame without a value. */
export function sendBare(header: string): void {
  middle.text += `${header}\n\n`;
  spillIfFull();
}

export function sendSegment(header: string, segment: ArrayBuffer): void {
  const buffers: List<ArrayBuffer> = list();
  append(buffers, segment);
  write(middle, header, "", buffers);
  spillIfFull();
}

function spillIfFull(): void {
  if (middle.text.length + bufferedBytes > SPILL_SIZE) spill();
}

function start(value: Encoded, peer: number): void {
  const { streams } = value;
  if (streams === null) return;
  for (let i = 0; i < streams.length; i++) startByteStream(streams[i] as OpenStream, peer);
}

/** All frames since the last call, as `[text, …buffers]`, with `preface` as the first line; `undefined` when there are none. */
export function takeFrames(preface: number): List<string | ArrayBuffer> | undefined {
  const text = first.text + middle.text + last.text;
  if (text === "") return undefined;
  const result: List<string | ArrayBuffer> = list();
  append(result, `${preface}\n${text}`);
  take(result, first);
  take(result, middle);
  take(result, last);
  bufferedBytes = 0;
  return result;
}

/** The ordinary frames so far, in the middle of a turn; the worker asks when `spill` was called. */
export function drainEarly(): List<string | ArrayBuffer> {
  const result: List<string | ArrayBuffer> = list();
  append(result, middle.text);
  take(result, middle);
  bufferedBytes = 0;
  return result;
}

/** Everything that was said to an owner who has gone. */
export function discardOutbox(): void {
  const nowhere: List<string | ArrayBuffer> = list();
  take(nowhere, first);
  take(nowhere, middle);
  take(nowhere, last);
  bufferedBytes = 0;
  forgetDrops();
}

function take(result: List<string | ArrayBuffer>, batch: Batch): void {
  for (let i = 0; i < batch.buffers.length; i++) append(result, batch.buffers[i] as ArrayBuffer);
  batch.text = "";
  if (batch.buffers.length > 0) batch.buffers = list();
}
