// Builds everything that is committed: core/guest/dist/*.js and plugins/*/guest.js. The output depends on the sources
// and the lock file alone: no paths, no dates, no hashes.
import { existsSync, readdirSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { inspectPlugin } from "./inspect_plugin.mjs";
import { nodeLibrariesPlugin } from "./node_libraries.mjs";
import { istanbulPlugin } from "./libraries/istanbul_plugin.mjs";
import { jestPlugin } from "./libraries/jest_plugin.mjs";
import { librariesPlugin } from "./libraries/plugin.mjs";
import { libraries } from "./compiler/libraries.mjs";
import { typescriptPlugin } from "./compiler/typescript_plugin.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const plugins = join(here, "..", "..", "plugins");

const common = {
  bundle: true,
  write: false,
  absWorkingDir: here,
  platform: "neutral",
  target: "es2023",
  charset: "utf8",
  legalComments: "none",
  treeShaking: true,
  mainFields: ["module", "main"],
  // Not tsconfig.json: whether it counts for a file that a plugin resolves depends on who asks for that file first.
  tsconfigRaw: "{}",
  // Plugins lie outside of the folder that the packages are installed in.
  nodePaths: [join(here, "node_modules")],
};

/** Bundles one entry into an expression or statement list that `wrap` turns into the final script. */
async function bundle(entry, options, wrap) {
  const result = await build({ ...common, entryPoints: [entry], ...options });
  return wrap(result.outputFiles[0].text.trim());
}

function emit(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
  console.log(`${(text.length / 1024).toFixed(0).padStart(6)} KiB  ${path.slice(join(here, "..", "..").length + 1)}`);
}

// The completion value of the script is the function `boot`; nothing becomes a global.
const kernel = await bundle(
  "src/kernel.ts",
  {
    format: "iife",
    globalName: "kernel",
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [inspectPlugin(join(here, "src/inspect/types.ts")), librariesPlugin],
  },
  (code) => `(function () {\n"use strict";\n${code}\nreturn kernel.boot;\n})()\n`,
);
emit(join(here, "dist", "guest.js"), kernel);

// The TypeScript compiler, for a template of its own. It transpiles and checks: the checker is in it anyway.
const compilerUses = [
  "DiagnosticCategory",
  "Extension",
  "JSDocParsingMode",
  "JsxEmit",
  "ModuleDetectionKind",
  "ModuleKind",
  "ModuleResolutionKind",
  "NewLineKind",
  "ScriptTarget",
  "SyntaxKind",
  "canHaveModifiers",
  "createProgram",
  "createSourceFile",
  "flattenDiagnosticMessageText",
  "forEachChild",
  "getLineAndCharacterOfPosition",
  "getModifiers",
  "idText",
  "isBindingElement",
  "isCallExpression",
  "isClassDeclaration",
  "isEnumDeclaration",
  "isExportAssignment",
  "isExportDeclaration",
  "isFunctionDeclaration",
  "isIdentifier",
  "isImportDeclaration",
  "isInterfaceDeclaration",
  "isNamedExports",
  "isStringLiteral",
  "isTypeAliasDeclaration",
  "isVariableStatement",
  "resolveModuleName",
  "transpileModule",
];
const compiler = await bundle(
  "compiler/index.ts",
  { format: "iife", minify: true, plugins: [typescriptPlugin(compilerUses)] },
  (code) => `"use strict";\n${code}\n`,
);
emit(join(here, "dist", "compiler.js"), compiler);

// What makes reports of V8's coverage, for a template of its own that is started when tests ask for coverage.
const coverage = await bundle(
  "coverage/index.ts",
  { format: "iife", minifySyntax: true, minifyWhitespace: true, charset: "ascii", plugins: [istanbulPlugin] },
  (code) => `"use strict";\n${code}\n`,
);
emit(join(here, "dist", "coverage.js"), coverage);

// What type checks know of a guest without capabilities.
for (const [name, text] of libraries(readFileSync(join(here, "globals", "guest.d.ts"), "utf8")))
  emit(join(here, "dist", name), text);

/** Scripts full of libraries are written small, in ASCII: V8 then keeps the text with one byte for a character. The others can be read as they are. */
const small = { minifySyntax: true, minifyWhitespace: true, charset: "ascii" };
const withLibraries = {
  browser: {
    ...small,
    define: {
      BROWSER_API: JSON.stringify(browserApi(join(plugins, "browser", "api.json"))),
      BROWSER_DEVICES: JSON.stringify(JSON.stringify(JSON.parse(readFileSync(join(plugins, "browser", "devices.json"), "utf8")))),
    },
  },
  node: { ...small, keepNames: true, plugins: [nodeLibrariesPlugin(plugins)] },
  tests: {
    ...small,
    plugins: [jestPlugin],
    define: { global: "globalThis", "process.cwd": "String", "process.env.NODE_ENV": '"production"' },
  },
};

/** What a guest has to know of the table: the host alone knows arguments and options. As text, which costs nothing until it is read. */
function browserApi(path) {
  const { classes, assertions } = JSON.parse(readFileSync(path, "utf8"));
  const kinds = (methods) => Object.fromEntries(Object.entries(methods ?? {}).map(([name, [, kind]]) => [name, kind]));
  const functions = (calls) =>
    Object.fromEntries(
      Object.entries(calls ?? {})
        .map(([name, [, , positional]]) => [name, positional.indexOf("expression")])
        .filter(([, place]) => place >= 0),
    );
  const guest = Object.entries(classes).map(([name, { base, events, state, parts, steps, calls }]) => [
    name,
    {
      base,
      events,
      state: kinds(state),
      parts: kinds(parts),
      steps: kinds(steps),
      calls: kinds(calls),
      functions: functions(calls),
    },
  ]);
  const names = Object.entries(assertions).map(([group, methods]) => [group, Object.keys(methods)]);
  return JSON.stringify({ classes: Object.fromEntries(guest), assertions: Object.fromEntries(names) });
}

// A capability script is the body of a function that has `registerCapability` as its parameter.
for (const name of readdirSync(plugins).sort()) {
  const entry = join(plugins, name, "guest", "index.ts");
  if (!existsSync(entry)) continue;
  const options = { format: "iife", ...withLibraries[name] };
  const script = await bundle(entry, options, (code) => `"use strict";\n${code}\n`);
  emit(join(plugins, name, "guest.js"), script);
}
