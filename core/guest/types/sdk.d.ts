// What a capability's guest script works with. A script is the body of `function (registerCapability) { … }`.

/** Captured built-ins: safe to use whatever guest code did to the global ones. */
export interface Primordials {
  /** Calls back when a native promise settles, past a patched `then`, `constructor` or species. */
  subscribe(promise: object, onValue: (value: unknown) => void, onError?: (reason: unknown) => void): void;
  /** The same for anything a function may return; at once for a plain value. */
  settleWith(value: unknown, onValue: (value: unknown) => void, onError: (reason: unknown) => void): void;
  /** Defines a data property (writable, configurable, not enumerable unless `flags` says otherwise: 1 + 2 + 4). */
  define(target: object, key: PropertyKey, value: unknown, flags?: number): void;
  /** Milliseconds since the runtime started. */
  monotonic(): number;
  isPrototypeOf(prototype: object, value: unknown): boolean;
  // biome-ignore lint/suspicious/noExplicitAny: uncurried built-ins, named `mapGet`, `stringSlice` …
  readonly [name: string]: any;
}

export interface InspectOptions {
  depth?: number | null;
  colors?: boolean;
  showHidden?: boolean;
  breakLength?: number;
  compact?: boolean | number;
  [option: string]: unknown;
}

export interface Inspect {
  (value: unknown, options?: InspectOptions): string;
  /** Objects may have a method of this name that says how they look. */
  readonly custom: symbol;
}

export interface Codec<T extends object = object> {
  /** Asked for each object that is not plain; must be cheap and must not run guest code. */
  matches(value: object): value is T;
  encode(value: T): unknown;
  decode(value: unknown): T;
}

/** `this` of a handler. */
export interface HandlerContext {
  /** Aborts when the host no longer wants the answer. */
  readonly signal: AbortSignal;
  /** Identifies the request, among those of the client that owns the runtime. */
  readonly id: number;
  /** Aborts the signal, also after the answer: a stream in it may still be read. */
  abort(reason: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: standard classes, typed by whoever uses them
type Class = any;

export interface WebBody {
  /** A ReadableStream of Uint8Array: send it as it is, and it crosses as a byte stream with backpressure. */
  readonly stream: object;
  /** What the body was made from: text, Uint8Array, Blob, FormData; `null` for a stream. */
  readonly source: unknown;
  /** In bytes; `null` when unknown. */
  readonly length: number | null;
}

export interface WebRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ArrayLike<readonly [string, string]>;
  readonly body: WebBody | null;
  /** `follow`, `error` or `manual`. */
  readonly redirect: string;
  readonly credentials: string;
  readonly cache: string;
  readonly mode: string;
  readonly keepalive: boolean;
  readonly integrity: string;
  readonly signal: AbortSignal;
}

export interface WebResponse {
  url: string;
  status: number;
  statusText: string;
  headers: ArrayLike<readonly [string, string]>;
  /** A ReadableStream, bytes, text or `null`. What a call answers as a byte stream is a ReadableStream already. */
  body: unknown;
  redirected: boolean;
  type: "basic" | "cors" | "default" | "opaqueredirect";
}

export interface IncomingRequest {
  method: string;
  url: string;
  /** Names and values in turn. */
  headers: ArrayLike<string>;
  body: unknown;
}

export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  readonly headers: ArrayLike<readonly [string, string]>;
  readonly body: WebBody | null;
}

