// EventSource (HTML §9.2), on the plugin's own requests: the policy, the limits and the redirects are those of fetch().
import { createParser, type EventSourceMessage } from "eventsource-parser";
import {
  abortable,
  after,
  errorEvent,
  EventTarget,
  failures,
  later,
  p,
  parseURL,
  sdk,
  TextDecoder,
  track,
  untrack,
  web,
} from "./platform";
import type { Reply } from "./reply";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;
const RETRY_MS = 3000;
/** Most of one event, so that a server which never ends it cannot fill the memory. */
const LONGEST = 16 * 1024 * 1024;
const FETCHED = /^https?:/;
const MIME = /^[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;|$)/i;

interface Reader {
  read(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}
interface Decoder {
  decode(bytes: unknown, options: object): string;
}

let getReader: (stream: object) => Reader;
let read: (reader: Reader) => Promise<unknown>;
let cancel: (reader: Reader, reason: unknown) => Promise<unknown>;
let decode: (decoder: object, bytes: unknown, options: object) => string;

type Parser = ReturnType<typeof createParser>;

export class EventSource extends EventTarget {
  readonly #url: string;
  readonly #withCredentials: boolean;
  #state = CONNECTING;
  #retry = RETRY_MS;
  #lastEventId = "";
  #origin: string;
  #connection = abortable();
  #reader: Reader | undefined;

  constructor(url: unknown, init: unknown = undefined) {
    if (arguments.length === 0) throw new p.TypeError("EventSource constructor: 1 argument required, but only 0 present.");
    super();
    const target = parseURL(p.stringToWellFormed(`${url}`), "EventSource");
    this.#url = target.href;
    this.#origin = target.origin;
    this.#withCredentials = !!(init as { withCredentials?: unknown } | null | undefined)?.withCredentials;
    track(this, () => {
      this.#state = CLOSED;
    });
    this.#connect();
  }
  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return this.#withCredentials;
  }
  get readyState(): number {
    return this.#state;
  }
  close(): void {
    this.#state = CLOSED;
    untrack(this);
    this.#disconnect();
  }

