// The server's end of WebSockets. The host holds the connection; here are the objects that handlers get, and their order of life.
import type { Sdk } from "../../../core/guest/types/sdk";
import type { App, Method } from "./app";

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const MAX_REASON_BYTES = 123;

interface State {
  readonly id: number;
  readonly data: unknown;
  /** Runs in the async context of the upgrade: host calls of handlers count for that request. */
  readonly run: (fn: Method, self: unknown, args: unknown[]) => unknown;
  readyState: number;
  /** Bytes that were given to the host, and how many of them it has passed on. */
  sent: number;
  passed: number;
  /** Messages that go to the host together, when the microtask comes that was queued with the first, and their size. */
  waiting: unknown[];
  waitingSize: number;
}

/** What a close frame may carry: RFC 6455 and its registry, without the codes that are never sent. */
const mayClose = (code: number) =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

export class Sockets {
  readonly #sdk: Sdk;
  readonly #app: App;
  readonly #batch: number;
  readonly #settled: object;
  // biome-ignore lint/suspicious/noExplicitAny: captured constructors
  readonly #states: any;
  // biome-ignore lint/suspicious/noExplicitAny: captured constructors
  readonly #open: any;
  /** Made when the first connection comes. */
  #class: (new (state: State) => object) | undefined;

  constructor(sdk: Sdk, app: App, batch: number) {
    this.#sdk = sdk;
    this.#app = app;
    this.#batch = batch;
    this.#settled = new sdk.primordials.Promise((resolve: (value: unknown) => void) => resolve(undefined));
    this.#states = new sdk.primordials.WeakMap();
    this.#open = new sdk.primordials.Map();
  }

  /** A request was upgraded: the connection exists for the guest from now on, and opens when the host says so. */
  admit(id: number, data: unknown): void {
    const run = this.#sdk.snapshot((fn: Method, self: unknown, args: unknown[]) => this.#sdk.primordials.apply(fn, self, args));
    const state: State = { id, data, run, readyState: 0, sent: 0, passed: 0, waiting: [], waitingSize: 0 };
    this.#class ??= this.#define();
    this.#sdk.primordials.mapSet(this.#open, id, new this.#class(state));
  }

  opened(id: number): void {
    const socket = this.#find(id);
    if (socket === undefined) return;
    this.#state(socket).readyState = OPEN;
    this.#tell(socket, "open", []);
  }

