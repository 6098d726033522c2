// serve(): long-lived handlers of requests and WebSockets. The host holds the connections; here is what the program sees.
import type { Capability, HandlerContext, Sdk } from "../../../core/guest/types/sdk";
import { type Answer, Answers } from "./answer";
import { App, type Method } from "./app";
import { Sockets } from "./sockets";

/** Pieces of background work that may be under way. */
const MAX_BACKGROUND = 1000;

interface Pending {
  readonly id: number;
  /** Who waits for the answer: a request may outlive its server. */
  readonly owner: Requests;
  answered: boolean;
  upgrade: { data: unknown; headers: string[] } | undefined;
}

class Given {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: so the fields of the class below are put there
    return value as Given;
  }
}

/** What is known of a request, in a private field of it. An entry of a WeakMap would live until the next full collection. */
class Marked extends Given {
  readonly #pending: Pending;
  constructor(request: object, pending: Pending) {
    super(request);
    this.#pending = pending;
  }
  static pendingOf(request: object): Pending | undefined {
    return #pending in request ? (request as Marked).#pending : undefined;
  }
}

class Requests {
  readonly #sdk: Sdk;
  readonly #app: App;
  readonly #answers: Answers;
  readonly #sockets: Sockets;
  readonly #server: object;
  readonly #context: object;
  #background = 0;
  #onQuiet: (() => void)[] = [];

  constructor(sdk: Sdk, app: App, sockets: Sockets, answers: Answers) {
    this.#sdk = sdk;
    this.#app = app;
    this.#answers = answers;
    this.#sockets = sockets;
    const waitUntil = (work: unknown) => this.#waitUntil(work);
    const upgrade = (request: unknown, options: unknown = undefined) => this.#upgrade(request, options);
    this.#server = sdk.primordials.freeze({ upgrade, waitUntil });
    this.#context = sdk.primordials.freeze({ waitUntil, passThroughOnException: () => {} });
  }

  /** Answers one request: a message, or a promise of it. */
  answer(call: HandlerContext, method: string, url: string, headers: string[], body: unknown): unknown {
    const { apply, Promise, settleWith } = this.#sdk.primordials;
    const { handlers } = this.#app;
    if (handlers === undefined) return ["lost"];
    const request = this.#sdk.web.incomingRequest({ method, url, headers, body }, call.signal);
    const pending: Pending = { id: call.id, owner: this, answered: false, upgrade: undefined };
    new Marked(request, pending);
    const result = apply(handlers.fetch, handlers.self, [request, this.#server, this.#context]);
    const finish = (value: unknown) => this.#finish(call, pending, value, method);
    if (typeof result !== "object" || result === null || this.#sdk.web.isResponse(result)) return finish(result);
    return new Promise((resolve: Method, reject: Method) => {
      const onValue = (value: unknown) => {
        try {
          resolve(finish(value));
        } catch (error) {
          reject(error);
        }
      };
      settleWith(result, onValue, reject);
    });
  }

  #finish(call: HandlerContext, pending: Pending, value: unknown, method: string): Answer | unknown[] {
    pending.answered = true;
    const { upgrade } = pending;
    if (upgrade !== undefined) return ["websocket", upgrade.data, upgrade.headers];
    return this.#answers.of(value, method, call);
  }

  #upgrade(request: unknown, options: unknown): boolean {
    const pending = typeof request === "object" && request !== null ? Marked.pendingOf(request) : undefined;
    if (pending?.owner !== this || pending.answered || pending.upgrade !== undefined) return false;
    if (this.#app.handlers?.websocket === undefined) return false;
    const { data, headers } = (options ?? {}) as { data?: unknown; headers?: unknown };
    pending.upgrade = { data: this.#crossing(data), headers: this.#flat(headers) };
    this.#sockets.admit(pending.id, data);
    return true;
  }

  /** The host gets to know the data when it is plain: text, numbers, or an object of such. Anything else stays here. */
  #crossing(data: unknown): unknown {
    const { isArray, jsonParse, jsonStringify } = this.#sdk.primordials;
    if (typeof data !== "object" || data === null) {
      return typeof data === "function" || typeof data === "symbol" ? undefined : data;
    }
    try {
      const text = jsonStringify(data);
      return text === undefined && !isArray(data) ? undefined : jsonParse(text);
    } catch {
      return undefined;
    }
  }

  #flat(headers: unknown): string[] {
    const { define } = this.#sdk.primordials;
    if (headers === undefined || headers === null) return [];
    const { readResponse, Response } = this.#sdk.web;
    const pairs = readResponse(new Response(null, { __proto__: null, headers })).headers;
    const flat: string[] = [];
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i] as readonly [string, string];
      define(flat, i * 2, pair[0], 7);
      define(flat, i * 2 + 1, pair[1], 7);
    }
    return flat;
  }

  #waitUntil(work: unknown): void {
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
    const failed = (error: unknown) => {
      ended();
      throw error;
    };
    settleWith(work, ended, failed);
  }

  /** Settles when no background work is left. */
  quiet(): unknown {
    if (this.#background === 0) return undefined;
    const { define, Promise } = this.#sdk.primordials;
    return new Promise((resolve: () => void) => define(this.#onQuiet, this.#onQuiet.length, resolve, 7));
  }
}

/** It keeps nothing of a request, and is made before guest code could change what it takes from the platform. */
let answers: Answers;

function prepare(sdk: Sdk): void {
  answers = new Answers(sdk);
}

function install(sdk: Sdk, options: { batch: number }): void {
  const app = new App(sdk);
  const sockets = new Sockets(sdk, app, options.batch);
  const requests = new Requests(sdk, app, sockets, answers);
  const holder = {
    serve(options: unknown): void {
      app.register(options);
    },
  };
  sdk.defineGlobal("serve", holder.serve);
  // The client hands back a function of the guest that gives the entry's exports.
  const boot = (load: () => { default?: unknown }) => {
    const exported = load();
    let found: unknown;
    try {
      found = exported.default;
    } catch {
      // In the dead zone of a cycle: as good as none.
    }
    return app.adopt(found);
  };
  const answer = function (this: HandlerContext, method: string, url: string, headers: string[], body: unknown) {
    return requests.answer(this, method, url, headers, body);
  };
  // None of them comes before the entry was evaluated.
  const handle = (op: string, fn: (this: HandlerContext, ...args: never[]) => unknown) => sdk.handle(op, fn, false);
  handle("boot", boot);
  handle("fetch", answer);
  handle("quiet", () => requests.quiet());
  handle("ws.open", (id: number) => sockets.opened(id));
  handle("ws.message", (id: number, data: unknown) => sockets.message(id, data));
  handle("ws.messages", (id: number, list: unknown[]) => sockets.messages(id, list));
  handle("ws.close", (id: number, code: number, reason: string) => sockets.closed(id, code, reason));
  handle("ws.error", (id: number, message: string) => sockets.failed(id, message));
  handle("ws.passed", (id: number, bytes: number) => sockets.passed(id, bytes));
}

function absent(sdk: Sdk, hint: string): void {
  const { Error } = sdk.primordials;
  sdk.defineGlobal("serve", () => {
    throw new Error(`serve is not granted here (${hint})`);
  });
}

const capability: Capability = { prepare, install, absent };

registerCapability("serve", capability);
