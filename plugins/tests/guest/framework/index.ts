// The test framework of one runtime. Evaluated when its first run begins: other runtimes never pay for it.
import { Expectations } from "./expectation";
import { describeFailure } from "./failures";
import { add, type Lent } from "./lent";
import { makeMocks } from "./mocks";
import { Registry } from "./registration";
import { Report } from "./report";
import { Runner } from "./runner";
import { type Running, Runnings } from "./running";
import { select, shuffle } from "./selection";
import { type SnapshotOptions, Snapshots } from "./snapshots";
import { Suite, type Test, fullNameOf, visit } from "./tree";
import { watchUncaught } from "./uncaught";

/** Sent by the host, which has checked it. Times are milliseconds; 0 = no limit. */
export interface BeginOptions {
  readonly run: number;
  readonly timeout: number;
  readonly retry: number;
  readonly bail: number;
  readonly maxConcurrency: number;
  readonly filter: string | null;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly snapshots: SnapshotOptions;
}

const MODULES = ["isolate-host:tests", "vitest", "@jest/globals"];
const MAX_UNCAUGHT = 20;

export class Framework {
  readonly #runnings: Runnings;
  readonly #expectations: Expectations;
  readonly #snapshots: Snapshots;
  readonly #defaults: { timeout: number | undefined; retry: number } = { timeout: undefined, retry: 0 };
  readonly #mocks: ReturnType<typeof makeMocks>;
  readonly #exports: Record<string, unknown> = {};
  readonly #registry: Registry;
  #options: BeginOptions | undefined;
  #busy = false;
  #uncaught: unknown[] = [];
  /** Globals that the file itself replaced while it loaded: its own choice. */
  #replaced = new Set<string>();

  constructor(private readonly lent: Lent) {
    this.#runnings = new Runnings(lent);
    this.#expectations = new Expectations(lent, this.#runnings);
    this.#snapshots = new Snapshots(lent, this.#runnings);
    this.#mocks = makeMocks(lent, this.#defaults);
    this.#registry = new Registry(lent, () => this.#inside());
    watchUncaught(
      lent,
      () => this.#busy,
      (error) => this.#take(error),
    );
    this.#publish();
  }

  /** What a test file sees: the same objects in every run. */
  #publish(): void {
    const { expect } = this.#expectations;
    Object.assign(expect, { addSnapshotSerializer: (plugin: unknown) => this.#snapshots.addSerializer(plugin) });
    const { api } = this.#mocks;
    Object.assign(this.#exports, { expect, mock: api, jest: api, vi: api });
    const test = this.#registry.api("test");
    const describe = this.#registry.api("describe");
    Object.assign(this.#exports, { describe, suite: describe, test, it: test });
    for (const kind of ["beforeAll", "afterAll", "beforeEach", "afterEach"] as const)
      this.#exports[kind] = this.#registry.hook(kind);
    for (const name of MODULES) this.lent.sdk.defineModule(name, this.#exports);
  }
  #inside(): string | undefined {
    const running = this.#runnings.current;
    return running === undefined ? undefined : fullNameOf(running.test);
  }

  /** A new run: nothing is registered, and the globals are ours again. */
  begin(options: BeginOptions): void {
    // The host runs one after another: a run that has not ended was given up.
    this.#busy = false;
    this.#options = options;
    this.#uncaught = [];
    this.#mocks.restore();
    this.#defaults.timeout = options.timeout;
    this.#defaults.retry = options.retry;
    this.#snapshots.begin(options.snapshots);
    this.#registry.open();
    for (const name of Object.keys(this.#exports)) this.lent.sdk.defineGlobal(name, this.#exports[name]);
  }

  /** The owner of the session has gone, and with him his run, his mocks and his time. */
  abandon(): void {
    this.#busy = false;
    this.#options = undefined;
    this.#uncaught = [];
    this.#runnings.active.clear();
    this.#registry.open();
    this.#registry.close();
    try {
      this.#mocks.restore();
    } catch {
      // Guest code made it impossible: then it stays as guest code wanted it.
    }
  }

  /** Runs what was registered since `begin`. */
  async run(): Promise<object> {
    const options = this.#options;
    const registry = this.#registry;
    if (options === undefined) throw new Error("no test run has begun");
    this.#options = undefined;
    for (let i = 0; i < registry.loading.length; i++) await registry.loading[i];
    registry.close();
    this.#replaced = new Set(Object.keys(this.#exports).filter((name) => !this.#isOurs(name)));
    this.#busy = true;
    try {
      return await this.#runTree(registry, options);
    } finally {
      this.#busy = false;
      this.#mocks.restore();
    }
  }

  async #runTree(registry: Registry, options: BeginOptions): Promise<object> {
    const { root } = registry;
    const report = new Report(this.lent.sdk, options.run);
    const selected = select(root, options);
    if (options.shuffle) shuffle(root, options.seed);
    report.collected(root);
    report.say("runStart", registry.testCount, suitesBelow(root), selected);
    const runner = new Runner(this.lent, this.#runnings, report, {
      timeout: this.#defaults.timeout,
      retry: this.#defaults.retry,
      bail: options.bail,
      maxConcurrency: options.maxConcurrency,
      expect: this.#expectations.expect,
      beforeTest: (running) => this.#expectations.begin(running, fullNameOf(running.test, " ")),
      afterTest: (running) => this.#mend(running),
    });
    await runner.run(root);
    return { snapshots: this.#snapshots.result(), errors: this.#uncaught.map((error) => describeFailure(this.lent.sdk, error)) };
  }

  #take(error: unknown): void {
    const running = this.#runnings.only;
    if (running !== undefined) running.fail(error);
    else if (this.#uncaught.length < MAX_UNCAUGHT) add(this.#uncaught, error);
  }

  /** A test that replaced a global of the framework would spoil the tests after it. */
  #mend(running: Running): void {
    if (this.#runnings.active.size > 0) return;
    for (const name of Object.keys(this.#exports)) {
      if (this.#replaced.has(name) || this.#isOurs(name)) continue;
      running.fail(
        new Error(`the test replaced the global '${name}', which belongs to the test framework: it has been restored`),
      );
      this.lent.sdk.defineGlobal(name, this.#exports[name]);
    }
  }
  #isOurs(name: string): boolean {
    const found = Object.getOwnPropertyDescriptor(globalThis, name);
    return found !== undefined && "value" in found && found.value === this.#exports[name];
  }
}

function suitesBelow(root: Suite): number {
  let count = 0;
  visit(root, (node: Suite | Test) => {
    if (node instanceof Suite) count++;
  });
  return count;
}
