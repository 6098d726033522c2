// Records what Node prints for each line of console_cases.js: `node tests/guest/golden/make.mjs`.
import { readFileSync, writeFileSync } from "node:fs";
import { Console } from "node:console";
import { Writable } from "node:stream";

const folder = new URL(".", import.meta.url);
const cases = readFileSync(new URL("console_cases.js", folder), "utf8").split("\n").filter((line) => line.startsWith("console."));
let printed = "";
const sink = new Writable({ write(chunk, _, done) { printed += chunk; done(); } });
globalThis.console = new Console({ stdout: sink, stderr: sink });
const golden = cases.map((source) => {
  printed = "";
  new Function(source)();
  while (source.startsWith("console.group") && globalThis.console.depth-- > 0) globalThis.console.groupEnd();
  globalThis.console.groupEnd();
  return { source, text: printed.replace(/\n$/, "") };
});
writeFileSync(new URL("console.json", folder), `${JSON.stringify(golden, null, 1)}\n`);
