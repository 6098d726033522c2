"use strict";
(() => {
  // ../../plugins/serve/guest/answer.ts
  var INLINE_TEXT = 64 * 1024;
  var INLINE_BYTES = 1024 * 1024;
  var bodiless = (status) => status === 204 || status === 205 || status === 304;
  var Answers = class {
    #sdk;
    #cancel;
    #getReader;
    #read;
    #stop;
    constructor(sdk) {
      this.#sdk = sdk;
      const { uncurry } = sdk.primordials;
      const { prototype } = sdk.web.ReadableStream;
      this.#cancel = uncurry(prototype.cancel);
      this.#getReader = uncurry(prototype.getReader);
      const reader = this.#getReader(new sdk.web.ReadableStream());
      this.#read = uncurry(reader.read);
      this.#stop = uncurry(reader.cancel);
    }
    /** Throws a TypeError for what is no Response, or one whose body was used. */
    of(result, method, call) {
      const { TypeError } = this.#sdk.primordials;
      const { isResponse, isUsed, readResponse } = this.#sdk.web;
      if (typeof result !== "object" || result === null || !isResponse(result)) {
        throw new TypeError(`The fetch handler must return a Response, not ${kind(result)}.`);
      }
      const parts = readResponse(result);
      if (parts.status === 0) throw new TypeError("The fetch handler returned Response.error().");
      const { body } = parts;
      if (body !== null && isUsed(body)) throw new TypeError("The fetch handler returned a Response whose body was used already.");
      return [
        parts.status,
        parts.statusText,
        this.#headers(parts),
        this.#body(body, method === "HEAD" || bodiless(parts.status), call)
      ];
    }
    #headers({ headers }) {
      const { define } = this.#sdk.primordials;
      const flat = [];
      for (let i = 0; i < headers.length; i++) {
        const pair = headers[i];
        define(flat, i * 2, pair[0], 7);
        define(flat, i * 2 + 1, pair[1], 7);
      }
      return flat;
    }
    #body(body, dropped, call) {
      if (body === null) return null;
      const { isPrototypeOf, stringToWellFormed, subscribe, typedArrayByteLength, typedArrayKind } = this.#sdk.primordials;
      const { source } = body;
      if (dropped) {
        if (source === null) subscribe(this.#cancel(body.stream), ignore, ignore);
        return null;
      }
      if (typeof source === "string" && source.length <= INLINE_TEXT) return stringToWellFormed(source);
      if (typedArrayKind(source) === "Uint8Array" && typedArrayByteLength(source) <= INLINE_BYTES) return source;
      const { Blob, blobBytes } = this.#sdk.web;
      const isBlob = typeof source === "object" && source !== null && isPrototypeOf(Blob.prototype, source);
      return isBlob && body.length !== null && body.length <= INLINE_BYTES ? blobBytes(source) : this.#stream(body.stream, call);
    }
    /** The stream as the host reads it. When its reader goes away, so has the client: the request's signal aborts. */
    #stream(stream, call) {
      const { asyncIteratorSymbol } = this.#sdk.primordials;
      const open = () => {
        const reader = this.#getReader(stream);
        const end = () => {
          const reason = new this.#sdk.web.DOMException("The client went away", "AbortError");
          call.abort(reason);
          return this.#stop(reader, reason);
        };
        return { __proto__: null, next: () => this.#read(reader), return: end };
      };
      return this.#sdk.byteStream({ __proto__: null, [asyncIteratorSymbol]: open });
    }
  };
  function ignore() {
  }
  function kind(value) {
    return value === void 0 || value === null ? `${value}` : typeof value === "object" ? "another object" : `a ${typeof value}`;
  }

  // ../../plugins/serve/guest/app.ts
  var isObject = (value) => typeof value === "object" && value !== null || typeof value === "function";
  var App = class {
    #sdk;
    #handlers;
    constructor(sdk) {
      this.#sdk = sdk;
    }
    get handlers() {
      return this.#handlers;
    }
    /** `serve(options)`. Throws for what has no `fetch`. */
    register(options) {
      const { TypeError } = this.#sdk.primordials;
      const handlers = this.#read(options);
      if (handlers === void 0) throw new TypeError("serve: the first argument must be an object with a function 'fetch'.");
      this.#handlers = handlers;
    }
    /** The entry was loaded: without a `serve()` in it, its default export is the app (Workers, Hono and others do so). */
    adopt(exported) {
      if (this.#handlers !== void 0) return;
      this.#handlers = this.#read(exported);
      if (this.#handlers !== void 0) return;
      const { TypeError } = this.#sdk.primordials;
      throw new TypeError("The app has no request handler: call serve({ fetch }), or export default { fetch }.");
    }
    #read(options) {
      if (!isObject(options)) return void 0;
      const { fetch, websocket } = options;
      if (typeof fetch !== "function") return void 0;
      if (websocket !== void 0 && !isObject(websocket)) {
        throw new this.#sdk.primordials.TypeError("serve: 'websocket' must be an object of handlers.");
      }
      return { self: options, fetch, websocket };
    }
  };

  // ../../plugins/serve/guest/sockets.ts
  var OPEN = 1;
  var CLOSING = 2;
  var CLOSED = 3;
  var MAX_REASON_BYTES = 123;
  var mayClose = (code) => code >= 1e3 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3e3 && code <= 4999;
  var Sockets = class {
    #sdk;
    #app;
    #batch;
    #settled;
    // biome-ignore lint/suspicious/noExplicitAny: captured constructors
    #states;
    // biome-ignore lint/suspicious/noExplicitAny: captured constructors
    #open;
    /** Made when the first connection comes. */
    #class;
    constructor(sdk, app, batch) {
      this.#sdk = sdk;
      this.#app = app;
      this.#batch = batch;
      this.#settled = new sdk.primordials.Promise((resolve) => resolve(void 0));
      this.#states = new sdk.primordials.WeakMap();
      this.#open = new sdk.primordials.Map();
    }
    /** A request was upgraded: the connection exists for the guest from now on, and opens when the host says so. */
    admit(id, data) {
      const run = this.#sdk.snapshot((fn, self, args) => this.#sdk.primordials.apply(fn, self, args));
      const state = { id, data, run, readyState: 0, sent: 0, passed: 0, waiting: [], waitingSize: 0 };
      this.#class ??= this.#define();
      this.#sdk.primordials.mapSet(this.#open, id, new this.#class(state));
    }
    opened(id) {
      const socket = this.#find(id);
      if (socket === void 0) return;
      this.#state(socket).readyState = OPEN;
      this.#tell(socket, "open", []);
    }
    message(id, data) {
      const socket = this.#find(id);
      if (socket === void 0 || this.#state(socket).readyState === CLOSED) return;
      this.#tell(socket, "message", [typeof data === "string" ? data : this.#sdk.primordials.typedArrayBuffer(data)]);
    }
    /** Several that came together. What one handler throws is reported and keeps nothing from the others. */
    messages(id, list) {
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
    closed(id, code, reason) {
      const socket = this.#find(id);
      if (socket === void 0) return;
      this.#sdk.primordials.mapDelete(this.#open, id);
      this.#state(socket).readyState = CLOSED;
      this.#tell(socket, "close", [code, reason]);
    }
    failed(id, message) {
      const socket = this.#find(id);
      if (socket !== void 0) this.#tell(socket, "error", [new this.#sdk.primordials.Error(message)]);
    }
    /** The host passed on bytes that had waited; `drain` tells the handlers that nothing waits any more. */
    passed(id, bytes) {
      const socket = this.#find(id);
      if (socket === void 0) return;
      const state = this.#state(socket);
      state.passed += bytes;
      if (state.passed >= state.sent && state.readyState === OPEN) this.#tell(socket, "drain", []);
    }
    #find(id) {
      return this.#sdk.primordials.mapGet(this.#open, id);
    }
    #state(socket) {
      const state = this.#sdk.primordials.weakMapGet(this.#states, socket);
      if (state === void 0) throw new this.#sdk.primordials.TypeError("Illegal invocation");
      return state;
    }
    /** Calls one handler; what it throws goes to the handler `error`, and is an uncaught error without one. */
    #tell(socket, name, args) {
      const websocket = this.#app.handlers?.websocket;
      const handler = websocket?.[name];
      if (typeof handler !== "function") return;
      const { run } = this.#state(socket);
      const onError = (error) => {
        const other = name === "error" ? void 0 : websocket?.error;
        if (typeof other !== "function") throw error;
        run(other, websocket, [socket, error]);
      };
      const all = args.length === 0 ? [socket] : args.length === 1 ? [socket, args[0]] : [socket, args[0], args[1]];
      let result;
      try {
        result = run(handler, websocket, all);
      } catch (error) {
        return onError(error);
      }
      if (typeof result === "object" && result !== null) this.#sdk.primordials.settleWith(result, () => {
      }, onError);
    }
    #send(socket, data) {
      const state = this.#state(socket);
      if (state.readyState !== OPEN) return;
      const { arrayBufferByteLength, typedArrayByteLength, typedArrayKind, dataViewByteLength } = this.#sdk.primordials;
      let message = data;
      let size;
      if (typeof data === "string") {
        message = this.#sdk.primordials.stringToWellFormed(data);
        size = data.length;
      } else if (typeof data === "object" && data !== null && typedArrayKind(data) !== void 0) size = typedArrayByteLength(data);
      else {
        try {
          size = arrayBufferByteLength(data);
        } catch {
          try {
            size = dataViewByteLength(data);
          } catch {
            message = this.#sdk.primordials.stringToWellFormed(`${data}`);
            size = message.length;
          }
        }
      }
      state.sent += size;
      const { define, subscribe } = this.#sdk.primordials;
      if (state.waitingSize + size > this.#batch) this.#flush(state);
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
    #flush(state) {
      const { waiting, waitingSize } = state;
      if (waiting.length === 0) return;
      state.waiting = [];
      state.waitingSize = 0;
      this.#sdk.note("send", state.id, waiting, waitingSize - 8 * waiting.length);
    }
    #close(socket, code, reason) {
      const state = this.#state(socket);
      const { RangeError, typedArrayByteLength } = this.#sdk.primordials;
      const number = code === void 0 ? 1e3 : +code;
      if (!mayClose(number)) throw new RangeError(`The close code ${number} cannot be sent.`);
      const text = reason === void 0 ? "" : this.#sdk.primordials.stringToWellFormed(`${reason}`);
      if (typedArrayByteLength(this.#sdk.web.utf8Encode(text)) > MAX_REASON_BYTES) {
        throw new RangeError("The close reason is longer than 123 bytes.");
      }
      if (state.readyState > OPEN) return;
      state.readyState = CLOSING;
      this.#flush(state);
      this.#sdk.note("close", state.id, number, text);
    }
    #define() {
      const states = this.#states;
      const { weakMapSet } = this.#sdk.primordials;
      const stateOf = (socket) => this.#state(socket);
      const send = (socket, data) => this.#send(socket, data);
      const close = (socket, code, reason) => this.#close(socket, code, reason);
      return class ServerWebSocket {
        constructor(state) {
          weakMapSet(states, this, state);
        }
        /** What was given to `server.upgrade`. */
        get data() {
          return stateOf(this).data;
        }
        get readyState() {
          return stateOf(this).readyState;
        }
        get bufferedAmount() {
          const { passed, sent } = stateOf(this);
          return sent - passed;
        }
        send(data) {
          send(this, data);
        }
        close(code = void 0, reason = void 0) {
          close(this, code, reason);
        }
      };
    }
  };

  // ../../plugins/serve/guest/index.ts
  var MAX_BACKGROUND = 1e3;
  var Given = class {
    constructor(value) {
      return value;
    }
  };
  var Marked = class extends Given {
    #pending;
    constructor(request, pending) {
      super(request);
      this.#pending = pending;
    }
    static pendingOf(request) {
      return #pending in request ? request.#pending : void 0;
    }
  };
  var Requests = class {
    #sdk;
    #app;
    #answers;
    #sockets;
    #server;
    #context;
    #background = 0;
    #onQuiet = [];
    constructor(sdk, app, sockets, answers2) {
      this.#sdk = sdk;
      this.#app = app;
      this.#answers = answers2;
      this.#sockets = sockets;
      const waitUntil = (work) => this.#waitUntil(work);
      const upgrade = (request, options = void 0) => this.#upgrade(request, options);
      this.#server = sdk.primordials.freeze({ upgrade, waitUntil });
      this.#context = sdk.primordials.freeze({ waitUntil, passThroughOnException: () => {
      } });
    }
    /** Answers one request: a message, or a promise of it. */
    answer(call, method, url, headers, body) {
      const { apply, Promise: Promise2, settleWith } = this.#sdk.primordials;
      const { handlers } = this.#app;
      if (handlers === void 0) return ["lost"];
      const request = this.#sdk.web.incomingRequest({ method, url, headers, body }, call.signal);
      const pending = { id: call.id, owner: this, answered: false, upgrade: void 0 };
      new Marked(request, pending);
      const result = apply(handlers.fetch, handlers.self, [request, this.#server, this.#context]);
      const finish = (value) => this.#finish(call, pending, value, method);
      if (typeof result !== "object" || result === null || this.#sdk.web.isResponse(result)) return finish(result);
      return new Promise2((resolve, reject) => {
        const onValue = (value) => {
          try {
            resolve(finish(value));
          } catch (error) {
            reject(error);
          }
        };
        settleWith(result, onValue, reject);
      });
    }
    #finish(call, pending, value, method) {
      pending.answered = true;
      const { upgrade } = pending;
      if (upgrade !== void 0) return ["websocket", upgrade.data, upgrade.headers];
      return this.#answers.of(value, method, call);
    }
    #upgrade(request, options) {
      const pending = typeof request === "object" && request !== null ? Marked.pendingOf(request) : void 0;
      if (pending?.owner !== this || pending.answered || pending.upgrade !== void 0) return false;
      if (this.#app.handlers?.websocket === void 0) return false;
      const { data, headers } = options ?? {};
      pending.upgrade = { data: this.#crossing(data), headers: this.#flat(headers) };
      this.#sockets.admit(pending.id, data);
      return true;
    }
    /** The host gets to know the data when it is plain: text, numbers, or an object of such. Anything else stays here. */
    #crossing(data) {
      const { isArray, jsonParse, jsonStringify } = this.#sdk.primordials;
      if (typeof data !== "object" || data === null) {
        return typeof data === "function" || typeof data === "symbol" ? void 0 : data;
      }
      try {
        const text = jsonStringify(data);
        return text === void 0 && !isArray(data) ? void 0 : jsonParse(text);
      } catch {
        return void 0;
      }
    }
    #flat(headers) {
      const { define } = this.#sdk.primordials;
      if (headers === void 0 || headers === null) return [];
      const { readResponse, Response } = this.#sdk.web;
      const pairs = readResponse(new Response(null, { __proto__: null, headers })).headers;
      const flat = [];
      for (let i = 0; i < pairs.length; i++) {
        const pair = pairs[i];
        define(flat, i * 2, pair[0], 7);
        define(flat, i * 2 + 1, pair[1], 7);
      }
      return flat;
    }
    #waitUntil(work) {
      const { RangeError, settleWith } = this.#sdk.primordials;
      if (this.#background >= MAX_BACKGROUND) {
        throw new RangeError(`waitUntil: more than ${MAX_BACKGROUND} pieces of background work are under way.`);
      }
      this.#background++;
      const ended = () => {
        this.#background--;
        if (this.#background > 0) return;
        const waiting = this.#onQuiet;
        this.#onQuiet = [];
        for (let i = 0; i < waiting.length; i++) waiting[i]?.();
      };
      const failed = (error) => {
        ended();
        throw error;
      };
      settleWith(work, ended, failed);
    }
    /** Settles when no background work is left. */
    quiet() {
      if (this.#background === 0) return void 0;
      const { define, Promise: Promise2 } = this.#sdk.primordials;
      return new Promise2((resolve) => define(this.#onQuiet, this.#onQuiet.length, resolve, 7));
    }
  };
  var answers;
  function prepare(sdk) {
    answers = new Answers(sdk);
  }
  function install(sdk, options) {
    const app = new App(sdk);
    const sockets = new Sockets(sdk, app, options.batch);
    const requests = new Requests(sdk, app, sockets, answers);
    const holder = {
      serve(options2) {
        app.register(options2);
      }
    };
    sdk.defineGlobal("serve", holder.serve);
    const boot = (load) => {
      const exported = load();
      let found;
      try {
        found = exported.default;
      } catch {
      }
      return app.adopt(found);
    };
    const answer = function(method, url, headers, body) {
      return requests.answer(this, method, url, headers, body);
    };
    const handle = (op, fn) => sdk.handle(op, fn, false);
    handle("boot", boot);
    handle("fetch", answer);
    handle("quiet", () => requests.quiet());
    handle("ws.open", (id) => sockets.opened(id));
    handle("ws.message", (id, data) => sockets.message(id, data));
    handle("ws.messages", (id, list) => sockets.messages(id, list));
    handle("ws.close", (id, code, reason) => sockets.closed(id, code, reason));
    handle("ws.error", (id, message) => sockets.failed(id, message));
    handle("ws.passed", (id, bytes) => sockets.passed(id, bytes));
  }
  function absent(sdk, hint) {
    const { Error } = sdk.primordials;
    sdk.defineGlobal("serve", () => {
      throw new Error(`serve is not granted here (${hint})`);
    });
  }
  var capability = { prepare, install, absent };
  registerCapability("serve", capability);
})();
