// Which tests run, and in which order.
import { fullNameOf, Suite, type Test, visit } from "./tree";

export interface Selection {
  /** A regular expression over the full name, or nothing. */
  readonly filter: string | null;
  readonly shuffle: boolean;
  readonly seed: number;
}

function hasOnly(suite: Suite): boolean {
  return suite.children.some((child) => child.flags.mode === "only" || (child instanceof Suite && hasOnly(child)));
}

/** Marks what runs; returns how many tests do. */
export function select(root: Suite, selection: Selection): number {
  const pattern = selection.filter === null ? undefined : new RegExp(selection.filter);
  const focused = hasOnly(root);
  const wanted = (test: Test, chosen: boolean) =>
    test.fn !== undefined &&
    (chosen ? test.flags.mode === "run" || test.flags.mode === "only" : test.flags.mode === "only") &&
    (pattern === undefined || pattern.test(fullNameOf(test)) || pattern.test(fullNameOf(test, " ")));
  let total = 0;
  const mark = (suite: Suite, chosen: boolean): boolean => {
    // In a suite that is `only`, an `only` further in narrows the choice; without one, all of the suite runs.
    const all = suite.flags.mode === "only" ? !hasOnly(suite) : chosen;
    suite.live = false;
    for (const child of suite.children) {
      if (child instanceof Suite) child.live = mark(child, all);
      else {
        child.live = wanted(child, all);
        if (child.live) total++;
      }
      suite.live = suite.live || child.live;
    }
    return suite.live;
  };
  mark(root, !focused);
  return total;
}

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Puts the children of every suite into the order that the seed decides. */
export function shuffle(root: Suite, seed: number): void {
  const random = randomFrom(seed);
  const mix = (suite: Suite) => {
    const items = suite.children;
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const item = items[i] as Suite | Test;
      items[i] = items[j] as Suite | Test;
      items[j] = item;
    }
  };
  mix(root);
  visit(root, (node) => {
    if (node instanceof Suite) mix(node);
  });
}
