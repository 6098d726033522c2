// Matchers that ask the browser again until they hold. They are Playwright's own; the test framework only carries them.
import { errorOf } from "./errors";
import { untilItPasses } from "./pages";
import { type Hub, Remote } from "./remote";

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}
type Matcher = (this: { readonly isNot: boolean }, received: unknown, ...args: unknown[]) => Promise<Outcome>;

const GROUPS: Record<string, string> = {
  Locator: "LocatorAssertions",
  Page: "PageAssertions",
  APIResponse: "APIResponseAssertions",
};
const INTERVALS = [100, 250, 500, 1000];

async function ask(hub: Hub, name: string, received: unknown, negate: boolean, args: unknown[]): Promise<string | undefined> {
  const info = received !== null && typeof received === "object" ? Remote.info(received) : undefined;
  const names = info === undefined ? undefined : hub.table.assertions[GROUPS[info.kind] ?? ""];
  if (info === undefined || names === undefined || !names.includes(name))
    throw new TypeError(
      `expect(…).${name}() is for ${holders(hub, name).join(" and ")} of the browser, not for ${info?.kind ?? kindOf(received)}`,
    );
  const packed = args.map((arg) => hub.pack(arg));
  const reply = (await hub.lent.sdk.call("expect", info.target, name, negate, packed)) as [number, string, string];
  if (reply[0] === 0) return undefined;
  if (reply[0] === 2) return reply[2];
  throw errorOf(reply[1], reply[2]);
}

const holders = (hub: Hub, name: string): string[] =>
  Object.entries(GROUPS)
    .filter(([, group]) => hub.table.assertions[group]?.includes(name))
    .map(([kind]) => kind);

const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "an array" : typeof value);

/** For `expect.extend`. */
export function matchersFor(hub: Hub): Record<string, Matcher> {
  const matchers: Record<string, Matcher> = {};
  for (const name of allNames(hub))
    matchers[name] = async function (received, ...args) {
      const failed = await ask(hub, name, received, this.isNot, args);
      return { pass: (failed === undefined) !== this.isNot, message: () => failed ?? "" };
    };
  matchers.toPass = async function (received, options) {
    if (typeof received !== "function") throw new TypeError("expect(…).toPass() needs a function");
    const { timeout = 0, intervals = INTERVALS } = (options ?? {}) as { timeout?: number; intervals?: number[] };
    await untilItPasses(hub, received as () => unknown, timeout, intervals);
    return { pass: !this.isNot, message: () => "" };
  };
  return matchers;
}

const allNames = (hub: Hub): Set<string> => new Set(Object.values(hub.table.assertions).flat());

type Assertions = Record<string, (...args: unknown[]) => Promise<void>>;

/** For runtimes without the test framework: `import {expect} from "isolate-host:browser"`. */
export function expectFor(hub: Hub): (received: unknown) => Assertions & { not: Assertions } {
  const assertions = (received: unknown, negate: boolean): Assertions => {
    const made: Assertions = {};
    for (const name of allNames(hub))
      made[name] = async (...args) => {
        const failed = await ask(hub, name, received, negate, args);
        if (failed !== undefined) throw new Error(failed);
      };
    return made;
  };
  return (received) => Object.assign(assertions(received, false), { not: assertions(received, true) }) as never;
}
