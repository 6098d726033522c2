// What WebSocket and EventSource work with. Lent once, before any guest code runs.
import type { Primordials, Sdk, SdkWeb } from "../../../core/guest/types/sdk";
import { Failures } from "./failures";

export let sdk: Sdk;
export let p: Primordials;
export let web: SdkWeb;
export let failures: Failures;

interface Globals {
  AbortController: new () => AbortController;
  ErrorEvent: new (type: string, init: object) => object;
  EventTarget: new () => object;
  TextDecoder: new () => object;
  btoa(text: string): string;
  setTimeout(run: () => void, delay: number): unknown;
}

export interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

// lint: this script runs before any guest code
const globals = globalThis as unknown as Globals;
const { setTimeout } = globals;
export const { btoa, EventTarget, TextDecoder } = globals;

let signalOf: (controller: AbortController) => AbortSignal;
let abortOf: (controller: AbortController) => void;
let urlHref: (url: object) => string;
let urlOrigin: (url: object) => string;

export function lend(given: Sdk): void {
  sdk = given;
  p = given.primordials;
  web = given.web;
  failures = new Failures(given);
  const { prototype } = globals.AbortController;
  signalOf = p.getter(prototype, "signal");
  abortOf = p.uncurry(prototype.abort);
  live = new p.Map();
  sdk.onReset(endAll);
  urlHref = p.getter(web.URL.prototype, "href");
  urlOrigin = p.getter(web.URL.prototype, "origin");
}

/** A signal, and what aborts it. */
export function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new globals.AbortController();
  return { signal: signalOf(controller), abort: () => abortOf(controller) };
}

export function fail(name: string, message: string): never {
  throw new web.DOMException(message, name);
}

let live: Map<object, () => void>;

/** `end` is called when the owner of the session has gone, if the connection did not end before. */
export function track(connection: object, end: () => void): void {
  p.mapSet(live, connection, end);
}

export function untrack(connection: object): void {
  p.mapDelete(live, connection);
}

function endAll(): void {
  p.mapForEach(live, (end: () => void) => end());
  p.mapClear(live);
}

/** An absolute URL in its canonical spelling. */
export function parseURL(text: string, where: string): { href: string; origin: string } {
  let url: object;
  try {
    url = new web.URL(text);
  } catch {
    fail("SyntaxError", `${where}: the URL '${text}' is invalid.`);
  }
  return { href: urlHref(url), origin: urlOrigin(url) };
}

/** Runs as a task of its own, behind everything that was given before: what one listener starts happens before the next one. */
export function later(run: () => void): void {
  // Without an owner there are no more tasks: whoever listens hears now that it is over, or never.
  if (sdk.abandoned()) run();
  else setTimeout(run, 0);
}

export function after(milliseconds: number, run: () => void): void {
  setTimeout(run, milliseconds);
}

/** An `error` event that says what is wrong, as those of Node.js and Deno do. */
export function errorEvent(error: unknown): object {
  if (error === undefined) return new web.Event("error");
  const message = (error as { message?: unknown } | null)?.message;
  return new globals.ErrorEvent("error", { __proto__: null, message: typeof message === "string" ? message : "", error });
}
