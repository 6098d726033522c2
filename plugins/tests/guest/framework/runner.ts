// Runs the tree: suites in order, hooks around them, tests with retries, concurrent tests side by side.
import type { Sdk } from "../../../../core/guest/types/sdk";
import { describeFailure, show } from "./failures";
import { add, type Callback, type Lent } from "./lent";
import type { Report } from "./report";
import { Running, type Runnings, Skipped } from "./running";
import { within } from "./stage";
import { type Hook, Suite, type Test, fullNameOf } from "./tree";

export interface RunOptions {
  readonly timeout: number | undefined;
  readonly retry: number;
  /** Stop after so many failures; 0 = never. */
  readonly bail: number;
  readonly maxConcurrency: number;
  beforeTest(running: Running): void;
  /** Looks what the test did to the framework's globals. */
  afterTest(running: Running): void;
  expect: unknown;
}

const MAX_ERRORS = 10;
/** Milliseconds after which a chain of tests that never wait lets the host have its turn. */
const LONGEST_TASK = 10;

export class Runner {
  #failures = 0;
  #paused = 0;

  constructor(
    private readonly lent: Lent,
    private readonly runnings: Runnings,
    private readonly report: Report,
    private readonly options: RunOptions,
  ) {}

  async run(root: Suite): Promise<void> {
    await this.#suite(root, []);
    this.report.flush();
  }

