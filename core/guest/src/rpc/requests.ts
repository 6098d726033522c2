// Requests that this side sent and whose replies are awaited.
import { decode } from "../codec/decode";
import { encode, encodeArguments, type Encoded } from "../codec/encode";
import { append, type List, list, Table } from "../collections";
import { captureStackTrace, jsonStringify, Promise, ReferenceError } from "../primordials";
import { type AbortSignal, isAborted, offAbort, onAbort, reasonOf } from "../web/abort";
import { currentRequest } from "../web/async_context";
import { currentLife, isDetached, ownerGone } from "./life";
import { sendBare, send } from "./outbox";
import { type OpenStream, releaseUnclaimed } from "./producer";

interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  /** Where guest code called; its `stack` is formatted only if the host's error needs one. */
  site: object;
  signal: AbortSignal | undefined;
  onAbort: (() => void) | undefined;
  /** Byte streams among the arguments. */
  streams: List<OpenStream> | null;
}

const pending = new Table<number, Pending>();
let lastId = 0;

const opTexts = new Table<string, string>();
/** Operation names come again and again; their JSON is kept. Generated names must not grow the table without end. */
function quoted(name: string): string {
  let text = opTexts.get(name);
  if (text === undefined) {
    text = jsonStringify(name);
    if (opTexts.size < 4096) opTexts.set(name, text);
  }
  return text;
}

function register(id: number, peer: number, streams: Pending["streams"], signal: AbortSignal | undefined): Promise<unknown> {
  const site = { __proto__: null };
  captureStackTrace(site, request);
  return new Promise((resolve, reject) => {
    const entry: Pending = { resolve, reject, site, signal, onAbort: undefined, streams };
    pending.set(id, entry);
    if (signal === undefined) return;
    entry.onAbort = () => cancel(id, peer, signal);
    onAbort(signal, entry.onAbort);
  });
}

/** `head` is the frame header up to and without its closing brace, lacking `id`. */
function request(
  head: string,
  args: ArrayLike<unknown>,
  peer: number,
  signal: AbortSignal | undefined,
  reader?: number,
): Promise<unknown> {
  if (signal !== undefined && isAborted(signal)) return rejectedWith(reasonOf(signal));
  if (isDetached()) return rejectedWith(ownerGone());
  let body: Encoded;
  try {
    body = encodeArguments(args, reader);
  } catch (error) {
    return rejectedWith(error);
  }
  const id = ++lastId;
  const promise = register(id, peer, body.streams, signal);
  send(`${head},"id":${id}}`, body, peer);
  return promise;
}

function rejectedWith(reason: unknown): Promise<never> {
  return new Promise((_, reject) => reject(reason));
}

/** Tells the broker for which request of the client this is said; who asks is its affair to know. */
function onBehalf(): string {
  const number = currentRequest();
  return number === 0 ? "" : `,"rq":${number}`;
}

/** `reader`: see `Encoding`. The broker may pass a call on to the client. */
export function call(
  cap: string,
  op: string,
  args: ArrayLike<unknown>,
  signal: AbortSignal | undefined,
  reader?: number,
): Promise<unknown> {
  return request(`{"t":"call","cap":${quoted(cap)},"op":${quoted(op)}${onBehalf()}`, args, 0, signal, reader);
}

/** Uses a reference that `peer` leased in `life`: calls the function, or one `method` of an iterator or promise. */
export function useReference(
  r: number,
  peer: number,
  life: number,
  method: string | undefined,
  args: ArrayLike<unknown>,
): Promise<unknown> {
  // The number may stand for something else by now, which belongs to another owner.
  if (life !== currentLife())
    return rejectedWith(new ReferenceError("The host object belongs to a former owner of this session"));
  const m = method === undefined ? "" : `,"m":"${method}"`;
  return request(`{"t":"ref"${peer === 1 ? ',"p":1' : ""},"r":${r}${m}`, args, peer, undefined);
}

/** A message without a reply. Throws when the arguments cannot cross. */
export function note(cap: string, op: string, args: ArrayLike<unknown>): void {
  if (isDetached()) return;
  send(`{"t":"note","cap":${quoted(cap)},"op":${quoted(op)}${onBehalf()}}`, encodeArguments(args), 0);
}

function cancel(id: number, peer: number, signal: AbortSignal): void {
  const entry = pending.get(id);
  if (entry === undefined) return;
  pending.delete(id);
  releaseUnclaimed(entry.streams);
  const reason = reasonOf(signal);
  const head = `{"t":"cancel",${peer === 1 ? '"p":1,' : ""}"id":${id}}`;
  try {
    send(head, encode(reason), peer);
  } catch {
    sendBare(head);
  }
  entry.reject(reason);
}

/** A reply came (`buffers` null: its body has no nodes). One to a cancelled request is decoded all the same: references in it have to be given back. */
export function settleRequest(id: number, ok: boolean, body: unknown, buffers: List<ArrayBuffer> | null): void {
  const entry = pending.get(id);
  pending.delete(id);
  if (entry !== undefined) releaseUnclaimed(entry.streams);
  if (entry?.onAbort !== undefined && entry.signal !== undefined) offAbort(entry.signal, entry.onAbort);
  let value: unknown;
  try {
    value = buffers === null ? body : decode(body, buffers, entry?.site);
  } catch (error) {
    entry?.reject(error);
    return;
  }
  if (ok) entry?.resolve(value);
  else entry?.reject(value);
}

export function pendingRequests(): number {
  return pending.size;
}

/** The owner has gone: every request fails. */
export function abandonRequests(): void {
  const lost: List<Pending> = list();
  pending.forEach((entry) => {
    append(lost, entry);
  });
  pending.clear();
  for (let i = 0; i < lost.length; i++) {
    const entry = lost[i] as Pending;
    releaseUnclaimed(entry.streams);
    if (entry.onAbort !== undefined && entry.signal !== undefined) offAbort(entry.signal, entry.onAbort);
    entry.reject(ownerGone());
  }
}