export interface SdkWeb {
  readonly Blob: Class;
  readonly CloseEvent: Class;
  readonly Event: Class;
  readonly EventTarget: Class;
  readonly DOMException: Class;
  readonly File: Class;
  readonly FormData: Class;
  readonly Headers: Class;
  readonly MessageEvent: Class;
  readonly ProgressEvent: Class;
  readonly ReadableStream: Class;
  readonly Request: Class;
  readonly Response: Class;
  readonly TransformStream: Class;
  readonly URL: Class;
  readonly URLSearchParams: Class;
  readonly WritableStream: Class;
  isRequest(value: object): boolean;
  isResponse(value: object): boolean;
  /** The parts of a Request; throws for anything else. The body is not touched. */
  readRequest(request: object): WebRequest;
  /** Whether the body was read, or somebody reads it. */
  isUsed(body: WebBody): boolean;
  /** A Request as a server gets it: nothing is checked, so the parts must be those of a real one. `body` is a ReadableStream, bytes or `null`. */
  incomingRequest(parts: IncomingRequest, signal: object): object;
  /** The parts of a Response; throws for anything else. The body is not touched. */
  readResponse(response: object): ResponseParts;
  /** A Response as fetch() answers it: with a URL and headers that cannot be changed. */
  makeResponse(parts: WebResponse): object;
  /** What Response.error() answers. */
  errorResponse(): object;
  /** The Blob that a `blob:` URL (without fragment) names. */
  resolveObjectURL(url: string): object | undefined;
  /** `undefined` for a blob whose content is read on demand: use its stream. */
  blobBytes(blob: object): Uint8Array<ArrayBuffer> | undefined;
  /** A File whose content is elsewhere. `open` gives a ReadableStream of exactly these bytes, and is called when they are wanted. */
  remoteFile(
    remote: { open(offset: number, length: number): object },
    size: number,
    name: string,
    type: string,
    lastModified: number,
  ): object;
  utf8Encode(text: string): Uint8Array<ArrayBuffer>;
  utf8Decode(bytes: Uint8Array): string;
  /** Runs when the signal aborts, before its listeners. */
  onAbort(signal: object, run: () => void): void;
  offAbort(signal: object, run: () => void): void;
  /** Dispatches a trusted event. */
  fire(target: object, event: object): boolean;
  /** Defines the attribute `on<type>`. */
  handlerAttribute(prototype: object, type: string): void;
}

