// Diagnostics as plain data: line and columns count from 1, columns in UTF-16 units.
import * as ts from "typescript";

export interface Finding {
  message: string;
  line: number;
  column: number;
  /** On the same line; past the end of the offending text. */
  endColumn: number;
  /** TypeScript's number (`TS1005` is 1005). */
  code: number;
}

/** Errors only, in the order of the source. */
export function describeAll(diagnostics: readonly ts.Diagnostic[], source: string): Finding[] {
  return diagnostics
    .filter((item) => item.category === ts.DiagnosticCategory.Error)
    .sort((a, b) => (a.start ?? 0) - (b.start ?? 0))
    .map((item) => describe(item, source));
}

function describe(item: ts.Diagnostic, source: string): Finding {
  const message = ts.flattenDiagnosticMessageText(item.messageText, "\n");
  if (item.file === undefined || item.start === undefined) return { message, line: 1, column: 1, endColumn: 1, code: item.code };
  const { line, character } = ts.getLineAndCharacterOfPosition(item.file, item.start);
  const end = Math.min(item.start + Math.max(item.length ?? 1, 1), source.length);
  const lineEnd = source.indexOf("\n", item.start);
  const last = lineEnd >= 0 && lineEnd < end ? lineEnd : end;
  const column = character + 1;
  return { message, line: line + 1, column, endColumn: Math.max(column + (last - item.start), column + 1), code: item.code };
}
