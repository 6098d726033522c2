// TypeScript and JSX to the JavaScript that this V8 runs: types are stripped, what V8 lacks is lowered, and the rest
// stays as its author wrote it. One file at a time, without looking at any other.
import * as ts from "typescript";
import { describeAll, type Finding } from "./diagnostics";

export interface CompileRequest {
  source: string;
  filename: string;
  /** `script`: REPL text, whose last expression is its value and whose declarations stay global. */
  mode?: "module" | "commonjs" | "script";
  /** Legacy decorators instead of those of the language. */
  experimentalDecorators?: boolean;
  jsxImportSource?: string;
}

export interface CompileResult {
  code: string;
  /** Version 3, JSON. Its one source has no name: it is the compiled file, whatever that is called. */
  map: string | null;
  diagnostics: Finding[];
}

/** Results are kept by content: nothing in them may depend on the name of the file beyond its language. */
function neutralName(filename: string): string {
  if (/\.tsx$/i.test(filename)) return "source.tsx";
  if (/\.jsx$/i.test(filename)) return "source.jsx";
  return /\.[cm]?js$/i.test(filename) ? "source.js" : "source.ts";
}

function optionsFor(request: CompileRequest): ts.CompilerOptions {
  return {
    // The newest edition below ESNext: decorators, `accessor` and `using` are lowered, nothing else is.
    target: ts.ScriptTarget.ES2025,
    module: request.mode === "commonjs" ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    isolatedModules: true,
    useDefineForClassFields: true,
    experimentalDecorators: request.experimentalDecorators === true,
    jsx: ts.JsxEmit.ReactJSX,
    ...(request.jsxImportSource === undefined ? {} : { jsxImportSource: request.jsxImportSource }),
    allowJs: true,
    sourceMap: true,
    newLine: ts.NewLineKind.LineFeed,
    ignoreDeprecations: "6.0",
  };
}

/** A script must not become a module by the `export {}` that the compiler appends where all imports were types. */
const withoutModuleMarker: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
  const kept = file.statements.filter((statement) => statement.pos >= 0 || !isEmptyExport(statement));
  return kept.length === file.statements.length ? file : context.factory.updateSourceFile(file, kept);
};

function isEmptyExport(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier === undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause) &&
    statement.exportClause.elements.length === 0
  );
}

const MAP_COMMENT = /\n?\/\/# sourceMappingURL=.*\s*$/;

function neutralMap(text: string | undefined): string | null {
  if (text === undefined) return null;
  const map = JSON.parse(text);
  return JSON.stringify({ version: 3, sources: [""], names: [], mappings: map.mappings });
}

export function compile(request: CompileRequest): CompileResult {
  try {
    const output = ts.transpileModule(request.source, {
      fileName: neutralName(request.filename),
      reportDiagnostics: true,
      compilerOptions: optionsFor(request),
      transformers: request.mode === "script" ? { after: [withoutModuleMarker] } : {},
    });
    const diagnostics = describeAll(output.diagnostics ?? [], request.source);
    return { code: output.outputText.replace(MAP_COMMENT, "\n"), map: neutralMap(output.sourceMapText), diagnostics };
  } catch (error) {
    // The parser descends as deep as the source nests.
    if (!(error instanceof RangeError)) throw error;
    const message = "The source is nested too deeply to be compiled.";
    return { code: "", map: null, diagnostics: [{ message, line: 1, column: 1, endColumn: 1, code: 0 }] };
  }
}
