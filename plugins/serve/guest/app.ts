// What the program registered: the handlers of requests and of WebSockets, and where they came from.
import type { Sdk } from "../../../core/guest/types/sdk";

export type Method = (...args: unknown[]) => unknown;

export interface Handlers {
  /** `this` of the handlers: the object that was registered, so that classes and frameworks work. */
  readonly self: object;
  readonly fetch: Method;
  readonly websocket: object | undefined;
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** The last registration wins, so that a program may replace its handlers while it runs. */
export class App {
  readonly #sdk: Sdk;
  #handlers: Handlers | undefined;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  get handlers(): Handlers | undefined {
    return this.#handlers;
  }

  /** `serve(options)`. Throws for what has no `fetch`. */
  register(options: unknown): void {
    const { TypeError } = this.#sdk.primordials;
    const handlers = this.#read(options);
    if (handlers === undefined) throw new TypeError("serve: the first argument must be an object with a function 'fetch'.");
    this.#handlers = handlers;
  }

  /** The entry was loaded: without a `serve()` in it, its default export is the app (Workers, Hono and others do so). */
  adopt(exported: unknown): void {
    if (this.#handlers !== undefined) return;
    this.#handlers = this.#read(exported);
    if (this.#handlers !== undefined) return;
    const { TypeError } = this.#sdk.primordials;
    throw new TypeError("The app has no request handler: call serve({ fetch }), or export default { fetch }.");
  }

  #read(options: unknown): Handlers | undefined {
    if (!isObject(options)) return undefined;
    const { fetch, websocket } = options as { fetch?: unknown; websocket?: unknown };
    if (typeof fetch !== "function") return undefined;
    if (websocket !== undefined && !isObject(websocket)) {
      throw new this.#sdk.primordials.TypeError("serve: 'websocket' must be an object of handlers.");
    }
    return { self: options, fetch: fetch as Method, websocket: websocket as object | undefined };
  }
}
