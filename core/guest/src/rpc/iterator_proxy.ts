// An async iterator of the host, as guest code sees it. Requests wait for each other, as in an async generator.
import { Queue } from "../collections";
import { asyncIteratorPrototype, Promise, setPrototypeOf } from "../primordials";
import { subscribe } from "../promises";
import { tag } from "../web/idl";
import { releaseProxy } from "./leases";
import { currentLife } from "./life";
import { useReference } from "./requests";

type Method = "next" | "return" | "throw";

interface Step {
  method: Method;
  args: ArrayLike<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

class HostIterator {
  readonly #r: number;
  readonly #peer: number;
  readonly #life = currentLife();
  readonly #steps = new Queue<Step>();
  #busy = false;
  #done = false;

  constructor(r: number, peer: number) {
    this.#r = r;
    this.#peer = peer;
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
    return new Promise((resolve, reject) => {
      this.#steps.push({ method, args, resolve, reject });
      this.#advance();
    });
  }
  #advance(): void {
    while (!this.#busy) {
      const step = this.#steps.shift();
      if (step === undefined) return;
      if (this.#done) finished(step);
      else this.#ask(step);
    }
  }
  #ask(step: Step): void {
    this.#busy = true;
    const reply = useReference(this.#r, this.#peer, this.#life, step.method, step.args);
    const proceed = (ended: boolean) => {
      this.#busy = false;
      if (ended) this.#finish();
      this.#advance();
    };
    subscribe(
      reply,
      (result) => {
        step.resolve(result);
        proceed((result as { done?: unknown } | null)?.done === true);
      },
      (error) => {
        step.reject(error);
        proceed(true);
      },
    );
  }
  #finish(): void {
    this.#done = true;
    releaseProxy(this);
  }
}

/** What a completed async generator answers. */
function finished(step: Step): void {
  const argument = step.args[0];
  if (step.method === "throw") step.reject(argument);
  else step.resolve({ value: step.method === "return" ? argument : undefined, done: true });
}

setPrototypeOf(HostIterator.prototype, asyncIteratorPrototype);
tag(HostIterator.prototype, "AsyncIterator");

export function makeIteratorProxy(r: number, peer: number): object {
  return new HostIterator(r, peer);
}
