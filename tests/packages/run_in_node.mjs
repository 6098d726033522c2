// Runs every use script in Node.js and prints what each exports, as one JSON object: the expected results.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
globalThis.assets = { "sql-wasm.wasm": readFileSync(join(here, "node_modules/sql.js/dist/sql-wasm.wasm")) };
const results = {};
for (const name of readdirSync(join(here, "uses")).sort()) {
  try {
    const used = await import(join(here, "uses", name));
    results[name] = JSON.parse(JSON.stringify({ value: used.default }));
  } catch (error) {
    results[name] = { error: `${error}` };
  }
}
// Packages may have patched the console or left a timer behind.
process.stdout.write(JSON.stringify(results), () => process.exit(0));
