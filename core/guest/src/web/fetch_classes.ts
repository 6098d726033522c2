// Headers, Request, Response and FormData (Fetch Standard), by undici.
import "./lend_buffer";
import { type Body, extractBody } from "undici/lib/web/fetch/body.js";
import { parseMIMEType } from "undici/lib/web/fetch/data-url.js";
import { FormData } from "undici/lib/web/fetch/formdata.js";
import { getHeadersList, Headers, HeadersList } from "undici/lib/web/fetch/headers.js";
import {
  filterResponse,
  fromInnerResponse,
  getResponseState,
  makeNetworkError,
  makeResponse,
  Response,
} from "undici/lib/web/fetch/response.js";
// After response.js, which defines the conversion of bodies.
import { fromInnerRequest, getRequestState, makeRequest, Request } from "undici/lib/web/fetch/request.js";
import { hideInspector } from "../inspect/hidden";
import { apply, getter, isPrototypeOf, iteratorSymbol, uncurry } from "../primordials";
import { define, exposeInterface, Flags } from "./idl";
import { URL } from "./url";

export { FormData, getRequestState, getResponseState, Headers, parseMIMEType, Request, Response };

const brand = (constructor: { prototype: object }) => (value: object) => isPrototypeOf(constructor.prototype, value);
/** By prototype; what only pretends is found out when its state is read. */
export const isHeaders = brand(Headers);
export const isFormData = brand(FormData);
export const isRequest = brand(Request);
export const isResponse = brand(Response);

export type HeaderPairs = ArrayLike<readonly [string, string]>;

/** Names and values as they were given; a repeated header other than Set-Cookie is one, joined by commas. */
export const headerPairs = (headers: Headers): HeaderPairs => getHeadersList(headers).entriesList;

export type WebBody = Body;

export interface ResponseParts {
  url: string;
  status: number;
  statusText: string;
  headers: HeaderPairs;
  /** A ReadableStream, bytes, text or `null`. */
  body: unknown;
}

export interface FetchedResponse extends ResponseParts {
  redirected: boolean;
  /** `basic`, `cors`, `opaqueredirect` or `default`. */
  type: string;
}

/** The parts of a request, whatever guest code did to its getters. */
export function readRequest(request: Request) {
  const { body, cache, credentials, headersList, integrity, keepalive, method, mode, redirect } = getRequestState(request);
  const { url, signal } = original(request);
  return {
    body,
    cache,
    credentials,
    headers: headersList.entriesList,
    integrity,
    keepalive,
    method,
    mode,
    redirect,
    url,
    signal,
  };
}

const urlOf = getter(Request.prototype, "url");
const signalOf = getter(Request.prototype, "signal");
const original = (request: Request) => ({ url: urlOf(request) as string, signal: signalOf(request) as object });

function headersListFrom(pairs: HeaderPairs): HeadersList {
  const headers = new HeadersList();
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as readonly [string, string];
    headers.append(pair[0], pair[1]);
  }
  return headers;
}

export interface IncomingRequest {
  method: string;
  url: string;
  /** Names and values in turn. */
  headers: ArrayLike<string>;
  body: unknown;
}

/** A request as a server gets it, without the checks that one from guest code needs. */
export function incomingRequest({ body, headers, method, url }: IncomingRequest, signal: object): Request {
  const headersList = new HeadersList();
  for (let i = 0; i < headers.length; i += 2) headersList.append(headers[i] as string, headers[i + 1] as string);
  const inner = makeRequest({ method, urlList: [new URL(url)], headersList: null, body: bodyFrom(body), mode: "cors" });
  inner.headersList = headersList;
  return fromInnerRequest(inner, undefined, signal, "request");
}

const bodyFrom = (body: unknown): Body | null => (body === null || body === undefined ? null : extractBody(body)[0]);

/** A response of any status, as if guest code had made it. */
export function plainResponse({ body, headers, status, statusText, url }: ResponseParts): Response {
  const urlList = url === "" ? [] : [new URL(url)];
  const inner = makeResponse({ status, statusText, urlList, headersList: headersListFrom(headers), body: bodyFrom(body) });
  return fromInnerResponse(inner, "response");
}

/** Reads the body to its end; a body that was read already is a rejection. */
export const responseBytes = uncurry(Response.prototype.arrayBuffer);

const responseURL = getter(Response.prototype, "url");

/** The parts of a response, whatever guest code did to its getters. */
export function readResponse(response: Response): ResponseParts & { body: Body | null } {
  const { body, headersList, status, statusText } = getResponseState(response);
  return { body: body ?? null, status, statusText, headers: headersList.entriesList, url: responseURL(response) };
}

/** A response as fetch() answers it: with a URL, and headers that cannot be changed. */
export function fetchedResponse(fetched: FetchedResponse): Response {
  const { body, headers, redirected, status, statusText, type, url } = fetched;
  const last = url === "" ? [] : [new URL(url)];
  const hidesNothing = type === "basic" || type === "default";
  const inner = makeResponse({
    status,
    statusText,
    urlList: redirected ? [last[0], last[0]] : last,
    headersList: headersListFrom(headers),
    body: bodyFrom(body),
    type: hidesNothing ? type : "default",
  });
  return fromInnerResponse(hidesNothing ? inner : filterResponse(inner, type), "immutable");
}

export const errorResponse = (): Response => fromInnerResponse(makeNetworkError(), "immutable");

/** The library's are constructors without a name. */
function renameIteration(prototype: Record<PropertyKey, unknown>): void {
  const { entries, forEach, keys, values } = prototype as Record<string, () => unknown>;
  const methods = {
    keys(): unknown {
      return apply(keys as () => unknown, this, []);
    },
    values(): unknown {
      return apply(values as () => unknown, this, []);
    },
    entries(): unknown {
      return apply(entries as () => unknown, this, []);
    },
    forEach(callback: unknown, thisArgument: unknown = undefined): void {
      apply(forEach as () => void, this, arguments.length === 0 ? [] : [callback, thisArgument]);
    },
  };
  define(prototype, "keys", methods.keys, Flags.all);
  define(prototype, "values", methods.values, Flags.all);
  define(prototype, "entries", methods.entries, Flags.all);
  define(prototype, "forEach", methods.forEach, Flags.all);
  define(prototype, iteratorSymbol, methods.entries);
}

export function installFetchClasses(): void {
  renameIteration(Headers.prototype as never);
  renameIteration(FormData.prototype as never);
  hideInspector(Headers.prototype);
  hideInspector(FormData.prototype);
  hideInspector(Request.prototype);
  hideInspector(Response.prototype);
  exposeInterface(Headers, "Headers");
  exposeInterface(FormData, "FormData");
  exposeInterface(Request, "Request");
  exposeInterface(Response, "Response");
}
