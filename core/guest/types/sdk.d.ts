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
  /** A message without a reply. */
  note(op: string, ...args: unknown[]): void;
  /** Answers calls (and takes notes) of the host side. */
  handle(op: string, fn: (this: HandlerContext, ...args: never[]) => unknown): void;
  defineGlobal(name: string, value: unknown): void;
  /** Provides a module: `exports` has one property for each export. */
  defineModule(specifier: string, exports: object): void;
  /** A value that crosses as a stream of bytes, pulled as the host reads. */
  byteStream(source: AsyncIterable<ArrayBufferView | ArrayBuffer> | Iterable<ArrayBufferView | ArrayBuffer>): object;
  registerCodec<T extends object>(name: string, codec: Codec<T>): void;
  /** Binds `fn` to the present async context. */
  snapshot<F extends (...args: never[]) => unknown>(fn: F): F;
}

export interface Capability {
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
