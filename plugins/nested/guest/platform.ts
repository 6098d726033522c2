// What the files of this plugin share: the captured built-ins, and how options of guest code are read.
import type { Sdk } from "../../../core/guest/types/sdk";

// biome-ignore lint/suspicious/noExplicitAny: functions and objects of guest code
export type Any = any;
export type Options = Record<string, Any>;

/** The parts of a HostCallContext, as the host tells them; `signal` is added here. */
export interface CallContext {
  capability: string;
  op: string;
  runtimeId: string;
  resourceId: string;
  requestId?: string;
  metadata: Record<string, unknown>;
  remainingMs: number | null;
  signal?: AbortSignal;
}

/** Own enumerable properties, read once; others than `known` are refused by name. */
export function readOptions(sdk: Sdk, where: string, value: unknown, known: string): Options {
  const { create, hasOwn, keys, stringIncludes, TypeError } = sdk.primordials;
  const options: Options = create(null);
  if (value === undefined || value === null) return options;
  if (typeof value !== "object") throw new TypeError(`${where}: the options must be an object`);
  const names: string[] = keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (!stringIncludes(` ${known} `, ` ${name} `)) throw new TypeError(`${where} has no option '${name}'; there are: ${known}`);
    if (hasOwn(value, name)) options[name] = (value as Options)[name];
  }
  return options;
}

/** Runs what must not disturb anything: what it throws, now or later, is logged. */
export function bestEffort(sdk: Sdk, what: string, run: () => unknown): void {
  const failed = (error: unknown) => {
    try {
      (sdk.primordials.root as Any).console.error(`${what} failed:`, error);
    } catch {
      // Guest code took the console away.
    }
  };
  try {
    sdk.primordials.settleWith(run(), () => {}, failed);
  } catch (error) {
    failed(error);
  }
}
