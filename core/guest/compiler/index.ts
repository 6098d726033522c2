// The compiler as a capability: loaded into an isolate of its own, where it answers the broker.
import type { Capability, Sdk } from "../types/sdk";
import { type CheckRequest, Checker } from "./check";
import { type CompileRequest, compile } from "./compile";
import { importsOf } from "./declared";

/** The broker puts the standard library's declarations before this script, in the template that checks; the one that compiles has none. */
declare const libraries: readonly (readonly [string, string])[] | undefined;

const checker = typeof libraries === "undefined" ? undefined : new Checker(libraries);
// What is parsed, bound and compiled here is shared by every worker that is forked from this process.
checker?.check({
  source: "const warm: Promise<string> = Promise.resolve(1);",
  filename: "/index.ts",
  declarations: [],
  files: [],
});

const capability: Capability = {
  install(sdk: Sdk): void {
    sdk.handle("compile", (request: CompileRequest) => compile(request));
    sdk.handle("imports", (files: readonly (readonly [string, string])[]) => importsOf(files));
    if (checker !== undefined) sdk.handle("check", (request: CheckRequest) => checker.check(request));
  },
};

registerCapability("compiler", capability);
