// The few doors through which the kernel enters the libraries that it bundles. Their own types describe globals that
// this project does not have.
declare module "isolate-host:lent" {
  // biome-ignore lint/suspicious/noExplicitAny: what is lent keeps its own type where it is defined
  const lent: Record<string, any>;
  export default lent;
}

declare module "@exodus/bytes/encoding.js" {
  interface Decoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    decode(input?: unknown, options?: { stream: boolean }): string;
  }
  export const TextDecoder: new (label: string, options: { fatal: boolean; ignoreBOM: boolean }) => Decoder;
  export const TextEncoder: new () => {
    encode(text: string): Uint8Array<ArrayBuffer>;
    encodeInto(text: string, target: unknown): { read: number; written: number };
  };
}

declare module "whatwg-url/lib/url-state-machine.js" {
  const machine: { basicURLParse(url: string, options?: { baseURL?: unknown }): unknown };
  export default machine;
}

declare module "whatwg-url/lib/URLSearchParams-impl.js" {
  export interface QueryImpl {
    _list: [string, string][];
    /** Whose query this is; its record is told of changes. */
    _url: { readonly _url: object } | null;
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value: string | undefined): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value: string | undefined): boolean;
    set(name: string, value: string): void;
    sort(): void;
    toString(): string;
  }
  const module: { implementation: new (globalObject: unknown, args: [unknown], options: object) => QueryImpl };
  export default module;
}

declare module "whatwg-url/lib/URL-impl.js" {
  import type { QueryImpl } from "whatwg-url/lib/URLSearchParams-impl.js";
  export interface URLImpl {
    href: string;
    readonly origin: string;
    protocol: string;
    username: string;
    password: string;
    host: string;
    hostname: string;
    port: string;
    pathname: string;
    search: string;
    hash: string;
    readonly searchParams: QueryImpl;
    readonly _url: object;
    _query: QueryImpl;
  }
  const module: {
    implementation: {
      new (globalObject: unknown, args: [string, string | undefined]): URLImpl;
      canParse(url: string, base: string | undefined): boolean;
    };
  };
  export default module;
}

declare module "web-streams-polyfill" {
  // biome-ignore lint/suspicious/noExplicitAny: the record of a stream is the library's own
  export function privateState(stream: object): any;
  export interface DefaultReader {
    read(): Promise<{ done: boolean; value: unknown }>;
    cancel(reason: unknown): Promise<void>;
    releaseLock(): void;
  }
  export class ReadableStream {
    constructor(source?: object, strategy?: object);
    readonly locked: boolean;
    cancel(reason?: unknown): Promise<void>;
    getReader(options?: object): DefaultReader;
  }
  export class WritableStream {
    constructor(sink?: object, strategy?: object);
    getWriter(): object;
  }
  export class TransformStream {
    constructor(transformer?: object, writable?: object, readable?: object);
    readonly readable: ReadableStream;
    readonly writable: WritableStream;
  }
  type Interface = new () => object;
  export const ByteLengthQueuingStrategy: Interface;
  export const CountQueuingStrategy: Interface;
  export const ReadableByteStreamController: Interface;
  export const ReadableStreamBYOBReader: Interface;
  export const ReadableStreamBYOBRequest: Interface;
  export const ReadableStreamDefaultController: Interface;
  export const ReadableStreamDefaultReader: Interface;
  export const TransformStreamDefaultController: Interface;
  export const WritableStreamDefaultController: Interface;
  export const WritableStreamDefaultWriter: Interface;
}

declare module "isolate-host:buffer" {
  export const Buffer: unknown;
}

declare module "undici/lib/web/fetch/headers.js" {
  export interface HeadersList {
    readonly entriesList: [string, string][];
    append(name: string, value: string, isLowerCase?: boolean): void;
    contains(name: string, isLowerCase?: boolean): boolean;
  }
  export class Headers {
    constructor(init?: unknown);
    append(name: string, value: string): void;
  }
  export const HeadersList: new () => HeadersList;
  export function getHeadersList(headers: Headers): HeadersList;
}

declare module "undici/lib/web/fetch/formdata.js" {
  export class FormData {
    append(name: string, value: unknown, filename?: string): void;
    forEach(callback: (value: unknown, name: string) => void): void;
  }
}

