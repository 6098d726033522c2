// Runs one test of test262 in Node.js and prints the result behind a mark. The argument is the case as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

const { root, here, path, mode, harness, ...rest } = JSON.parse(process.argv[2]);
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const run = (file, before = "") =>
  vm.runInThisContext(before + readFileSync(file, "utf8"), { filename: file, importModuleDynamically });

run(join(here, "guest.js"));
for (const name of harness) run(join(root, "harness", name));
const file = join(root, "test", path);
const start = mode === "module" ? () => import(pathToFileURL(file)) : () => void run(file, mode === "strict" ? '"use strict";\n' : "");
const result = await globalThis.test262Run(start, rest);
process.stdout.write(`\n@@test262 ${JSON.stringify(result)}\n`, () => process.exit(0));
