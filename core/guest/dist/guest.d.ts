// What every guest has beyond the language and what the web's own declarations say.

declare var self: typeof globalThis;
declare var global: typeof globalThis;

type TimerHandler = (...args: never[]) => void;
declare function setTimeout<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setInterval<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;

interface GlobalEventMap {
  error: ErrorEvent;
  unhandledrejection: PromiseRejectionEvent;
  rejectionhandled: PromiseRejectionEvent;
}
declare function addEventListener<K extends keyof GlobalEventMap>(
  type: K,
  listener: (event: GlobalEventMap[K]) => unknown,
  options?: boolean | AddEventListenerOptions,
): void;
declare function addEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | AddEventListenerOptions,
): void;
declare function removeEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | EventListenerOptions,
): void;
declare function dispatchEvent(event: Event): boolean;
declare var onerror: ((message: string, source: string, line: number, column: number, error: unknown) => unknown) | null;
declare var onunhandledrejection: ((event: PromiseRejectionEvent) => unknown) | null;
declare var onrejectionhandled: ((event: PromiseRejectionEvent) => unknown) | null;

interface Navigator {
  readonly userAgent: string;
  readonly hardwareConcurrency: number;
  readonly language: string;
  readonly languages: readonly string[];
}
declare var Navigator: { readonly prototype: Navigator };
declare var navigator: Navigator;

type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;
type MessageEventSource = MessagePort;

/** Events from and to whoever owns the runtime. `__on` gives a function that ends the subscription. */
declare function __on<T = unknown>(name: string, callback: (payload: T) => unknown): () => void;
declare function __emit(name: string, payload?: unknown): void;

declare namespace AsyncContext {
  class Variable<T> {
    constructor(options?: { name?: string; defaultValue?: T });
    readonly name: string;
    get(): T | undefined;
    run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R;
  }
  class Snapshot {
    run<R, A extends unknown[]>(fn: (...args: A) => R, ...args: A): R;
    static wrap<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R;
  }
}

interface ImportMeta {
  readonly url: string;
}
