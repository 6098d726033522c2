// Tools: functions of the host as global async functions. A generator tool answers an async generator at once; the
// host hears of it when guest code asks for the first value.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { lazyGenerator } from "./generator";

interface ToolOptions {
  tools?: Record<string, { kind: "sync" | "async" | "generator" }>;
  /** Tools that the caller binds and the policy refuses, with the reason. */
  denied?: Record<string, string>;
}

function defineTool(sdk: Sdk, name: string, kind: string): void {
  const tool =
    kind === "generator"
      ? (...args: unknown[]) => lazyGenerator(sdk, name, args)
      : (...args: unknown[]) => sdk.callArray(name, args);
  sdk.primordials.define(tool, "name", name, 4);
  sdk.defineGlobal(name, tool);
}

const capability: Capability = {
  install(sdk: Sdk, options: ToolOptions): void {
    const { keys, hasOwn } = sdk.primordials;
    const each = (table: object, kindOf: (name: string) => string) => {
      const names: string[] = keys(table);
      for (let i = 0; i < names.length; i++) defineTool(sdk, names[i] as string, kindOf(names[i] as string));
    };
    const tools = hasOwn(options, "tools") ? (options.tools ?? {}) : {};
    // A refused tool is called all the same: the host answers with the key that would grant it, and audits the attempt.
    if (hasOwn(options, "denied")) each(options.denied ?? {}, () => "async");
    each(tools, (name) => tools[name]?.kind ?? "async");
  },
};

registerCapability("tools", capability);
