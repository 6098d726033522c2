// Runs one test in Node.js, Deno or Bun and prints the result behind a mark. The argument is the case as JSON.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import vm from "node:vm";

const { root, here, scripts, path, search, seconds, texts } = JSON.parse(process.argv[2]);
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
const run = (file, text = readFileSync(file, "utf8")) => vm.runInThisContext(text, { filename: file });

globalThis.wpt = { path, search, seconds, read: (name) => readFile(join(root, name)), loaded() {} };
run(join(here, "prelude.js"));
run(join(root, "resources/testharness.js"));
run(join(here, "hook.js"));
let failure = "";
try {
  for (const script of scripts) run(join(root, script), texts[script]);
} catch (error) {
  failure = `${error?.stack ?? error}`.slice(0, 500);
}
globalThis.wpt.loaded();
// A file that failed to load may have no test at all, and then nothing ever completes.
const result = await Promise.race([
  globalThis.wpt.finished,
  new Promise((resolve) => setTimeout(resolve, failure ? 3000 : (seconds + 5) * 1000, "")),
]);
process.stdout.write(`\n@@wpt ${result || JSON.stringify({ status: 1, message: failure || "never completed", tests: [] })}\n`, () => process.exit(0));
