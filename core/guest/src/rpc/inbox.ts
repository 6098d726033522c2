// Frames on their way in: one turn hands over a batch.
import { decode } from "../codec/decode";
import { append, type List, list } from "../collections";
import { hasOwn, isArray, jsonParse, stringIncludes } from "../primordials";
import { reportException } from "../report";
import { resetContext } from "../web/async_context";
import { streamAbort, streamData, streamEnd } from "./consumer";
import { unlease } from "./leases";
import { cancelProducer, grantCredit } from "./producer";
import { settleRequest } from "./requests";
import { cancelRequest, refuseRequest, serve, serveCall, serveNote, serveReference } from "./serve";

// biome-ignore lint/suspicious/noExplicitAny: headers are written by the worker's Python and checked there
type Header = Record<string, any>;

interface Frame {
  header: Header;
  body: unknown;
  buffers: List<ArrayBuffer>;
  peer: number;
}

/** Whether the batch contains nodes at all; without any, bodies are used as `JSON.parse` made them. */
let hasNodes = false;

type Initializer = (body: unknown) => unknown;
let initialize: Initializer = () => undefined;
export function setInitializer(run: Initializer): void {
  initialize = run;
}

const optional = (header: Header, key: string) => (hasOwn(header, key) ? header[key] : undefined);

export function turn(text: string, segments: ArrayLike<ArrayBuffer>): void {
  resetContext();
  const parts = jsonParse(text) as unknown[];
  hasNodes = stringIncludes(text, '"$"');
  let taken = 0;
  for (let i = 0; i < parts.length; i += 2) {
    const header = parts[i] as Header;
    const count = hasOwn(header, "s") ? header.s.length : 0;
    const buffers: List<ArrayBuffer> = list();
    for (let j = 0; j < count; j++) append(buffers, segments[taken++] as ArrayBuffer);
    const frame: Frame = { header, body: parts[i + 1], buffers, peer: optional(header, "p") === 1 ? 1 : 0 };
    try {
      receive(frame);
    } catch (error) {
      reportException(error);
    }
  }
}

function valueOf(frame: Frame): unknown {
  return hasNodes ? decode(frame.body, frame.buffers, undefined) : frame.body;
}

function argumentsOf(frame: Frame): unknown[] {
  const value = valueOf(frame);
  return isArray(value) ? value : [];
}

function receive(frame: Frame): void {
  const { header, body, buffers, peer } = frame;
  switch (header.t) {
    case "ok":
    case "err":
      return settleRequest(header.id, header.t === "ok", body, hasNodes ? buffers : null);
    case "call":
    case "ref":
    case "init":
      return receiveRequest(frame);
    case "note":
      return serveNote(header.cap, header.op, argumentsOf(frame));
    case "cancel":
      return cancelRequest(header.id, peer, valueOf(frame));
    case "drop":
      return receiveDrops(header.refs);
    case "sd":
      return streamData(header.st, peer, buffers);
    case "sc":
      return grantCredit(header.st, header.n, peer);
    case "se":
      return streamEnd(header.st, peer);
    case "sx":
      return header.d === "cancel" ? cancelProducer(header.st) : streamAbort(header.st, peer, body, buffers);
  }
}

function receiveRequest(frame: Frame): void {
  const { header, peer } = frame;
  const { t, id } = header;
  let value: unknown;
  try {
    value = t === "init" ? valueOf(frame) : argumentsOf(frame);
  } catch (error) {
    return refuseRequest(id, peer, error);
  }
  if (t === "call") serveCall(id, peer, header.cap, header.op, value as unknown[]);
  else if (t === "ref") serveReference(id, peer, header.r, optional(header, "m"), value as unknown[]);
  else serve(id, peer, () => initialize(value));
}

function receiveDrops(refs: [number, number][]): void {
  for (let i = 0; i < refs.length; i++) {
    const pair = refs[i] as [number, number];
    unlease(pair[0], pair[1]);
  }
}
