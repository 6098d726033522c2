// Type checks one file against declarations that the host gives. There is no file system: what is not in the request or among the
// standard library's declarations does not exist.
import * as ts from "typescript";
import { type Declaration, topLevelDeclarations } from "./declared";
import { describeAll, type Finding } from "./diagnostics";
import { type PackageRequest, Packages, PackageView } from "./packages";

/** `[name, text]` pairs. */
type Files = readonly (readonly [string, string])[];

export interface CheckRequest {
  source: string;
  /** Absolute. */
  filename: string;
  /** Global declarations, by names that say where they come from. */
  declarations: Files;
  /** What imports may find, by absolute paths. */
  files: Files;
  /** Declarations of earlier evaluations, which are globals now. */
  earlier?: string;
  /** Numbers of errors that do not count. */
  ignored?: readonly number[];
  /** Declarations of packages, and which imports of the program mean them: `[file, specifier, entry]`. */
  packages?: readonly PackageRequest[];
  links?: readonly (readonly [string, string, string])[];
}

export interface CheckResult {
  diagnostics: Finding[];
  /** How many there are of both kinds; the lists have the first of them. */
  total: number;
  /** Declarations that do not parse. */
  broken: Broken[];
  /** What a script leaves behind for the next one. */
  declares: Declaration[];
  /** Nothing was checked: the host has to send these packages. */
  missing?: string[];
}

const MOST_DIAGNOSTICS = 200;

type Broken = Finding & { name: string };

const result = (diagnostics: Finding[], broken: Broken[], declares: Declaration[] = []): CheckResult => ({
  diagnostics: diagnostics.slice(0, MOST_DIAGNOSTICS),
  total: diagnostics.length + broken.length,
  broken: broken.slice(0, MOST_DIAGNOSTICS),
  declares,
});

/** Not among the names that a request may have: those of the guest's files are its own paths. */
const EARLIER = "/earlier evaluations.ts";

/** Declarations seldom change between calls; each text is parsed and bound once. */
const MOST_PARSED = 128;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  noEmit: true,
  noLib: true,
  types: [],
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  experimentalDecorators: false,
};
/** JavaScript has no annotations to ask for. */
const OPTIONS_JS: ts.CompilerOptions = { ...OPTIONS, noImplicitAny: false };

const isJavaScript = (name: string) => /\.[cm]?jsx?$/i.test(name);

export class Checker {
  private readonly libraries: Files;
  private readonly parsed = new Map<string, ts.SourceFile>();
  private readonly packages = new Packages();

  constructor(libraries: Files) {
    this.libraries = libraries;
    for (const [name, text] of libraries) this.parse(name, text);
  }

  check(request: CheckRequest): CheckResult {
    const { packages, missing } = this.packages.take(request.packages ?? []);
    if (missing.length > 0) return { ...result([], []), missing };
    const view = new PackageView(packages, request.links ?? []);
    const earlier: Files = request.earlier ? [[EARLIER, request.earlier]] : [];
    const globals = [...this.libraries, ...request.declarations, ...earlier];
    try {
      const broken = request.declarations.flatMap(([name, text]) => this.findBroken(name, text));
      return broken.length > 0 ? result([], broken) : this.diagnose(request, globals, view);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = "The source is nested too deeply to be checked.";
      return result([{ message, line: 1, column: 1, endColumn: 1, code: 0 }], []);
    }
  }

  private diagnose(request: CheckRequest, globals: Files, view: PackageView): CheckResult {
    const texts = new Map<string, string>([...globals, ...request.files]);
    const options = isJavaScript(request.filename) ? OPTIONS_JS : OPTIONS;
    const main = ts.createSourceFile(request.filename, request.source, mainOptions, true);
    const host = this.host(texts, main, options, view);
    const program = ts.createProgram({ rootNames: [...globals.map(([name]) => name), request.filename], options, host });
    // Of what could be imported, only what is imported counts.
    const broken = request.files.flatMap(([name, text]) => (program.getSourceFile(name) ? this.findBroken(name, text) : []));
    const syntactic = program.getSyntacticDiagnostics(main);
    // As the compiler does: what follows from a text that does not parse helps nobody.
    const found = syntactic.length > 0 ? syntactic : [...program.getSemanticDiagnostics(main), ...program.getGlobalDiagnostics()];
    const counted = found.filter((item) => !request.ignored?.includes(item.code));
    return result(describeAll(counted, request.source), broken, syntactic.length > 0 ? [] : topLevelDeclarations(main));
  }

  private findBroken(name: string, text: string): Broken[] {
    if (name.endsWith(".json")) return [];
    const { parseDiagnostics } = this.parse(name, text) as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] };
    return describeAll(parseDiagnostics, text).map((finding) => ({ ...finding, name }));
  }

  private parse(name: string, text: string): ts.SourceFile {
    const key = `${name}\0${text}`;
    const known = this.parsed.get(key);
    const options = name === EARLIER || /\.(d\.[cm]?ts|json)$/.test(name) ? sourceOptions : mainOptions;
    const file = known ?? ts.createSourceFile(name, text, options, false);
    // The map is in the order of use, and the library's own declarations are used each time.
    this.parsed.delete(key);
    this.parsed.set(key, file);
    for (const oldest of this.parsed.keys()) {
      if (this.parsed.size <= MOST_PARSED) break;
      this.parsed.delete(oldest);
    }
    return file;
  }

  private host(
    texts: ReadonlyMap<string, string>,
    main: ts.SourceFile,
    options: ts.CompilerOptions,
    view: PackageView,
  ): ts.CompilerHost {
    const folders = foldersOf(texts.keys());
    const host: ts.CompilerHost = {
      getSourceFile: (name) => {
        if (name === main.fileName) return main;
        const text = texts.get(name);
        return text === undefined ? view.source(name, sourceOptions) : this.parse(name, text);
      },
      fileExists: (name) => texts.has(name) || name === main.fileName || view.has(name),
      readFile: (name) => texts.get(name) ?? view.read(name),
      resolveModuleNameLiterals: (literals, file) =>
        literals.map(({ text }) => {
          const found = view.resolve(file, text);
          if (found !== undefined) return { resolvedModule: found ?? undefined };
          return ts.resolveModuleName(text, file, options, host);
        }),
      directoryExists: (name) => folders.has(name),
      getDirectories: () => [],
      getDefaultLibFileName: () => "/lib.d.ts",
      getCurrentDirectory: () => "/",
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      writeFile: () => undefined,
    };
    return host;
  }
}

const sourceOptions: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.ESNext,
  jsDocParsingMode: ts.JSDocParsingMode.ParseForTypeErrors,
};

/** A guest's file is a module whatever is in it, as `moduleDetection: force` has it: its top level may await. */
const mainOptions: ts.CreateSourceFileOptions = {
  ...sourceOptions,
  setExternalModuleIndicator: (file) => {
    (file as { externalModuleIndicator?: ts.Node | true }).externalModuleIndicator = true;
  },
};

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set(["/"]);
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) folders.add(path.slice(0, end));
  }
  return folders;
}
