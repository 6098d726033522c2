// The test that runs. It follows the code through `await`, so that concurrent tests do not mix up their assertions.
import { add, type Callback, type ContextVariable, type Lent } from "./lent";
import type { Test } from "./tree";

/** What `context.skip()` throws. */
export class Skipped {
  constructor(readonly note: string | undefined) {}
}

export class Running {
  readonly errors: unknown[] = [];
  readonly finished: Callback[] = [];
  readonly failed: Callback[] = [];
  assertions = 0;
  expectedAssertions: number | undefined;
  needsAssertions = false;
  /** Asynchronous assertions under way. */
  readonly pending: { readonly text: string; settled: boolean }[] = [];
  /** How often each snapshot name was used. */
  snapshots: Map<string, number> | undefined;
  /** Made when somebody asks for the signal: most tests do not. */
  #controller: { readonly signal: AbortSignal; abort(reason?: unknown): void } | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(
    private readonly lent: Lent,
    readonly test: Test,
  ) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new this.lent.AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }
  fail(error: unknown): void {
    add(this.errors, error);
  }
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }

  /** What `expect.assertions` and `expect.hasAssertions` asked for, and assertions that nobody awaited: they would pass unseen. */
  check(): void {
    for (let i = 0; i < this.pending.length; i++) {
      const { text, settled } = this.pending[i] as (typeof this.pending)[number];
      if (!settled) this.fail(new Error(`${text} was not awaited: write \`await expect(…)\``));
    }
    const { expectedAssertions: expected, assertions } = this;
    if (expected !== undefined && expected !== assertions) {
      this.fail(
        new Error(
          `expect.assertions(${expected}): expected ${expected} assertion${expected === 1 ? "" : "s"} to be called but received ${assertions}`,
        ),
      );
    } else if (this.needsAssertions && assertions === 0) {
      this.fail(new Error("expect.hasAssertions(): expected at least one assertion to be called but received none"));
    }
  }
}

export class Runnings {
  readonly #current: ContextVariable<Running>;
  readonly active = new Set<Running>();

  constructor(lent: Lent) {
    this.#current = lent.variable<Running>();
  }

  get current(): Running | undefined {
    return this.#current.get();
  }
  run<R>(running: Running, fn: () => R): R {
    return this.#current.run(running, fn);
  }
  /** For an error that nobody caught: the test that it can be told of, if there is exactly one. */
  get only(): Running | undefined {
    if (this.active.size !== 1) return undefined;
    for (const running of this.active) return running;
    return undefined;
  }
}
