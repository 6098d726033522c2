// The children of this runtime by number, and what the host says about them.
import type { HandlerContext, Sdk } from "../../../core/guest/types/sdk";
import type { Bound } from "./bindings";
import { type Any, bestEffort, type CallContext } from "./platform";

/** Calls of this runtime whose async context is kept for the functions that a child calls meanwhile. */
const TURNS = 256;

type Run = (work: () => unknown) => unknown;
type Listener = (value: Any) => unknown;

export interface Child {
  readonly number: number;
  readonly bound: Bound;
  /** The async context of the creation. */
  readonly run: Run;
  ended: boolean;
  readonly listeners: { test: Listener[]; command: Listener[]; events: Any };
}

/** A thenable that is there when `value` has settled, whichever way. */
class Settled {
  readonly #sdk: Sdk;
  readonly #value: unknown;
  constructor(sdk: Sdk, value: unknown) {
    this.#sdk = sdk;
    this.#value = value;
  }
  then(resolve: (value: unknown) => void): void {
    const done = () => resolve(undefined);
    this.#sdk.primordials.settleWith(this.#value, done, done);
  }
}

export class Family {
  readonly #sdk: Sdk;
  readonly #children: Any;
  readonly #turns: Any;
  #number = 0;
  #turn = 0;
  #listening = false;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    this.#children = new sdk.primordials.Map();
    this.#turns = new sdk.primordials.Map();
    sdk.onReset(() => {
      const { mapClear, mapForEach } = sdk.primordials;
      mapForEach(this.#children, (child: Child) => {
        child.ended = true;
      });
      mapClear(this.#children);
      mapClear(this.#turns);
    });
  }

  /** A number that no child had before, in this isolate or the one that it was forked from. */
  admit(bound: Bound): Child {
    this.#listen();
    const { Map, mapSet } = this.#sdk.primordials;
    const number = ++this.#number;
    const run = this.#sdk.snapshot((work: () => unknown) => work());
    const child: Child = { number, bound, run, ended: false, listeners: { test: [], command: [], events: new Map() } };
    mapSet(this.#children, number, child);
    return child;
  }

  forget(child: Child): void {
    child.ended = true;
    this.#sdk.primordials.mapDelete(this.#children, child.number);
  }

  /** Asks for something on which the child may call back: those calls run in the present async context. */
  inTurn(ask: (turn: number) => Promise<unknown>, keep = false): Promise<unknown> {
    const { mapDelete, mapSet, subscribe } = this.#sdk.primordials;
    const turn = ++this.#turn;
    mapSet(
      this.#turns,
      turn,
      this.#sdk.snapshot((work: () => unknown) => work()),
    );
    mapDelete(this.#turns, turn - TURNS);
    const promise = ask(turn);
    const over = () => mapDelete(this.#turns, turn);
    // An app server may go on with a request that it has answered.
    if (!keep) subscribe(promise, over, over);
    return promise;
  }

  // ------------------------------------------------------------------ from the host
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const family = this;
    this.#sdk.handle("answer", function (
      this: HandlerContext,
      number: number,
      turn: number,
      cap: string,
      op: string,
      args: unknown[],
      context: CallContext,
    ) {
      return family.#answer(this, number, turn, cap, op, args, context);
    } as Any);
    this.#sdk.handle("tell", ((number: number, turn: number, what: string, value: Any) =>
      this.#told(number, turn, what, value)) as Any);
    this.#sdk.handle("ended", (...args: never[]) => {
      const child = this.#sdk.primordials.mapGet(this.#children, args[0]);
      if (child !== undefined) this.forget(child);
    });
  }

  #in(child: Child, turn: number, work: () => unknown): unknown {
    return (this.#sdk.primordials.mapGet(this.#turns, turn) ?? child.run)(work);
  }

  #answer(
    request: HandlerContext,
    number: number,
    turn: number,
    cap: string,
    op: string,
    args: unknown[],
    context: CallContext,
  ): unknown {
    const child: Child | undefined = this.#sdk.primordials.mapGet(this.#children, number);
    if (child === undefined) throw new this.#sdk.primordials.ReferenceError("There is no such child");
    if (cap === "ws") return this.#deliver(child.listeners.command, args[0]);
    return this.#in(child, turn, () => child.bound.answer(request, cap, op, args, context));
  }

  /** To each; the answer waits for the last one, so that a child that sends much is held back by a parent that takes little. */
  #deliver(listeners: Listener[], value: unknown): unknown {
    let last: unknown;
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i] as Listener;
      bestEffort(this.#sdk, "webSockets.onCommand", () => {
        last = this.#sdk.primordials.apply(listener, undefined, [value]);
        return last;
      });
    }
    return new Settled(this.#sdk, last);
  }

  #told(number: number, turn: number, what: string, value: Any): void {
    const child: Child | undefined = this.#sdk.primordials.mapGet(this.#children, number);
    if (child === undefined) return;
    this.#in(child, turn, () => {
      if (what === "console") child.bound.console(value[0], value[1]);
      else if (what === "test") this.#tellAll(child.listeners.test, "a test event handler", value);
      else if (what === "event")
        this.#tellAll(this.#sdk.primordials.mapGet(child.listeners.events, value[0]) ?? [], "an event listener", value[1]);
    });
  }

  #tellAll(listeners: Listener[], what: string, value: unknown): void {
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i] as Listener;
      bestEffort(this.#sdk, what, () => this.#sdk.primordials.apply(listener, undefined, [value]));
    }
  }

  /** Adds a listener; gives the function that takes it off. */
  on(child: Child, listeners: Listener[], listener: unknown): () => void {
    const { define, TypeError } = this.#sdk.primordials;
    if (typeof listener !== "function") throw new TypeError("The listener must be a function");
    if (child.ended) throw this.disposed();
    define(listeners, listeners.length, listener, 7);
    return () => {
      let to = 0;
      let found = false;
      for (let i = 0; i < listeners.length; i++) {
        if (!found && listeners[i] === listener) found = true;
        else define(listeners, to++, listeners[i], 7);
      }
      listeners.length = to;
    };
  }

  disposed(): Error {
    const error = new this.#sdk.primordials.Error("the runtime was disposed");
    this.#sdk.primordials.define(error, "name", "Disposed");
    return error;
  }
}
