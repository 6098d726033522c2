// Writes expected/*.json: what Node itself answers to cases/*.js. `node tests/plugin/node/make.mjs`, with the version in expected/VERSION.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as nodeModule from "node:module";

const here = new URL(".", import.meta.url);
const harness = readFileSync(new URL("harness.js", here), "utf8");
const AsyncFunction = (async () => {}).constructor;
mkdirSync(new URL("expected/", here), { recursive: true });
for (const file of readdirSync(new URL("cases/", here)).sort()) {
  const source = readFileSync(new URL(`cases/${file}`, here), "utf8");
  const answers = await new AsyncFunction("load", `${harness}\n${source}\nreturn answers;`)((name) => import(`node:${name}`));
  writeFileSync(new URL(`expected/${file.replace(".js", ".json")}`, here), `${JSON.stringify(answers, null, 0).replaceAll('","', '",\n"')}\n`);
}
const names = {};
for (const name of nodeModule.builtinModules.filter((item) => !item.startsWith("_")).sort()) names[name] = Object.keys(await import(`node:${name}`)).sort();
writeFileSync(new URL("expected/exports.json", here), `${JSON.stringify(names, null, 0).replaceAll('],"', '],\n"')}\n`);
writeFileSync(new URL("expected/VERSION", here), `${process.version}\n`);