  /** Whatever is under way: the request, or the body of its answer. */
  #disconnect(): void {
    this.#connection.abort();
    const ignore = () => {};
    if (this.#reader !== undefined) p.subscribe(cancel(this.#reader, undefined), ignore, ignore);
    this.#reader = undefined;
  }
  #connect(): void {
    const headers = [
      ["accept", "text/event-stream"],
      ["cache-control", "no-store"],
    ];
    // A header is a string of bytes, and the identifier any text: its UTF-8.
    if (this.#lastEventId !== "") p.define(headers, 2, ["last-event-id", byteString(this.#lastEventId)], 7);
    if (p.regExpExec(FETCHED, this.#url) === null)
      return this.#fail(new p.TypeError("EventSource: the URL must be http: or https:"));
    const hash = p.stringIndexOf(this.#url, "#");
    const url = hash < 0 ? this.#url : p.stringSlice(this.#url, 0, hash);
    const request = { method: "GET", url, headers, redirect: "follow", body: null };
    const { signal } = this.#connection;
    p.subscribe(
      sdk.callArray("fetch", [request], { signal }),
      (reply) => this.#answered(reply as Reply),
      (error) => this.#broken(error),
    );
  }
  #answered(reply: Reply): void {
    const { body } = reply;
    this.#reader = body === null || p.typedArrayKind(body) !== undefined ? undefined : getReader(body);
    if (this.#state === CLOSED) return this.#disconnect();
    const problem = unfit(reply);
    if (problem !== undefined) {
      this.#disconnect();
      return this.#fail(new p.TypeError(`EventSource: ${problem}`));
    }
    this.#origin = parseURL(reply.url, "EventSource").origin;
    later(() => {
      if (this.#state === CLOSED) return;
      this.#state = OPEN;
      web.fire(this, new web.Event("open"));
      this.#stream(reply.body);
    });
  }
  #stream(body: object | null): void {
    const parser = createParser({
      __proto__: null,
      onEvent: (event: EventSourceMessage) => this.#event(event),
      onId: (id: string) => {
        this.#lastEventId = id;
      },
      onRetry: (milliseconds: number) => {
        this.#retry = milliseconds;
      },
      onError: (error: { type: string }) => {
        if (error.type === "max-buffer-size-exceeded") this.#lost(new p.RangeError("EventSource: the event is too long"));
      },
      maxBufferSize: LONGEST,
    } as never);
    const decoder = new TextDecoder();
    if (this.#reader !== undefined) return this.#pull(this.#reader, decoder, parser);
    if (body !== null) this.#feed(decoder, parser, body);
    this.#lost();
  }
  /** The next piece is asked for when the events of this one were seen. */
  #pull(reader: Reader, decoder: object, parser: Parser): void {
    const arrived = (result: unknown) => {
      const { done, value } = result as { done: boolean; value: unknown };
      if (done || !this.#feed(decoder, parser, value)) return this.#lost();
      later(() => this.#pull(reader, decoder, parser));
    };
    if (this.#state !== CLOSED) p.subscribe(read(reader), arrived, () => this.#lost());
  }
  #feed(decoder: object, parser: Parser, bytes: unknown): boolean {
    try {
      parser.feed(decode(decoder, bytes, { __proto__: null, stream: true }));
      return true;
    } catch {
      return false;
    }
  }
  #event(event: EventSourceMessage): void {
    const { data, event: type = "message" } = event;
    const init = { __proto__: null, data, origin: this.#origin, lastEventId: this.#lastEventId };
    later(() => {
      if (this.#state !== CLOSED) web.fire(this, new web.MessageEvent(type, init));
    });
  }

  /** A request that failed: a refusal stays one, anything else may pass. */
  #broken(error: unknown): void {
    if (this.#state === CLOSED || failures.isAborted(this.#connection.signal)) return;
    const code = p.hasOwn(error as object, "code") ? (error as { code: unknown }).code : undefined;
    if (code === "policy-denied") this.#fail(error);
    else this.#lost(error);
  }
  #fail(error: unknown): void {
    later(() => {
      if (this.#state === CLOSED) return;
      this.#state = CLOSED;
      untrack(this);
      web.fire(this, errorEvent(error));
    });
  }
  /** Try again, a little later. */
  #lost(error: unknown = undefined): void {
    this.#disconnect();
    // The next owner of the session would hear of a connection that he did not ask for.
    if (sdk.abandoned()) return this.#fail(error);
    later(() => {
      if (this.#state === CLOSED) return;
      this.#state = CONNECTING;
      this.#connection = abortable();
      web.fire(this, errorEvent(error));
      after(this.#retry, () => {
        if (this.#state === CONNECTING) this.#connect();
      });
    });
  }
}

function unfit(reply: Reply): string | undefined {
  if (reply.status !== 200) return `the server answered ${reply.status}`;
  const { headers } = reply;
  let type = "";
  for (let i = 0; i < headers.length; i++) {
    const pair = headers[i] as [string, string];
    if (p.stringToLowerCase(pair[0]) === "content-type") type = pair[1];
  }
  return p.regExpExec(MIME, type) === null ? "the answer is no text/event-stream" : undefined;
}

function byteString(text: string): string {
  const bytes = web.utf8Encode(p.stringToWellFormed(text));
  let result = "";
  for (let i = 0; i < bytes.length; i++) result += p.fromCharCode(bytes[i]);
  return result;
}

export function installEventSource(): void {
  getReader = p.uncurry(web.ReadableStream.prototype.getReader);
  const reader = getReader(new web.ReadableStream());
  read = p.uncurry(reader.read);
  cancel = p.uncurry(reader.cancel);
  decode = p.uncurry((TextDecoder as unknown as { prototype: Decoder }).prototype.decode) as typeof decode;
  const states = { __proto__: null, CONNECTING, OPEN, CLOSED } as unknown as Record<string, number>;
  sdk.exposeInterface(EventSource, "EventSource", states);
  web.handlerAttribute(EventSource.prototype, "open");
  web.handlerAttribute(EventSource.prototype, "message");
  web.handlerAttribute(EventSource.prototype, "error");
}