  get #bailed(): boolean {
    return this.options.bail > 0 && this.#failures >= this.options.bail;
  }

  async #suite(suite: Suite, around: Suite[]): Promise<void> {
    const chain = [...around, suite];
    const named = suite.parent !== undefined;
    if (named) this.report.say("suiteStart", suite.id);
    if (suite.live && !this.#bailed) {
      const broken = await this.#hooks(suite, "beforeAll", suite.hooks.beforeAll);
      await this.#children(suite, chain, broken);
      await this.#hooks(suite, "afterAll", [...suite.hooks.afterAll].reverse());
    } else {
      await this.#children(suite, chain, undefined);
    }
    if (named || suite.errors.length > 0) this.report.say("suiteEnd", suite.id, this.#failuresOf(suite.errors));
  }

  async #children(suite: Suite, chain: Suite[], broken: { error: unknown } | undefined): Promise<void> {
    const { children } = suite;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as Suite | Test;
      if (child instanceof Suite) {
        if (broken !== undefined) this.#giveUp(child, broken.error);
        else await this.#suite(child, chain);
      } else if (!child.live) this.#skip(child);
      else if (broken !== undefined) this.#fail(child, broken.error);
      else if (child.flags.concurrent) {
        const batch: Test[] = [child];
        for (
          let next = children[i + 1];
          next !== undefined && !(next instanceof Suite) && next.flags.concurrent;
          next = children[i + 1]
        ) {
          add(batch, next);
          i++;
        }
        await this.#together(batch, chain);
      } else await this.#test(child, chain);
    }
  }

  async #together(batch: Test[], chain: Suite[]): Promise<void> {
    let next = 0;
    const work = async () => {
      while (next < batch.length) {
        const test = batch[next++] as Test;
        if (test.live) await this.#test(test, chain);
        else this.#skip(test);
      }
    };
    const workers: Promise<void>[] = [];
    for (let i = 0; i < Math.min(this.options.maxConcurrency, batch.length); i++) add(workers, work());
    await Promise.all(workers);
  }

  /** The hooks of a suite: all of them run; the first error is what its tests fail with. */
  async #hooks(suite: Suite, kind: "beforeAll" | "afterAll", hooks: readonly Hook[]): Promise<{ error: unknown } | undefined> {
    let broken: { error: unknown } | undefined;
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Hook;
      const where = suite.parent === undefined ? "of the file" : `of '${fullNameOf(suite)}'`;
      const limit = this.#limit(hook.timeout);
      this.report.stage(suite, `${kind} ${where}`, limit);
      try {
        const undo = await within(this.lent, `${kind} ${where}`, limit, () => Reflect.apply(hook.fn, undefined, [{}]));
        if (kind === "beforeAll" && typeof undo === "function")
          add(suite.hooks.afterAll, { fn: undo as Callback, timeout: hook.timeout });
      } catch (error) {
        add(suite.errors, attributed(this.lent.sdk, error, `${kind} ${where} failed`));
        broken ??= { error };
        if (kind === "beforeAll") break;
      }
    }
    if (hooks.length > 0) this.report.say("rest", `${suite.id}`);
    return broken;
  }

  #limit(own: number | undefined): number | undefined {
    const limit = own ?? this.options.timeout;
    return limit === undefined || limit === 0 || limit === Number.POSITIVE_INFINITY ? undefined : limit;
  }

  async #test(test: Test, chain: Suite[]): Promise<void> {
    if (this.#bailed) {
      this.report.say(
        "testEnd",
        test.id,
        "skip",
        0,
        [],
        0,
        `not run: ${this.#failures} test${this.#failures === 1 ? "" : "s"} failed before it (bail)`,
      );
      return;
    }
    this.report.say("testStart", test.id);
    const started = this.lent.sdk.primordials.monotonic();
    const retries = setting(test, "retry") ?? this.options.retry;
    const limit = this.#limit(setting(test, "timeout"));
    let attempt = 0;
    let outcome: { errors: unknown[]; skipped: Skipped | undefined };
    for (;;) {
      outcome = await this.#attempt(test, chain, limit);
      if (outcome.errors.length === 0 || outcome.skipped !== undefined || attempt >= retries) break;
      attempt++;
    }
    const duration = this.lent.sdk.primordials.monotonic() - started;
    const { errors, skipped } = outcome;
    if (errors.length > 0) this.#failures++;
    const status = errors.length > 0 ? "fail" : skipped !== undefined ? "skip" : "pass";
    this.report.say("testEnd", test.id, status, duration, this.#failuresOf(errors), attempt, skipped?.note ?? null);
  }

  async #attempt(
    test: Test,
    chain: Suite[],
    limit: number | undefined,
  ): Promise<{ errors: unknown[]; skipped: Skipped | undefined }> {
    const running = new Running(this.lent, test);
    this.runnings.active.add(running);
    this.options.beforeTest(running);
    let skipped: Skipped | undefined;
    await this.runnings.run(running, async () => {
      const cleanups: Hook[] = [];
      try {
        for (let i = 0; i < chain.length; i++)
          await this.#eachHooks(running, "beforeEach", (chain[i] as Suite).hooks.beforeEach, cleanups);
        await this.#body(running, limit);
        running.check();
      } catch (error) {
        if (error instanceof Skipped) skipped = error;
        else running.fail(error);
      }
      const last = [...cleanups].reverse();
      for (let i = chain.length - 1; i >= 0; i--) {
        const own = (chain[i] as Suite).hooks.afterEach;
        for (let j = own.length - 1; j >= 0; j--) add(last, own[j] as Hook);
      }
      await this.#afterHooks(running, "afterEach", last);
      const callbacks = [...running.finished].reverse();
      if (running.errors.length > 0) for (const fn of running.failed) add(callbacks, fn);
      await this.#afterHooks(
        running,
        "onTestFinished",
        callbacks.map((fn) => ({ fn, timeout: undefined })),
      );
    });
    await this.#pause();
    this.runnings.active.delete(running);
    running.abort("the test is over");
    this.options.afterTest(running);
    if (test.flags.failing && skipped === undefined) return { errors: inverted(running.errors), skipped };
    return { errors: running.errors, skipped };
  }

  /** Ends the task when somebody waits for that: promises that nobody handles, which this test must answer for, or the host. */
  async #pause(): Promise<void> {
    const { sdk } = this.lent;
    if (sdk.unhandled() === 0 && sdk.primordials.monotonic() - this.#paused < LONGEST_TASK) return;
    await new Promise<void>((resolve) => sdk.task(resolve));
    this.#paused = sdk.primordials.monotonic();
  }

  async #body(running: Running, limit: number | undefined): Promise<void> {
    const { test } = running;
    const context = contextOf(running, this.options.expect);
    this.report.stage(test, "the test", limit);
    try {
      await within(this.lent, "the test", limit, () => Reflect.apply(test.fn as Callback, undefined, [context]));
    } catch (error) {
      running.abort(error);
      throw error;
    }
  }

  async #eachHooks(running: Running, kind: string, hooks: readonly Hook[], cleanups: Hook[]): Promise<void> {
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Hook;
      const limit = this.#limit(hook.timeout);
      this.report.stage(running.test, kind, limit);
      try {
        const undo = await within(this.lent, kind, limit, () =>
          Reflect.apply(hook.fn, undefined, [contextOf(running, this.options.expect)]),
        );
        if (typeof undo === "function") add(cleanups, { fn: undo as Callback, timeout: hook.timeout });
      } catch (error) {
        throw error instanceof Skipped ? error : attributed(this.lent.sdk, error, `${kind} failed`);
      }
    }
  }

  async #afterHooks(running: Running, kind: string, hooks: readonly Hook[]): Promise<void> {
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Hook;
      const limit = this.#limit(hook.timeout);
      this.report.stage(running.test, kind, limit);
      try {
        await within(this.lent, kind, limit, () => Reflect.apply(hook.fn, undefined, [contextOf(running, this.options.expect)]));
      } catch (error) {
        running.fail(attributed(this.lent.sdk, error, `${kind} failed`));
      }
    }
  }

  #skip(test: Test): void {
    this.report.say("testEnd", test.id, test.flags.mode === "todo" ? "todo" : "skip", 0, [], 0, null);
  }
  #fail(test: Test, error: unknown): void {
    this.#failures++;
    this.report.say("testStart", test.id);
    this.report.say(
      "testEnd",
      test.id,
      "fail",
      0,
      this.#failuresOf([attributed(this.lent.sdk, error, "not run, because beforeAll failed")]),
      0,
      null,
    );
  }
  /** What is below a suite whose `beforeAll` failed. */
  #giveUp(suite: Suite, error: unknown): void {
    this.report.say("suiteStart", suite.id);
    for (const child of suite.children) {
      if (child instanceof Suite) this.#giveUp(child, error);
      else if (child.live) this.#fail(child, error);
      else this.#skip(child);
    }
    this.report.say("suiteEnd", suite.id, []);
  }

  #failuresOf(errors: readonly unknown[]): unknown[] {
    return errors.slice(0, MAX_ERRORS).map((error) => describeFailure(this.lent.sdk, error));
  }
}

