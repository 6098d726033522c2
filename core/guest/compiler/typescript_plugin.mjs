// TypeScript ships as one CommonJS file that holds the compiler, the language service and the server. Only the compiler's
// sections are kept (each starts with a comment that names its source file), plus the one that transpiles a single file.
// Every step is checked: a version of TypeScript that is put together differently stops the build instead of silently
// changing the result.
import { readFileSync } from "node:fs";

function cut(text, from, to, what) {
  const start = text.indexOf(from);
  const end = start < 0 ? -1 : text.indexOf(to, start);
  if (end < 0) throw new Error(`typescript.js: ${what} not found`);
  return text.slice(0, start) + text.slice(end + to.length);
}

/** `[source file, text]` pairs; the first has no name. */
function sections(code) {
  const parts = code.split(/^\/\/ (src\/\S+\.ts)$/m);
  const result = [["", parts[0]]];
  for (let i = 1; i < parts.length; i += 2) result.push([parts[i], parts[i + 1]]);
  if (result.length < 200) throw new Error("typescript.js: the sections not found");
  return result;
}

const isKept = (name) => name === "" || name.startsWith("src/compiler/") || name === "src/services/transpile.ts";

/** What the kept part uses of the rest. We give all options ourselves, so there are no defaults to fill in. */
const SUBSTITUTES = `
function getDefaultCompilerOptions2() { return {}; }
function cloneCompilerOptions(options) { return { ...options }; }
`;

function asModule(text, names) {
  let code = cut(text, "var ts = {}; ((module) => {", '"use strict";', "the CommonJS wrapper");
  code = cut(code, "var typescript_exports = {};", "module.exports = __toCommonJS(typescript_exports);", "the list of exports");
  code = sections(code)
    .filter(([name]) => isKept(name))
    .map(([, body]) => body)
    .join("\n");
  // Namespaces are objects filled by a call; as the result of a pure call an unused one disappears.
  const namespaces = /var (\w+_exports\w*) = \{\};\n__export\(\1, \{/g;
  if (!namespaces.test(code)) throw new Error("typescript.js: the namespaces not found");
  code = code.replace(namespaces, "var $1 = /* @__PURE__ */ __namespace({");
  const helper = "var __namespace = (all) => { const target = {}; __export(target, all); return target; };\n";
  return `${helper}${SUBSTITUTES}${code}\nexport { ${names.join(", ")} };\n`;
}

/** Replaces `import … from "typescript"`; `names` are the exports in use. */
export function typescriptPlugin(names) {
  return {
    name: "typescript-as-module",
    setup(build) {
      // Only reached when `process` exists, and in an isolate it does not.
      build.onResolve({ filter: /^(fs|path|os|crypto|inspector|perf_hooks|source-map-support)$/ }, (args) => ({
        path: args.path,
        namespace: "absent",
      }));
      build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "module.exports = undefined;", loader: "js" }));
      build.onLoad({ filter: /[\\/]typescript[\\/]lib[\\/]typescript\.js$/ }, (args) => ({
        contents: asModule(readFileSync(args.path, "utf8"), names),
        loader: "js",
      }));
    },
  };
}
