// The door to the browser. What stands behind it is evaluated when guest code first looks at `browser`: other runtimes never pay for it.
import type { Capability, HandlerContext, Sdk } from "../../../core/guest/types/sdk";
import type { Lent, Platform } from "./library/lent";
import type { Library, open } from "./library/index";

/** esbuild turns it into a call that evaluates the module then, and no sooner. */
declare function require(path: "./library/index"): { open: typeof open };

let platform: Platform | undefined;
let library: Library | undefined;
let lent: Lent | undefined;

function load(): Library {
  library ??= require("./library/index").open(lent as Lent);
  return library;
}

function install(sdk: Sdk): void {
  const { freeze, root } = sdk.primordials;
  // For a later owner of a session it runs again, when guest code may have replaced all of them.
  platform ??= pick(root as Platform);
  lent = freeze({ sdk, platform }) as Lent;
  sdk.defineLazyGlobal("browser", () => load().browser);
  sdk.defineModule("isolate-host:browser", () => load().exports);
  // The test framework takes the matchers of every module whose name begins so.
  sdk.defineModule("isolate-host:expect/browser", () => load().matchers);
  sdk.handle("event", (number: number, name: string, payload: unknown) => library?.event(number, name, payload));
  sdk.handle("state", (described: unknown[]) => library?.state(described));
  sdk.handle("callback", (number: number, args: unknown[]) => library?.callback(number, args));
  // For children that have the browser from here. The host says which is which; guest code of theirs or ours cannot.
  sdk.handle("relay", function (this: HandlerContext, lane: number, op: string, args: unknown[]) {
    return sdk.callArray("lane", [lane, op, args], { signal: this.signal });
  });
  sdk.handle("relayNote", (lane: number, op: string, args: unknown[]) => sdk.note("lane", lane, op, args));
  sdk.handle("laneCall", (lane: number, op: string, args: unknown[]) => sdk.call("child", lane, op, args));
  sdk.handle("laneNote", (lane: number, op: string, args: unknown[]) => sdk.note("child", lane, op, args));
  sdk.onReset(() => library?.reset());
}

const pick = ({ setTimeout, clearTimeout, FinalizationRegistry, WeakRef }: Platform): Platform => ({
  setTimeout,
  clearTimeout,
  FinalizationRegistry,
  WeakRef,
});

const capability: Capability = { install };
registerCapability("browser", capability);
