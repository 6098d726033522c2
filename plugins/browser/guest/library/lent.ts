// What the browser keeps for itself: parts of the platform as they were before guest code could replace them.
import type { Sdk } from "../../../../core/guest/types/sdk";

export interface Platform {
  readonly setTimeout: (run: () => void, ms: number) => number;
  readonly clearTimeout: (id: number) => void;
  readonly FinalizationRegistry: FinalizationRegistryConstructor;
  readonly WeakRef: WeakRefConstructor;
}

export interface Lent {
  readonly sdk: Sdk;
  readonly platform: Platform;
}

/** What the host may be asked for. */
export interface ClassTable {
  readonly base?: string;
  readonly events?: readonly string[];
  readonly state: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, string>>;
  readonly calls: Readonly<Record<string, string>>;
  /** Which argument is a function of the page. */
  readonly functions: Readonly<Record<string, number>>;
}

export interface Table {
  readonly classes: Readonly<Record<string, ClassTable>>;
  readonly assertions: Readonly<Record<string, readonly string[]>>;
}

export type Listener = (...args: unknown[]) => unknown;
