// createModuleResolver(): where the modules of a child come from. It only collects; the host resolves, by the rules that hold
// for every resolver: precedence, paths, relative imports.
import type { Sdk } from "../../../core/guest/types/sdk";
import { type Any, readOptions } from "./platform";

/** One source, as the host gets it. */
export interface Entry {
  kind: "virtual" | "sourceTree" | "fallback";
  name?: string;
  source?: string;
  filename?: string;
  resolveDir?: string;
  static?: boolean;
}

export interface Sources {
  entries: Entry[];
  /** The function behind the entry of the same index. */
  loaders: Any[];
}

const PLACE = "filename resolveDir static";

class ModuleResolver {
  readonly #sdk: Sdk;
  readonly #entries: Entry[] = [];
  readonly #loaders: Any[] = [];

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }
  virtual(specifier: string, source: unknown, options: unknown = undefined): this {
    const { TypeError } = this.#sdk.primordials;
    if (typeof source !== "string" && typeof source !== "function")
      throw new TypeError(`The source of '${specifier}' must be a string or a function`);
    const place = readOptions(this.#sdk, "virtual()", options, PLACE);
    const text = typeof source === "string" ? { source } : {};
    return this.#add({ kind: "virtual", name: specifier, ...text, ...place }, source);
  }
  sourceTree(prefix: string, loader: unknown): this {
    return this.#add({ kind: "sourceTree", name: prefix }, this.#function(loader, "sourceTree"));
  }
  fallback(loader: unknown): this {
    return this.#add({ kind: "fallback" }, this.#function(loader, "fallback"));
  }
  #function(loader: unknown, where: string): unknown {
    if (typeof loader !== "function") throw new this.#sdk.primordials.TypeError(`${where}(): the loader must be a function`);
    return loader;
  }
  #add(entry: Entry, loader: unknown): this {
    const { define, TypeError } = this.#sdk.primordials;
    if (entry.kind !== "fallback" && typeof entry.name !== "string") throw new TypeError("A module's specifier must be a string");
    define(this.#entries, this.#entries.length, entry, 7);
    define(this.#loaders, this.#loaders.length, loader, 7);
    return this;
  }
  /** What was collected, or `undefined` for anything that createModuleResolver() did not make. */
  static sourcesOf(value: object): Sources | undefined {
    return #entries in value ? { entries: value.#entries, loaders: value.#loaders } : undefined;
  }
}

const { sourcesOf } = ModuleResolver;
export { sourcesOf };

export function createModuleResolver(sdk: Sdk): ModuleResolver {
  return new ModuleResolver(sdk);
}