declare module "undici/lib/web/fetch/data-url.js" {
  export function parseMIMEType(type: string): { parameters: Map<string, string> } | "failure";
}

declare module "undici/lib/web/fetch/body.js" {
  export interface Body {
    stream: import("web-streams-polyfill").ReadableStream;
    source: unknown;
    length: number | null;
  }
  export function extractBody(init: unknown): [Body, string | null];
}

declare module "undici/lib/web/fetch/request.js" {
  import type { Body } from "undici/lib/web/fetch/body.js";
  import type { HeadersList } from "undici/lib/web/fetch/headers.js";
  export interface RequestState {
    method: string;
    headersList: HeadersList;
    body: Body | null;
    cache: string;
    credentials: string;
    integrity: string;
    keepalive: boolean;
    mode: string;
    redirect: string;
  }
  export class Request {
    constructor(input: unknown, init?: object);
    readonly url: string;
    readonly signal: unknown;
  }
  export function getRequestState(request: Request): RequestState;
  export function makeRequest(init: object): RequestState;
  export function fromInnerRequest(request: RequestState, dispatcher: undefined, signal: object, guard: string): Request;
}

declare module "undici/lib/web/fetch/response.js" {
  import type { Body } from "undici/lib/web/fetch/body.js";
  import type { HeadersList } from "undici/lib/web/fetch/headers.js";
  export interface ResponseState {
    type: string;
    status: number;
    statusText: string;
    headersList: HeadersList;
    urlList: object[];
    body: Body | null;
  }
  export class Response {
    constructor(body?: unknown, init?: object);
    arrayBuffer(): Promise<ArrayBuffer>;
    readonly url: string;
  }
  export function makeResponse(init: object): ResponseState;
  export function makeNetworkError(reason?: unknown): ResponseState;
  export function filterResponse(response: ResponseState, type: string): ResponseState;
  export function fromInnerResponse(response: ResponseState, guard: string): Response;
  export function getResponseState(response: Response): ResponseState;
}

declare module "pako" {
  interface Options {
    windowBits: number;
    chunkSize: number;
  }
  class Codec {
    constructor(options: Options);
    readonly ended: boolean;
    readonly strm: { avail_in: number; avail_out: number; next_out: number; output: Uint8Array };
    onData: (part: Uint8Array) => void;
    onEnd: (status: number) => void;
    push(data: Uint8Array, flush: number): boolean;
  }
  export class Deflate extends Codec {}
  export class Inflate extends Codec {}
}

declare module "expect" {
  /** Jest's. Its own declarations need those of Node.js. */
  export const expect: {
    (received: unknown): unknown;
    extend(matchers: object): void;
    setState(state: object): void;
  };
}

declare module "jest-mock" {
  export class ModuleMocker {
    constructor(global: object);
    fn(implementation?: (...args: unknown[]) => unknown): unknown;
    spyOn(object: object, method: PropertyKey, access?: "get" | "set"): unknown;
    replaceProperty(object: object, property: PropertyKey, value: unknown): unknown;
    isMockFunction(value: unknown): boolean;
    clearAllMocks(): void;
    resetAllMocks(): void;
    restoreAllMocks(): void;
  }
}

declare module "pretty-format" {
  export type Plugin = object;
  export const plugins: Record<
    "ReactTestComponent" | "ReactElement" | "DOMElement" | "DOMCollection" | "Immutable" | "AsymmetricMatcher",
    Plugin
  >;
  export function format(value: unknown, options: object): string;
}

declare module "@sinonjs/fake-timers" {
  export interface Clock {
    now: number;
    setSystemTime(now: number): void;
    countTimers(): number;
    reset(): void;
    tick(ms: number | string): number;
    tickAsync(ms: number | string): Promise<number>;
    next(): number;
    nextAsync(): Promise<number>;
    runAll(): number;
    runAllAsync(): Promise<number>;
    runToLast(): number;
    runToLastAsync(): Promise<number>;
    runMicrotasks(): void;
    uninstall(): void;
  }
  export function withGlobal(global: object): { install(options: object): Clock };
}
