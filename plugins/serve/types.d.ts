/** One WebSocket, as the server sees it. `data` is what was given to `server.upgrade`. */
interface ServerWebSocket<T = unknown> {
  readonly data: T;
  /** 0 upgraded, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that wait for a slow client; the handler `drain` runs when none are left. */
  readonly bufferedAmount: number;
  send(data: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
}

interface AppServer {
  /** Makes a WebSocket of the request; the handler's result is then not looked at. `headers` go into the answer, such as `Sec-WebSocket-Protocol`. */
  upgrade(request: Request, options?: { data?: unknown; headers?: HeadersInit }): boolean;
  /** Work that goes on after the answer: a reload waits for it, within reason. */
  waitUntil(work: Promise<unknown>): void;
}

interface AppContext {
  waitUntil(work: Promise<unknown>): void;
  passThroughOnException(): void;
}

interface ServeOptions<T = unknown> {
  fetch(
    request: Request,
    server: AppServer,
    context: AppContext,
  ): Response | undefined | void | Promise<Response | undefined | void>;
  websocket?: {
    open?(socket: ServerWebSocket<T>): unknown;
    message?(socket: ServerWebSocket<T>, message: string | ArrayBuffer): unknown;
    close?(socket: ServerWebSocket<T>, code: number, reason: string): unknown;
    error?(socket: ServerWebSocket<T>, error: unknown): unknown;
    drain?(socket: ServerWebSocket<T>): unknown;
  };
}

/** Registers the handlers of an app server; the last call wins. `export default { fetch }` does the same. */
declare function serve<T = unknown>(options: ServeOptions<T>): void;
