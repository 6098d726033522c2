// Declarations of packages: the host sends each once, names it by its content from then on, and says itself what each import in it means.
import * as ts from "typescript";

export interface PackageRequest {
  key: string;
  /** Left out when the host thinks that it was sent before. */
  files?: Readonly<Record<string, string>>;
  /** What imports mean: by file, then by specifier. */
  links?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Package {
  readonly files: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly parsed: Map<string, ts.SourceFile>;
  readonly size: number;
}

/** Characters of all that are kept: parsed, a character takes some ten bytes. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

const entries = <T>(record: Readonly<Record<string, T>> | undefined) => Object.entries(record ?? {});

export class Packages {
  readonly #kept = new Map<string, Package>();

  /** Those of a request, or the keys of which the texts are wanted. */
  take(requests: readonly PackageRequest[]): { packages: Package[]; missing: string[] } {
    const missing = requests.filter((one) => one.files === undefined && !this.#kept.has(one.key)).map((one) => one.key);
    if (missing.length > 0) return { packages: [], missing };
    const packages = requests.map((one) => this.#one(one));
    let size = packages.reduce((sum, one) => sum + one.size, 0);
    for (const [key, one] of [...this.#kept].reverse()) {
      if (packages.includes(one)) continue;
      size += one.size;
      if (size > MOST_CHARACTERS) this.#kept.delete(key);
    }
    return { packages, missing };
  }

  #one(request: PackageRequest): Package {
    const known = this.#kept.get(request.key) ?? made(request);
    // In the order of use.
    this.#kept.delete(request.key);
    this.#kept.set(request.key, known);
    return known;
  }
}

function made(request: PackageRequest): Package {
  const files = new Map(entries(request.files));
  const links = new Map(entries(request.links).map(([path, found]) => [path, new Map(entries(found))] as const));
  const size = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  return { files, links, parsed: new Map(), size };
}

/** What one check sees of them. `roots` are the imports of the program itself, as `[file, specifier, entry]`. */
export class PackageView {
  readonly #packages: readonly Package[];
  readonly #roots = new Map<string, string>();

  constructor(packages: readonly Package[], roots: readonly (readonly [string, string, string])[]) {
    this.#packages = packages;
    for (const [file, specifier, entry] of roots) this.#roots.set(`${file}\0${specifier}`, entry);
  }

  /** What an import means; `undefined` = nothing of ours, `null` = nothing at all, for the file is a package's. */
  resolve(file: string, specifier: string): ts.ResolvedModuleFull | null | undefined {
    const root = this.#roots.get(`${file}\0${specifier}`);
    const owner = root === undefined ? this.#packages.find((one) => one.files.has(file)) : undefined;
    const path = root ?? owner?.links.get(file)?.get(specifier);
    if (path === undefined) return owner === undefined ? undefined : null;
    const extension = path.endsWith(".d.mts")
      ? ts.Extension.Dmts
      : path.endsWith(".d.cts")
        ? ts.Extension.Dcts
        : ts.Extension.Dts;
    return { resolvedFileName: path, extension, isExternalLibraryImport: true };
  }

  has(file: string): boolean {
    return this.#packages.some((one) => one.files.has(file));
  }

  read(file: string): string | undefined {
    return this.#packages.find((one) => one.files.has(file))?.files.get(file);
  }

  source(file: string, options: ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const owner = this.#packages.find((one) => one.files.has(file));
    if (owner === undefined) return undefined;
    let parsed = owner.parsed.get(file);
    if (parsed === undefined) {
      parsed = ts.createSourceFile(file, owner.files.get(file) as string, options, false);
      owner.parsed.set(file, parsed);
    }
    return parsed;
  }
}
