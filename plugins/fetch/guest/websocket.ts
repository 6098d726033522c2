// WebSocket (WebSockets Standard). The host holds the connection and judges it; here are the states and events.
import { abortable, errorEvent, EventTarget, fail, failures, later, p, parseURL, sdk, track, untrack, web } from "./platform";
import { bytesOfMessage, type Message, payloadOf } from "./socket_data";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** Most that one call to the host carries. */
const BATCH_BYTES = 256 * 1024;
const BATCH = 64;

interface Opened {
  id: number;
  protocol: string;
  extensions: string;
}

interface End {
  code: number;
  reason: string;
  clean: boolean;
  error: string | null;
}

interface Received {
  messages: (string | Uint8Array<ArrayBuffer>)[];
  end: End | null;
}

function closeCode(code: unknown): number | null {
  if (code === undefined) return null;
  let number = +(code as number);
  // Web IDL [Clamp] unsigned short: to the nearest, and to the even one in the middle.
  number = number !== number ? 0 : p.min(65535, p.max(0, number));
  const low: number = p.floor(number);
  const rest = number - low;
  number = rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
  if (number === 1000 || (number >= 3000 && number <= 4999)) return number;
  return fail("InvalidAccessError", "WebSocket.close: the code must be 1000 or from 3000 to 4999.");
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The subprotocols, of which no two are the same but for the case of letters. */
function protocolsOf(value: unknown): string[] {
  const found: string[] = [];
  const add = (item: unknown) => {
    const name = `${item}`;
    let known = p.regExpExec(TOKEN, name) === null;
    const lower = p.stringToLowerCase(name);
    for (let i = 0; i < found.length; i++) if (p.stringToLowerCase(found[i] as string) === lower) known = true;
    if (known) fail("SyntaxError", `WebSocket: the subprotocol '${name}' is invalid or given twice.`);
    p.define(found, found.length, name, 7);
  };
  const isSequence =
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    (value as Iterable<unknown>)[p.iteratorSymbol as typeof Symbol.iterator] !== undefined;
  if (!isSequence) add(value);
  // lint: Web IDL asks for the argument's iterator
  else for (const item of value as Iterable<unknown>) add(item);
  return found;
}

/** The URL with its WebSocket scheme. */
function socketURL(text: string): { href: string; origin: string } {
  const url = parseURL(text, "WebSocket");
  let { href } = url;
  if (p.stringStartsWith(href, "http:")) href = `ws:${p.stringSlice(href, 5)}`;
  else if (p.stringStartsWith(href, "https:")) href = `wss:${p.stringSlice(href, 6)}`;
  const isSocket = p.stringStartsWith(href, "ws:") || p.stringStartsWith(href, "wss:");
  if (!isSocket) fail("SyntaxError", "WebSocket: the URL's scheme must be ws, wss, http or https.");
  if (p.stringIndexOf(href, "#") >= 0) fail("SyntaxError", "WebSocket: the URL must not have a fragment.");
  return href === url.href ? url : parseURL(href, "WebSocket");
}

export class WebSocket extends EventTarget {
  readonly #url: string;
  readonly #origin: string;
  #state = CONNECTING;
  #protocol = "";
  #extensions = "";
  #binaryType = "blob";
  #buffered = 0;
  #id = 0;
  #waiting: Message[] = [];
  #sending = false;
  /** What `close()` asked for, once everything before it was sent. */
  #goodbye: { code: number | null; reason: string } | undefined;
  readonly #handshake = abortable();

  constructor(url: unknown, protocols: unknown = undefined) {
    if (arguments.length === 0) throw new p.TypeError("WebSocket constructor: 1 argument required, but only 0 present.");
    super();
    const { href, origin } = socketURL(p.stringToWellFormed(`${url}`));
    this.#url = href;
    this.#origin = origin;
    const wanted = protocols === undefined ? [] : protocolsOf(protocols);
    track(this, () => {
      this.#state = CLOSED;
      this.#waiting = [];
    });
    const opened = sdk.callArray("connect", [href, wanted], { signal: this.#handshake.signal });
    p.subscribe(
      opened,
      (value) => this.#opened(value as Opened),
      (error) => this.#failed(error),
    );
  }
  get url(): string {
    return this.#url;
  }
  get readyState(): number {
    return this.#state;
  }
  get bufferedAmount(): number {
    return this.#buffered;
  }
  get extensions(): string {
    return this.#extensions;
  }
  get protocol(): string {
    return this.#protocol;
  }
  close(code: unknown = undefined, reason: unknown = undefined): void {
    const number = closeCode(code);
    const text = reason === undefined ? "" : p.stringToWellFormed(`${reason}`);
    if (p.typedArrayByteLength(web.utf8Encode(text)) > 123) {
      fail("SyntaxError", "WebSocket.close: the reason must not have more than 123 bytes.");
    }
    if (this.#state >= CLOSING) return;
    const connecting = this.#state === CONNECTING;
    this.#state = CLOSING;
    if (connecting) return this.#handshake.abort();
    // A reason cannot be sent without a code.
    this.#goodbye = { code: number ?? (text === "" ? null : 1000), reason: text };
    this.#flush();
  }
  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(value: unknown) {
    const type = `${value}`;
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }
  send(data: unknown): void {
    const state = this.#state;
    if (arguments.length === 0) throw new p.TypeError("WebSocket.send: 1 argument required, but only 0 present.");
    const message = payloadOf(data);
    if (state === CONNECTING) fail("InvalidStateError", "WebSocket.send: the connection is still being opened.");
    this.#buffered += message.size;
    if (state !== OPEN) return;
    p.define(this.#waiting, this.#waiting.length, message, 7);
    this.#flush();
  }

  // ── to the host ────────────────────────────────────────────────────────────────────────────────────────────────

  /** One call at a time: what is sent meanwhile goes with the next one. */
  #flush(): void {
    if (this.#sending || this.#state === CLOSED) return;
    const taken = this.#take();
    if (taken.bytes < 0) {
      if (this.#goodbye !== undefined) this.#close(this.#goodbye);
      return;
    }
    this.#sending = true;
    const sent = () => {
      this.#sending = false;
      this.#buffered -= taken.bytes;
      this.#flush();
    };
    p.subscribe(sdk.callArray("send", [this.#id, taken.messages]), sent, (error) => {
      this.#sending = false;
      this.#failed(error);
    });
  }
  /** The next messages, as many as one call carries; negative bytes when there are none. */
  #take(): { messages: (string | Uint8Array)[]; bytes: number } {
    const waiting = this.#waiting;
    const messages: (string | Uint8Array)[] = [];
    let bytes = waiting.length === 0 ? -1 : 0;
    while (messages.length < waiting.length && messages.length < BATCH && bytes < BATCH_BYTES) {
      const message = waiting[messages.length] as Message;
      p.define(messages, messages.length, message.data, 7);
      bytes += message.size;
    }
    const rest: Message[] = [];
    for (let i = messages.length; i < waiting.length; i++) p.define(rest, rest.length, waiting[i], 7);
    this.#waiting = rest;
    return { messages, bytes };
  }
  #close(goodbye: { code: number | null; reason: string }): void {
    this.#goodbye = undefined;
    const asked = sdk.callArray("close", [this.#id, goodbye.code, goodbye.reason]);
    p.subscribe(
      asked,
      () => {},
      (error) => this.#failed(error),
    );
  }

  // ── from the host ──────────────────────────────────────────────────────────────────────────────────────────────

  #opened(opened: Opened): void {
    this.#id = opened.id;
    later(() => {
      if (this.#state === CONNECTING) {
        this.#state = OPEN;
        this.#protocol = opened.protocol;
        this.#extensions = opened.extensions;
        web.fire(this, new web.Event("open"));
      } else if (this.#state === CLOSING) {
        // close() came after the host had connected.
        this.#close({ code: null, reason: "" });
      }
      this.#receive();
    });
  }
  #receive(): void {
    p.subscribe(
      sdk.callArray("receive", [this.#id]),
      (value) => {
        const { messages, end } = value as Received;
        for (let i = 0; i < messages.length; i++) later(() => this.#message(messages[i] as string | Uint8Array<ArrayBuffer>));
        later(() => (end === null ? this.#receive() : this.#ended(end)));
      },
      (error) => this.#failed(error),
    );
  }
  #message(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#state !== OPEN) return;
    const value = typeof data === "string" ? data : bytesOfMessage(data, this.#binaryType);
    web.fire(this, new web.MessageEvent("message", { __proto__: null, data: value, origin: this.#origin }));
  }
  #ended(end: End): void {
    if (end.error !== null && this.#state !== CLOSED) {
      const error = new p.Error(`WebSocket: ${end.error}`);
      return this.#finish(end, error);
    }
    this.#finish(end, undefined);
  }
  #failed(reason: unknown): void {
    const { signal } = this.#handshake;
    const error = failures.isAborted(signal) ? new p.Error("WebSocket: it was closed before the connection was open") : reason;
    later(() => this.#finish({ code: 1006, reason: "", clean: false, error: null }, error));
  }
  #finish(end: End, error: unknown): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.#waiting = [];
    untrack(this);
    if (error !== undefined) web.fire(this, errorEvent(error));
    const { code, reason, clean } = end;
    web.fire(this, new web.CloseEvent("close", { __proto__: null, code, reason, wasClean: clean }));
  }
}

export function installWebSocket(): void {
  const states = { __proto__: null, CONNECTING, OPEN, CLOSING, CLOSED } as unknown as Record<string, number>;
  sdk.exposeInterface(WebSocket, "WebSocket", states);
  web.handlerAttribute(WebSocket.prototype, "open");
  web.handlerAttribute(WebSocket.prototype, "error");
  web.handlerAttribute(WebSocket.prototype, "close");
  web.handlerAttribute(WebSocket.prototype, "message");
}
