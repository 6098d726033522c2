// ErrorEvent and PromiseRejectionEvent, and the `error` and `unhandledrejection` events of the global object.
import { apply, Error, isPrototypeOf, root, String, TypeError } from "../primordials";
import { setReportListeners } from "../report";
import { Event, stateOf, trusted } from "./event";
import { fire, hasListeners } from "./event_target";
import { globalHandler } from "./handlers";
import { dictionary, exposeInterface, isObject, requireArguments } from "./idl";
import { startTimer } from "./timers";

class ErrorEvent extends Event {
  readonly #message: string = "";
  readonly #filename: string = "";
  readonly #lineno: number = 0;
  readonly #colno: number = 0;
  readonly #error: unknown = undefined;
  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "ErrorEvent constructor");
    super(type, init);
    const bag = dictionary(init, "ErrorEvent constructor");
    if (bag === undefined) return;
    if (bag.message !== undefined) this.#message = `${bag.message}`;
    if (bag.filename !== undefined) this.#filename = `${bag.filename}`;
    this.#lineno = (bag.lineno as number) >>> 0;
    this.#colno = (bag.colno as number) >>> 0;
    this.#error = bag.error;
  }
  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
}

class PromiseRejectionEvent extends Event {
  readonly #promise: unknown;
  readonly #reason: unknown;
  constructor(type: unknown, init: unknown) {
    requireArguments(arguments.length, 2, "PromiseRejectionEvent constructor");
    super(type, init);
    const bag = dictionary(init, "PromiseRejectionEvent constructor");
    if (!isObject(bag?.promise)) throw new TypeError("PromiseRejectionEvent constructor: the promise is required.");
    this.#promise = bag.promise;
    this.#reason = bag.reason;
  }
  get promise(): unknown {
    return this.#promise;
  }
  get reason(): unknown {
    return this.#reason;
  }
}

function messageOf(reason: unknown): string {
  try {
    return isObject(reason) && isPrototypeOf(Error.prototype, reason) ? `Uncaught ${reason}` : `Uncaught ${String(reason)}`;
  } catch {
    return "Uncaught exception";
  }
}

/** A listener that reports an error of its own must not start the round again. */
let reporting = false;

function dispatch(event: Event): boolean {
  reporting = true;
  try {
    fire(root, trusted(event));
    // What the listeners started has to leave the isolate too: this makes the worker come round once more.
    startTimer(() => {}, 0);
    return stateOf(event).canceled;
  } finally {
    reporting = false;
  }
}

function onError(reason: unknown): boolean {
  if (reporting || !hasListeners(root, "error")) return false;
  return dispatch(new ErrorEvent("error", { __proto__: null, cancelable: true, message: messageOf(reason), error: reason }));
}

function onRejection(reason: unknown, promise?: object): boolean {
  if (reporting || !hasListeners(root, "unhandledrejection")) return false;
  return dispatch(new PromiseRejectionEvent("unhandledrejection", { __proto__: null, cancelable: true, promise, reason }));
}

/** A rejection that was reported has found somebody who handles it. */
function onHandled(reason: unknown, promise?: object): boolean {
  if (reporting || !hasListeners(root, "rejectionhandled")) return false;
  return dispatch(new PromiseRejectionEvent("rejectionhandled", { __proto__: null, promise, reason }));
}

export function installErrorEvents(): void {
  exposeInterface(ErrorEvent, "ErrorEvent");
  exposeInterface(PromiseRejectionEvent, "PromiseRejectionEvent");
  setReportListeners(onError, onRejection, onHandled);
  globalHandler("error", (handler, event) => {
    const { message, filename, lineno, colno, error } = event as ErrorEvent;
    return apply(handler, root, [message, filename, lineno, colno, error]) === true;
  });
  globalHandler("unhandledrejection");
  globalHandler("rejectionhandled");
}
