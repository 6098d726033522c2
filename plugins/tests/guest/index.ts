// The door to the test framework. The host begins a run, evaluates the test file, and runs what it registered; the
// framework behind the door is evaluated when the first run begins.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import type { BeginOptions, Framework as FrameworkClass } from "./framework/index";
import type { Lent } from "./framework/lent";

/** esbuild turns it into a call that evaluates the module then, and no sooner. */
declare function require(path: "./framework/index"): { Framework: typeof FrameworkClass };

interface Options {
  readonly maxTests: number;
  readonly snapshotHint: string;
}

interface Platform {
  readonly setTimeout: (run: () => void, ms: number) => number;
  readonly clearTimeout: (id: number) => void;
  readonly AbortController: Lent["AbortController"];
  readonly AsyncContext: { readonly Variable: new () => ReturnType<Lent["variable"]> };
}

function install(sdk: Sdk, options: Options): void {
  const { define, freeze, root, symbolFor } = sdk.primordials;
  const { setTimeout, clearTimeout, AbortController, AsyncContext } = root as Platform;
  const { Variable } = AsyncContext;
  const lent: Lent = freeze({
    sdk,
    timers: freeze({ setTimeout, clearTimeout }),
    AbortController,
    variable: () => new Variable(),
    limits: freeze({ maxTests: options.maxTests, snapshotHint: options.snapshotHint }),
  });
  let framework: FrameworkClass | undefined;
  const door = {
    begin(given: BeginOptions): void {
      if (framework === undefined) framework = new (require("./framework/index").Framework)(lent);
      framework.begin(given);
    },
    run: (): unknown => framework?.run(),
  };
  define(root, symbolFor("isolate-host.tests"), freeze(door), 0);
}

const capability: Capability = { install };
registerCapability("tests", capability);
