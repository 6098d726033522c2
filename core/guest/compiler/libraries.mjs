// What a guest has before any capability, as declarations: TypeScript's own, cut down to what exists in this V8 and in our web
// surface, and `globals/guest.d.ts` for what is ours. tests/typecheck compares the result with a real isolate.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import ts from "typescript";

const folder = dirname(createRequire(import.meta.url).resolve("typescript"));
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** Editions whose every part this V8 has, and single parts of later ones. */
const LANGUAGE = [
  "es2024",
  "es2025.collection",
  "es2025.float16",
  "es2025.iterator",
  "es2025.promise",
  "esnext.disposable",
  "esnext.array",
  "decorators",
];
/** Declared by those parts, and not in this V8. */
const NOT_IN_V8 = new Set([
  "DisposableStack",
  "AsyncDisposableStack",
  "DisposableStackConstructor",
  "AsyncDisposableStackConstructor",
]);

/** Members of standard interfaces that ours do not have. */
const NOT_OURS = new Map([
  ["Performance", ["clearResourceTimings", "onresourcetimingbufferfull", "setResourceTimingBufferSize"]],
]);

/** Global names of the web surface whose standard declarations are true of ours. */
const WEB = `AbortController AbortSignal Blob BroadcastChannel ByteLengthQueuingStrategy CloseEvent CompressionStream
CountQueuingStrategy CustomEvent DOMException DecompressionStream ErrorEvent Event EventTarget File FileReader FormData Headers
MessageChannel MessageEvent MessagePort Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver
PerformanceObserverEntryList ProgressEvent PromiseRejectionEvent ReadableByteStreamController ReadableStream ReadableStreamBYOBReader
ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader Request Response TextDecoder TextDecoderStream
TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WebAssembly WritableStream
WritableStreamDefaultController WritableStreamDefaultWriter atob btoa clearInterval clearTimeout performance queueMicrotask reportError
structuredClone BufferSource`.split(/\s+/);

const parse = (name, text) => ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, false);
const read = (name) => parse(name, readFileSync(join(folder, name), "utf8"));

function withReferences(names, seen = new Map()) {
  for (const name of names) {
    if (seen.has(name)) continue;
    const file = read(`lib.${name}.d.ts`);
    seen.set(name, file);
    withReferences(
      file.libReferenceDirectives.map((item) => item.fileName.toLowerCase()),
      seen,
    );
  }
  return seen;
}

/** All that a statement declares. */
function namesOf(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((item) => item.name.text);
  return statement.name === undefined ? [] : [statement.name.text];
}

const print = (file, statement) => printer.printNode(ts.EmitHint.Unspecified, withoutForeign(statement), file);

function withoutForeign(statement) {
  const foreign = ts.isInterfaceDeclaration(statement) ? NOT_OURS.get(statement.name.text) : undefined;
  if (foreign === undefined) return statement;
  const members = statement.members.filter((item) => !foreign.includes(item.name?.text));
  const { modifiers, name, typeParameters, heritageClauses } = statement;
  return ts.factory.updateInterfaceDeclaration(statement, modifiers, name, typeParameters, heritageClauses, members);
}

/** Without what is not there. */
function printed(files) {
  const kept = files.flatMap((file) =>
    file.statements.filter((item) => !namesOf(item).some((name) => NOT_IN_V8.has(name))).map((item) => print(file, item)),
  );
  return `${kept.join("\n")}\n`;
}

/** A module that declares globals must stay a file of its own. */
function language() {
  const files = [...withReferences(LANGUAGE).values()];
  const modules = files.filter((file) => ts.isExternalModule(file));
  if (modules.length !== 1) throw new Error("TypeScript's libraries are put together differently");
  return { scripts: printed(files.filter((file) => !ts.isExternalModule(file))), iterator: printed(modules) };
}

function mentioned(node, found = new Set()) {
  if (ts.isIdentifier(node)) found.add(node.text);
  ts.forEachChild(node, (child) => void mentioned(child, found));
  return found;
}

/** The statements that declare `WEB`, and the types that those need; nothing that `taken` declares. */
function web(taken) {
  const files = ["lib.webworker.d.ts", "lib.webworker.iterable.d.ts", "lib.webworker.asynciterable.d.ts"].map(read);
  const declared = new Map();
  for (const file of files)
    for (const statement of file.statements)
      for (const name of namesOf(statement)) declared.set(name, [...(declared.get(name) ?? []), { file, statement }]);
  const values = new Set(WEB);
  const kept = new Set();
  const queue = [...WEB];
  for (const name of queue) {
    if (!declared.has(name)) throw new Error(`${name} is not declared by TypeScript's libraries`);
    for (const item of declared.get(name)) {
      const isValue = ts.isVariableStatement(item.statement) || ts.isFunctionDeclaration(item.statement);
      if (kept.has(item.statement) || (isValue && !values.has(name))) continue;
      kept.add(item.statement);
      for (const next of mentioned(item.statement))
        if (declared.has(next) && !taken.has(next) && !queue.includes(next)) queue.push(next);
    }
  }
  return files
    .map((file) =>
      file.statements
        .filter((item) => kept.has(item))
        .map((item) => print(file, item))
        .join("\n"),
    )
    .join("\n");
}

/** `[name, text]` of each file. `own` is the text of `globals/guest.d.ts`. */
export function libraries(own) {
  const ours = parse("guest.d.ts", own);
  const taken = new Set(ours.statements.flatMap(namesOf));
  const { scripts, iterator } = language();
  return [
    ["language.d.ts", scripts],
    ["iterator.d.ts", iterator],
    ["web.d.ts", web(taken)],
    ["guest.d.ts", own],
  ];
}