export interface Sdk {
  /** The capability's name. */
  readonly capability: string;
  /** The runtime's working directory. */
  readonly cwd: string;
  readonly primordials: Primordials;
  /** `util.inspect` of Node. */
  readonly inspect: Inspect;
  /** `util.formatWithOptions` of Node. */
  format(options: InspectOptions, ...args: unknown[]): string;
  /** Calls the host side of this capability. Rejects with a DataCloneError when an argument cannot cross. */
  call(op: string, ...args: unknown[]): Promise<unknown>;
  /** The same; aborting the signal cancels the call. */
  callWith(options: { signal?: AbortSignal } | undefined, op: string, ...args: unknown[]): Promise<unknown>;
  /** The same with the arguments as an array, which spares copying rest parameters. */
  callArray(op: string, args: ArrayLike<unknown>, options?: { signal?: AbortSignal }): Promise<unknown>;
  /** Calls the host side of another capability of this runtime, for one that was passed on to a child. */
  callOf(capability: string, op: string, args: ArrayLike<unknown>, options?: { signal?: AbortSignal }): Promise<unknown>;
  /** The capability that defined the global whose value this is; `undefined`: none did. */
  capabilityOf(value: unknown): string | undefined;
  /** A message without a reply. */
  note(op: string, ...args: unknown[]): void;
  /** Sends what was said so far, in the middle of a turn: for what the host must know although the turn may never end. Waits while the host does not keep up. */
  flush(): void;
  /** Runs `run` as a task of its own, when microtasks and what is due before it have run. */
  task(run: () => void): void;
  /** How many promises have failed that nobody handles so far. They are reported when the present task is over. */
  unhandled(): number;
  /** Answers calls (and takes notes) of the host side. `wakes` false: no evaluation can be waiting for them. */
  handle(op: string, fn: (this: HandlerContext, ...args: never[]) => unknown, wakes?: boolean): void;
  defineGlobal(name: string, value: unknown): void;
  /** A global that is made when guest code first looks at it. */
  defineLazyGlobal(name: string, make: () => unknown): void;
  /**
   * Provides a module: `exports` has one property for each export; a function that makes it is called when the module is first needed.
   * `require` of a module that has a `default` export gets that. A fallback gives way to the module that another plugin defines.
   */
  defineModule(specifier: string, exports: object | (() => object), options?: { fallback?: boolean }): void;
  /** Many modules by name, made when one is asked for; each gives way to the module that another plugin defines. */
  defineModules(names: ArrayLike<string>, load: (name: string) => object): void;
  /** The exports of a module that a plugin (of this runtime) provides; it is evaluated now if it never was. */
  findModule(specifier: string): object | undefined;
  /** A CommonJS `require` that resolves as seen from the file at an absolute path. */
  createRequire(filename: string): (specifier: string) => unknown;
  /** The specifiers of all such modules, in no order. */
  moduleNames(): ArrayLike<string>;
  /**
   * Runs when the owner of a session gives it up: forget what belonged to that owner. Globals stay, so do handlers; a later owner with
   * the same grant gets them as they are, with another grant they are taken away and `install` runs again.
   */
  onReset(run: () => void): void;
  /** True while a session has no owner: what waited for the host fails, no task begins, and nothing can be asked. */
  abandoned(): boolean;
  /** A value that crosses as a stream of bytes, pulled as the host reads. */
  byteStream(source: AsyncIterable<ArrayBufferView | ArrayBuffer> | Iterable<ArrayBufferView | ArrayBuffer>): object;
  registerCodec<T extends object>(name: string, codec: Codec<T>): void;
  /** Makes members enumerable, tags the prototype, and defines the global, as Web IDL has it. Its objects do not cross to the host. */
  exposeInterface(
    constructor: { readonly prototype: object; readonly name: string },
    name: string,
    constants?: Record<string, number>,
  ): void;
  /** The same without the global, for `prepare`. */
  shapeInterface(
    constructor: { readonly prototype: object; readonly name: string },
    name: string,
    constants?: Record<string, number>,
  ): void;
  /** What `structuredClone` does with objects of a platform class. `matches` must know them by a brand. */
  registerCloner(matches: (value: object) => boolean, copy: (value: never) => object): void;
  /** Random bytes from the operating system, synchronously. `undefined` when memory is short. */
  random(size: number): ArrayBuffer | undefined;
  /**
   * Calls a native service of the worker (`GuestScript.services`), synchronously: an order as JSON, and true ArrayBuffers, which it
   * sees in place. Text is `=` and JSON, or `!Name:message`. `undefined` when memory is short.
   */
  compute(order: string, ...buffers: ArrayBuffer[]): ArrayBuffer | string | undefined;
  /** The platform's classes as they were before guest code ran, and what is inside their objects. */
  readonly web: SdkWeb;
  /** Tests of `util.types` that ask for internal slots, and `typedArrayKind`. */
  readonly types: Readonly<Record<string, (value: unknown) => unknown>>;
  /** Sets an AsyncContext.Variable for the rest of the running task and what it starts. */
  enterContext(variable: object, value: unknown): void;
  /** Calls back for each step of each promise: 0 made, 1 settled, 2 about to run a reaction, 3 done with it. Slow; without a function it stops. */
  promiseHook(listener?: (step: number, promise: object, parent: object | undefined) => void): void;
  /** Binds `fn` to the present async context. */
  snapshot<F extends (...args: never[]) => unknown>(fn: F): F;
}

export interface Capability {
  /** Runs once in the template, before any policy or guest is known: what every runtime has, granted or not. It may not call the host. */
  prepare?(sdk: Sdk): void;
  /** A policy grants the capability; `options` is what its host side chose to tell. */
  install?(sdk: Sdk, options: never): void;
  /** No policy grants it; `hint` names the key that would. */
  absent?(sdk: Sdk, hint: string): void;
}

declare global {
  function registerCapability(name: string, capability: Capability): void;

  interface AbortSignal {
    readonly aborted: boolean;
    readonly reason: unknown;
    throwIfAborted(): void;
  }
}