/** The nearest of the test and the suites around it that says something. */
function setting(test: Test, name: "retry" | "timeout"): number | undefined {
  let found = test.settings[name];
  for (let at: Suite | undefined = test.parent; at !== undefined && found === undefined; at = at.parent)
    found = at.settings[name];
  return found;
}

function inverted(errors: readonly unknown[]): unknown[] {
  return errors.length > 0 ? [] : [new Error("the test passed although it is marked as failing: remove .failing")];
}

/** The same error, saying where it came from. */
function attributed(sdk: Sdk, error: unknown, where: string): unknown {
  const told = new Error(where, { cause: error });
  if (error instanceof Error) {
    told.name = error.name;
    told.message = `${where}: ${error.message}`;
    told.stack = `${where}: ${error.stack}`;
    Object.assign(told, { matcherResult: (error as { matcherResult?: unknown }).matcherResult, cause: error.cause });
  } else {
    told.message = `${where}: thrown: ${show(sdk, error)}`;
    told.stack = told.message;
  }
  return told;
}

/** What a test's function gets as its argument. */
function contextOf(running: Running, expect: unknown): object {
  return {
    expect,
    get signal() {
      return running.signal;
    },
    get task() {
      return { name: running.test.name, fullName: fullNameOf(running.test) };
    },
    skip(note?: unknown): never {
      throw new Skipped(note === undefined ? undefined : `${note}`);
    },
    onTestFinished: (fn: Callback) => add(running.finished, fn),
    onTestFailed: (fn: Callback) => add(running.failed, fn),
  };
}
