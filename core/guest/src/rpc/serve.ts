// Requests of the host: calls of handlers, and uses of references that this side owns. Each is answered exactly once.
import { encode, encodeThrown, type Encoded } from "../codec/encode";
import { append, type List, list, Table } from "../collections";
import { asyncIteratorSymbol, ReferenceError, TypeError } from "../primordials";
import { settleWith } from "../promises";
import { reportException } from "../report";
import { type AbortSignal, createSignal, signalAbort } from "../web/abort";
import { requestContext, runIn } from "../web/async_context";
import { DOMException } from "../web/dom_exception";
import { isObject } from "../web/idl";
import { type Owned, ownedReference } from "./leases";
import { ownerGone } from "./life";
import { send } from "./outbox";

type Handler = (...args: unknown[]) => unknown;

const handlers = new Table<string, Handler>();
const handlerKey = (cap: string, op: string) => `${cap}\n${op}`;

let waking = 0;

/** `wakes`: an evaluation that awaits a promise may be waiting for a call of this handler. */
export function setHandler(cap: string, op: string, handler: Handler, wakes: boolean): void {
  if (typeof handler !== "function") throw new TypeError("handle: the handler must be a function.");
  const key = handlerKey(cap, op);
  // One that is installed anew for the next owner of a session is no second one.
  if (wakes && !handlers.has(key)) waking++;
  handlers.set(key, handler);
}

/** Handlers by which the host could wake a guest. */
export function handlerCount(): number {
  return waking;
}

/** One request under way; also `this` of the handler that answers it. */
class Inbound {
  readonly id: number;
  readonly peer: number;
  #signal: AbortSignal | undefined;
  #aborted = false;

  constructor(id: number, peer: number) {
    this.id = id;
    this.peer = peer;
  }
  /** Aborts when the host no longer wants the answer. */
  get signal(): AbortSignal {
    this.#signal ??= createSignal();
    return this.#signal;
  }
  /** Also for a handler that has answered, while its answer is still on its way as a stream. */
  abort(reason: unknown): void {
    this.#aborted = true;
    if (this.#signal !== undefined) signalAbort(this.#signal, reason);
  }
  get aborted(): boolean {
    return this.#aborted;
  }
}

const inflight = new Table<number, Inbound>();
const keyOf = (id: number, peer: number) => id * 2 + peer;

export function replyHead(kind: "ok" | "err", id: number, peer: number): string {
  return peer === 1 ? `{"t":"${kind}","id":${id},"p":1}` : `{"t":"${kind}","id":${id}}`;
}

/** True once. A number alone would not do: the next owner of a session uses the same ones. */
function finish(request: Inbound): boolean {
  const key = keyOf(request.id, request.peer);
  return inflight.get(key) === request && inflight.delete(key);
}

function answer(request: Inbound, value: unknown): void {
  if (!finish(request)) return;
  let body: Encoded;
  try {
    body = encode(value, request.peer);
  } catch (error) {
    send(replyHead("err", request.id, request.peer), encodeThrown(error), request.peer);
    return;
  }
  send(replyHead("ok", request.id, request.peer), body, request.peer);
}

function refuse(request: Inbound, reason: unknown): void {
  if (!finish(request)) return;
  send(replyHead("err", request.id, request.peer), encodeThrown(reason), request.peer);
}

/** Runs `work` and answers with its outcome, at once when it is not a promise. */
export function serve(id: number, peer: number, work: (request: Inbound) => unknown): void {
  const request = new Inbound(id, peer);
  inflight.set(keyOf(id, peer), request);
  try {
    const result = work(request);
    settleWith(
      result,
      (value) => answer(request, value),
      (reason) => refuse(request, reason),
    );
  } catch (error) {
    refuse(request, error);
  }
}

/** Answers a request that could not even be read. */
export function refuseRequest(id: number, peer: number, reason: unknown): void {
  send(replyHead("err", id, peer), encodeThrown(reason), peer);
}

export function serveCall(id: number, peer: number, cap: string, op: string, args: unknown[]): void {
  serve(id, peer, (request) => {
    const handler = handlers.get(handlerKey(cap, op));
    if (handler === undefined) throw new ReferenceError(`The guest script of '${cap}' has no handler for '${op}'`);
    return runIn(peer === 1 ? requestContext(id) : undefined, handler, request, args);
  });
}

export function serveNote(cap: string, op: string, args: unknown[]): void {
  const handler = handlers.get(handlerKey(cap, op));
  if (handler === undefined) return;
  try {
    settleWith(runIn(undefined, handler, undefined, args), ignore, reportException);
  } catch (error) {
    reportException(error);
  }
}

function ignore(): void {}

export function serveReference(id: number, peer: number, r: number, method: string | undefined, args: unknown[]): void {
  serve(id, peer, () => {
    const entry = ownedReference(r);
    if (method === undefined) return runIn(entry.context, entry.value, undefined, args);
    if (method === "await") return entry.value;
    return iterate(entry, method, args);
  });
}

/** One step of an iterator that the host holds. */
function iterate(entry: Owned, method: string, args: unknown[]): unknown {
  const source = entry.value as Record<PropertyKey, unknown>;
  const open = source[asyncIteratorSymbol];
  if (entry.iterator === undefined) {
    const opened = typeof open === "function" ? runIn(entry.context, open, source, []) : source;
    if (!isObject(opened)) throw new TypeError("The value is not an async iterator");
    entry.iterator = opened;
  }
  const step = (entry.iterator as Record<string, unknown>)[method];
  if (typeof step === "function") return new IteratorStep(runIn(entry.context, step, entry.iterator, args));
  if (method === "throw") throw args[0];
  return { __proto__: null, done: true, value: args[0] };
}

/** A thenable that reads an iterator result once and, for a sync iterator, waits for its value. */
class IteratorStep {
  readonly #result: unknown;
  constructor(result: unknown) {
    this.#result = result;
  }
  then(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
    const onResult = (result: unknown) => {
      if (!isObject(result)) return reject(new TypeError("The iterator's result is not an object"));
      const { done, value } = result as IteratorResult<unknown>;
      settleWith(value, (settled) => resolve({ __proto__: null, done: !!done, value: settled }), reject);
    };
    settleWith(this.#result, onResult, reject);
  }
}

/** The host gave up: the handler's signal aborts, and the one reply goes out now. */
export function cancelRequest(id: number, peer: number, reason: unknown): void {
  const request = inflight.get(keyOf(id, peer));
  if (request === undefined) return;
  const why = reason === undefined || reason === null ? new DOMException("The call was cancelled", "AbortError") : reason;
  request.abort(why);
  refuse(request, why);
}

/** The owner has gone: what it asked for is aborted, and answered to nobody. */
export function abandonServing(): void {
  const lost: List<Inbound> = list();
  inflight.forEach((request) => {
    append(lost, request);
  });
  inflight.clear();
  for (let i = 0; i < lost.length; i++) (lost[i] as Inbound).abort(ownerGone());
}
