// The async generator of a generator tool. It starts with the first `next()`, keeps requests in order, and `return()`
// or `throw()` before the start never reach the host, as with a generator function of the language.
import type { Sdk } from "../../../core/guest/types/sdk";

type Method = "next" | "return" | "throw";
type Iterator = Record<Method, (...args: unknown[]) => Promise<unknown>>;

interface Step {
  method: Method;
  args: unknown[];
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

class ToolGenerator {
  readonly #sdk: Sdk;
  readonly #start: () => Promise<unknown>;
  /** The host's iterator; `null` once nothing will come any more. */
  #iterator: Iterator | null | undefined;
  #starting = false;
  #waiting: Step[] = [];

  constructor(sdk: Sdk, start: () => Promise<unknown>) {
    this.#sdk = sdk;
    this.#start = start;
  }
  next(...args: unknown[]): Promise<unknown> {
    return this.#request("next", args);
  }
  return(...args: unknown[]): Promise<unknown> {
    return this.#request("return", args);
  }
  throw(...args: unknown[]): Promise<unknown> {
    return this.#request("throw", args);
  }
  #request(method: Method, args: unknown[]): Promise<unknown> {
    const { Promise } = this.#sdk.primordials;
    return new Promise((resolve: Step["resolve"], reject: Step["reject"]) => {
      const step: Step = { method, args, resolve, reject };
      if (this.#starting) this.#sdk.primordials.define(this.#waiting, this.#waiting.length, step, 7);
      else this.#run(step);
    });
  }
  #run(step: Step): void {
    if (this.#iterator === undefined && step.method === "next") this.#begin(step);
    else if (this.#iterator === undefined || this.#iterator === null) this.#finish(step);
    else this.#forward(this.#iterator, step);
  }
  #begin(step: Step): void {
    this.#starting = true;
    this.#sdk.primordials.subscribe(
      this.#start(),
      (iterator) => this.#started(iterator as Iterator, step),
      (reason) => {
        this.#started(null, undefined);
        step.reject(reason);
      },
    );
  }
  #started(iterator: Iterator | null, step: Step | undefined): void {
    this.#iterator = iterator;
    this.#starting = false;
    if (step !== undefined) this.#run(step);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) this.#run(waiting[i] as Step);
  }
  /** The host's iterator keeps the order of requests itself. */
  #forward(iterator: Iterator, step: Step): void {
    const { apply, subscribe } = this.#sdk.primordials;
    subscribe(apply(iterator[step.method], iterator, step.args), step.resolve, step.reject);
  }
  /** What a generator answers that has ended, or that is ended before it began. */
  #finish(step: Step): void {
    this.#iterator = null;
    if (step.method === "throw") step.reject(step.args[0]);
    else step.resolve({ value: step.method === "return" ? step.args[0] : undefined, done: true });
  }
}

let prepared = false;

export function lazyGenerator(sdk: Sdk, name: string, args: unknown[]): object {
  const { asyncIteratorPrototype, define, setPrototypeOf, toStringTagSymbol } = sdk.primordials;
  if (!prepared) {
    prepared = true;
    setPrototypeOf(ToolGenerator.prototype, asyncIteratorPrototype);
    define(ToolGenerator.prototype, toStringTagSymbol, "AsyncGenerator", 4);
  }
  return new ToolGenerator(sdk, () => sdk.callArray(name, args));
}
