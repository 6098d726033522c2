// Turns V8's block coverage into Istanbul's: statements, branches, functions and lines of the original text. A capability in an
// isolate of its own: what it reads comes from a worker that ran strangers' code.
import { parse } from "acorn";
import { convert } from "ast-v8-to-istanbul";
import type { Capability, Sdk } from "../types/sdk";

/** Start, end and count; the first of a function is the function itself, the others are blocks in it. */
type Ranges = readonly (readonly [number, number, number])[];

interface Script {
  readonly path: string;
  /** What ran, and its source map if that is not the original. */
  readonly code: string;
  readonly map: string | null;
  readonly functions: readonly Ranges[];
}

interface Converted {
  /** Istanbul's `FileCoverage`, one for each script: one file may have been loaded twice. */
  readonly files: object[];
  /** Scripts that could not be parsed. */
  readonly unread: string[];
}

/** Modules, function bodies (CommonJS) and scripts with `await` at their top; what V8 has run is one of them. */
function parsed(code: string): ReturnType<typeof parse> {
  const options = {
    ecmaVersion: "latest",
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowHashBang: true,
  } as const;
  try {
    return parse(code, { ...options, sourceType: "module" });
  } catch {
    return parse(code, { ...options, sourceType: "script" });
  }
}

function v8Functions(functions: readonly Ranges[]): object[] {
  return functions.map((ranges) => ({
    functionName: "",
    isBlockCoverage: true,
    ranges: ranges.map(([startOffset, endOffset, count]) => ({ startOffset, endOffset, count })),
  }));
}

async function convertScript({ path, code, map, functions }: Script): Promise<object[]> {
  // Our compiler leaves the name out: its results are shared between files.
  const sourceMap = map === null ? undefined : { ...JSON.parse(map), sources: [path] };
  const coverage = { url: `file://${path}`, functions: v8Functions(functions) };
  return Object.values(await convert({ ast: parsed(code), code, sourceMap, coverage } as never));
}

async function convertAll(report: string): Promise<string> {
  const result: Converted = { files: [], unread: [] };
  for (const script of JSON.parse(report).scripts as Script[]) {
    try {
      for (const { meta: _, ...file } of (await convertScript(script)) as { meta?: unknown }[]) result.files.push(file);
    } catch {
      result.unread.push(script.path);
    }
  }
  // Istanbul says `null` for the end of a line, which is what becomes of Infinity.
  return JSON.stringify(result);
}

const capability: Capability = {
  install(sdk: Sdk): void {
    sdk.handle("convert", (report: string) => convertAll(report));
  },
};

registerCapability("compiler", capability);
