// console, with Node's formatting. Each call becomes one entry for whoever runs the guest; nothing is ever awaited.
import type { Capability, Sdk } from "../../../core/guest/types/sdk";
import { Counters, Timers } from "./labels";
import { Output } from "./output";
import { tableOf } from "./table";

type Values = unknown[];

function levelMethods(out: Output) {
  return {
    log: (...data: Values) => out.write("log", data),
    info: (...data: Values) => out.write("info", data),
    debug: (...data: Values) => out.write("debug", data),
    warn: (...data: Values) => out.write("warn", data),
    error: (...data: Values) => out.write("error", data),
    dirxml: (...data: Values) => out.write("log", data),
  };
}

function trace(sdk: Sdk, out: Output, data: Values): void {
  const { captureStackTrace, stringIndexOf, stringSlice } = sdk.primordials;
  const holder = { __proto__: null, stack: "" };
  captureStackTrace(holder);
  const { stack } = holder;
  const start = typeof stack === "string" ? stringIndexOf(stack, "\n") : -1;
  const frames: string = start < 0 ? "" : stringSlice(stack, start + 1);
  const message = out.format(data);
  const head = message === "" ? "Trace" : `Trace: ${message}`;
  out.emit("trace", "log", frames === "" ? head : `${head}\n${frames}`, { __proto__: null, stack: frames });
}

function inspectionMethods(sdk: Sdk, out: Output) {
  return {
    dir(item: unknown = undefined, options: object | undefined = undefined): void {
      out.emit("dir", "log", out.inspect(item, { customInspect: false, ...options }));
    },
    table(data: unknown = undefined, properties: unknown = undefined): void {
      const text = tableOf(sdk, out, data, properties);
      if (text === undefined) out.write("log", [data]);
      else out.emit("table", "log", text);
    },
    trace: (...data: Values) => trace(sdk, out, data),
    assert(condition: unknown = false, ...data: Values): void {
      if (condition) return;
      const detail = out.format(data);
      const text = detail === "" ? "Assertion failed" : `Assertion failed: ${detail}`;
      out.emit("assert", "error", text);
    },
  };
}

function groupMethods(out: Output) {
  const open = (data: Values, collapsed: boolean) => {
    const text = out.format(data);
    out.emit("group", "log", text, { __proto__: null, label: text, collapsed });
    out.depth++;
  };
  return {
    group: (...data: Values) => open(data, false),
    groupCollapsed: (...data: Values) => open(data, true),
    groupEnd(): void {
      if (out.depth > 0) out.depth--;
      out.emit("groupEnd", "log", "");
    },
    clear(): void {
      out.depth = 0;
      out.emit("clear", "log", "");
    },
  };
}

let console: object;
let reset: () => void;

function labelMethods(sdk: Sdk, out: Output) {
  const counters = new Counters(sdk, out);
  const timers = new Timers(sdk, out);
  reset = () => {
    out.depth = 0;
    counters.clear();
    timers.clear();
  };
  return {
    count: (label: unknown = "default") => counters.count(`${label}`),
    countReset: (label: unknown = "default") => counters.reset(`${label}`),
    time: (label: unknown = "default") => timers.start(`${label}`),
    timeLog: (label: unknown = "default", ...data: Values) => timers.log(`${label}`, data),
    timeEnd: (label: unknown = "default") => timers.end(`${label}`),
  };
}

function prepare(sdk: Sdk): void {
  const { create, define, keys, toStringTagSymbol, Object } = sdk.primordials;
  const out = new Output(sdk);
  const groups: Record<string, unknown>[] = [
    levelMethods(out),
    inspectionMethods(sdk, out),
    groupMethods(out),
    labelMethods(sdk, out),
  ];
  console = create(create(Object.prototype));
  for (let i = 0; i < groups.length; i++) {
    const methods = groups[i] as Record<string, unknown>;
    const names: string[] = keys(methods);
    for (let j = 0; j < names.length; j++) define(console, names[j] as string, methods[names[j] as string], 7);
  }
  define(console, toStringTagSymbol, "console", 4);
}

function install(sdk: Sdk): void {
  sdk.defineGlobal("console", console);
  sdk.onReset(reset);
}

const capability: Capability = { prepare, install };
registerCapability("console", capability);
