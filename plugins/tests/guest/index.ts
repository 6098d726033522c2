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

let platform: Platform | undefined;
/** What the present grant lends to the framework; `undefined` without one. */
let lent: Lent | undefined;
let framework: FrameworkClass | undefined;
let hasDoor = false;

const door = {
  /** False when there is no grant. */
  begin(given: BeginOptions): boolean | undefined {
    if (lent === undefined) return false;
    if (framework === undefined) framework = new (require("./framework/index").Framework)(lent);
    framework.begin(given);
    return undefined;
  },
  run: (): unknown => framework?.run(),
};

function install(sdk: Sdk, options: Options): void {
  const { define, freeze, root, symbolFor } = sdk.primordials;
  // For a later owner of a session it runs again, when guest code may have replaced all of them.
  platform ??= pick(root as Platform);
  const { setTimeout, clearTimeout, AbortController, AsyncContext } = platform;
  const { Variable } = AsyncContext;
  framework = undefined;
  lent = freeze({
    sdk,
    timers: freeze({ setTimeout, clearTimeout }),
    AbortController,
    variable: () => new Variable(),
    limits: freeze({ maxTests: options.maxTests, snapshotHint: options.snapshotHint }),
  });
  sdk.onReset(() => framework?.abandon());
  if (hasDoor) return;
  define(root, symbolFor("isolate-host.tests"), freeze(door), 0);
  hasDoor = true;
}

const pick = ({ setTimeout, clearTimeout, AbortController, AsyncContext }: Platform): Platform => ({
  setTimeout,
  clearTimeout,
  AbortController,
  AsyncContext,
});

/** An earlier owner of the session may have had it. */
function absent(): void {
  lent = framework = undefined;
}

const capability: Capability = { install, absent };
registerCapability("tests", capability);