  message(id: number, data: unknown): void {
    const socket = this.#find(id);
    if (socket === undefined || this.#state(socket).readyState === CLOSED) return;
    this.#tell(socket, "message", [typeof data === "string" ? data : this.#sdk.primordials.typedArrayBuffer(data)]);
  }

  /** Several that came together. What one handler throws is reported and keeps nothing from the others. */
  messages(id: number, list: unknown[]): void {
    for (let i = 0; i < list.length; i++) {
      try {
        this.message(id, list[i]);
      } catch (error) {
        this.#sdk.primordials.subscribe(this.#settled, () => {
          throw error;
        });
      }
    }
  }

  closed(id: number, code: number, reason: string): void {
    const socket = this.#find(id);
    if (socket === undefined) return;
    this.#sdk.primordials.mapDelete(this.#open, id);
    this.#state(socket).readyState = CLOSED;
    this.#tell(socket, "close", [code, reason]);
  }

  failed(id: number, message: string): void {
    const socket = this.#find(id);
    if (socket !== undefined) this.#tell(socket, "error", [new this.#sdk.primordials.Error(message)]);
  }

  /** The host passed on bytes that had waited; `drain` tells the handlers that nothing waits any more. */
  passed(id: number, bytes: number): void {
    const socket = this.#find(id);
    if (socket === undefined) return;
    const state = this.#state(socket);
    state.passed += bytes;
    if (state.passed >= state.sent && state.readyState === OPEN) this.#tell(socket, "drain", []);
  }

  #find(id: number): object | undefined {
    return this.#sdk.primordials.mapGet(this.#open, id);
  }

  #state(socket: object): State {
    const state = this.#sdk.primordials.weakMapGet(this.#states, socket);
    if (state === undefined) throw new this.#sdk.primordials.TypeError("Illegal invocation");
    return state;
  }

  /** Calls one handler; what it throws goes to the handler `error`, and is an uncaught error without one. */
  #tell(socket: object, name: string, args: unknown[]): void {
    const websocket = this.#app.handlers?.websocket as Record<string, unknown> | undefined;
    const handler = websocket?.[name];
    if (typeof handler !== "function") return;
    const { run } = this.#state(socket);
    const onError = (error: unknown) => {
      const other = name === "error" ? undefined : websocket?.error;
      if (typeof other !== "function") throw error;
      run(other as Method, websocket, [socket, error]);
    };
    const all = args.length === 0 ? [socket] : args.length === 1 ? [socket, args[0]] : [socket, args[0], args[1]];
    let result: unknown;
    try {
      result = run(handler as Method, websocket, all);
    } catch (error) {
      return onError(error);
    }
    if (typeof result === "object" && result !== null) this.#sdk.primordials.settleWith(result, () => {}, onError);
  }

  #send(socket: object, data: unknown): void {
    const state = this.#state(socket);
    if (state.readyState !== OPEN) return;
    const { arrayBufferByteLength, typedArrayByteLength, typedArrayKind, dataViewByteLength } = this.#sdk.primordials;
    let message = data;
    let size: number;
    if (typeof data === "string") {
      message = this.#sdk.primordials.stringToWellFormed(data);
      size = data.length;
    } else if (typeof data === "object" && data !== null && typedArrayKind(data) !== undefined) size = typedArrayByteLength(data);
    else {
      try {
        size = arrayBufferByteLength(data);
      } catch {
        try {
          size = dataViewByteLength(data);
        } catch {
          message = this.#sdk.primordials.stringToWellFormed(`${data}`);
          size = (message as string).length;
        }
      }
    }
    state.sent += size;
    const { define, subscribe } = this.#sdk.primordials;
    if (state.waitingSize + size > this.#batch) this.#flush(state);
    // What waits must not change any more.
    if (typeof message !== "string" || size > this.#batch) {
      this.#flush(state);
      this.#sdk.note("send", state.id, [message], size);
      return;
    }
    if (state.waiting.length === 0) subscribe(this.#settled, () => this.#flush(state));
    define(state.waiting, state.waiting.length, message, 7);
    state.waitingSize += size + 8;
  }

  /** Hands over what waits. */
  #flush(state: State): void {
    const { waiting, waitingSize } = state;
    if (waiting.length === 0) return;
    state.waiting = [];
    state.waitingSize = 0;
    this.#sdk.note("send", state.id, waiting, waitingSize - 8 * waiting.length);
  }

  #close(socket: object, code: unknown, reason: unknown): void {
    const state = this.#state(socket);
    const { RangeError, typedArrayByteLength } = this.#sdk.primordials;
    const number = code === undefined ? 1000 : +(code as number);
    if (!mayClose(number)) throw new RangeError(`The close code ${number} cannot be sent.`);
    const text = reason === undefined ? "" : this.#sdk.primordials.stringToWellFormed(`${reason}`);
    if (typedArrayByteLength(this.#sdk.web.utf8Encode(text)) > MAX_REASON_BYTES) {
      throw new RangeError("The close reason is longer than 123 bytes.");
    }
    if (state.readyState > OPEN) return;
    state.readyState = CLOSING;
    this.#flush(state);
    this.#sdk.note("close", state.id, number, text);
  }

  #define(): new (state: State) => object {
    const states = this.#states;
    const { weakMapSet } = this.#sdk.primordials;
    const stateOf = (socket: object) => this.#state(socket);
    const send = (socket: object, data: unknown) => this.#send(socket, data);
    const close = (socket: object, code: unknown, reason: unknown) => this.#close(socket, code, reason);
    return class ServerWebSocket {
      constructor(state: State) {
        weakMapSet(states, this, state);
      }
      /** What was given to `server.upgrade`. */
      get data(): unknown {
        return stateOf(this).data;
      }
      get readyState(): number {
        return stateOf(this).readyState;
      }
      get bufferedAmount(): number {
        const { passed, sent } = stateOf(this);
        return sent - passed;
      }
      send(data: unknown): void {
        send(this, data);
      }
      close(code: unknown = undefined, reason: unknown = undefined): void {
        close(this, code, reason);
      }
    };
  }
}
