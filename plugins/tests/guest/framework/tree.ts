// What a test file registered: suites and tests in the order in which they were written.
import { add, type Callback } from "./lent";

export type Mode = "run" | "skip" | "only" | "todo";

export interface Hook {
  readonly fn: Callback;
  readonly timeout: number | undefined;
}

export type HookKind = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

export interface Flags {
  readonly mode: Mode;
  /** `undefined` = as the suite around it. */
  readonly concurrent: boolean | undefined;
  readonly failing: boolean;
}

export interface Settings {
  readonly timeout?: number | undefined;
  readonly retry?: number | undefined;
}

export class Suite {
  readonly children: (Suite | Test)[] = [];
  readonly hooks: Record<HookKind, Hook[]> = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  /** What its own hooks threw. */
  errors: unknown[] = [];
  /** Whether a test below it will run. */
  live = false;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly parent: Suite | undefined,
    readonly flags: Flags,
    readonly settings: Settings,
  ) {
    if (parent !== undefined) add(parent.children, this);
  }
}

export class Test {
  /** Whether it will run, after `only`, `skip` and filters are known. */
  live = false;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly parent: Suite,
    readonly flags: Flags,
    readonly settings: Settings,
    readonly fn: Callback | undefined,
  ) {
    add(parent.children, this);
  }
}

/** Names of the suites around a node, outermost first; the file itself has none. */
export function pathOf(node: Suite | Test): string[] {
  const path: string[] = [];
  for (let at = node.parent; at !== undefined && at.parent !== undefined; at = at.parent) path.unshift(at.name);
  return path;
}

export function fullNameOf(node: Suite | Test, separator = " > "): string {
  let text = node.name;
  for (let at = node.parent; at !== undefined && at.parent !== undefined; at = at.parent) text = at.name + separator + text;
  return text;
}

/** Every suite and test below `suite`, in order. */
export function visit(suite: Suite, see: (node: Suite | Test) => void): void {
  for (let i = 0; i < suite.children.length; i++) {
    const child = suite.children[i] as Suite | Test;
    see(child);
    if (child instanceof Suite) visit(child, see);
  }
}
