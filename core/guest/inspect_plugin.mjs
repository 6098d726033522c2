// Puts our `util.types` into node-inspect-extracted, in place of the one that goes by constructor names. The bundle is
// recognised by its own text, so that a new version which is put together differently stops the build.
import { readFileSync } from "node:fs";

const TYPES = /\d+\(t,e,n\)\{(?:(?!t\.exports=).)*?t\.exports=\{isAsyncFunction:.*?isSymbolObject:\w+\}\}/s;
// JavaScript cannot ask a promise for its state or an iterator for what is left; the engine can.
const PENDING = "getPromiseDetails:()=>[g,void 0]";
const ENTRIES = "previewEntries:t=>[[],!1]";
// It lists every index to find the keys that are none: of ten million elements that is gigabytes.
const NON_INDEX = "getOwnNonIndexProperties:function(t,e=2){";
// Where it asks a value for a method of its own.
const CUSTOM = "const n=e[Ne];";
const OURS = 'require("isolate-host:inspect-types")';

export function inspectPlugin(typesPath) {
  return {
    name: "inspect-types",
    setup(build) {
      build.onResolve({ filter: /^isolate-host:inspect-types$/ }, () => ({ path: typesPath }));
      build.onLoad({ filter: /node-inspect-extracted[\\/]dist[\\/]inspect\.js$/ }, (args) => {
        const text = readFileSync(args.path, "utf8");
        const found = TYPES.exec(text);
        if (found === null || ![PENDING, ENTRIES, NON_INDEX, CUSTOM].every((part) => text.includes(part)))
          throw new Error("node-inspect-extracted: the types module was not found");
        const id = /^\d+/.exec(found[0])[0];
        const replaced = text
          .replace(found[0], `${id}(t){t.exports=require("isolate-host:inspect-types").types}`)
          .replace(PENDING, `getPromiseDetails:t=>${OURS}.promiseDetails(t,g,h)`)
          .replace(CUSTOM, `const n=e[Ne]??${OURS}.hiddenInspector(e);`)
          .replace(NON_INDEX, `${NON_INDEX}if(${OURS}.isVast(t))return[];`)
          .replace(ENTRIES, `previewEntries:(t,e)=>${OURS}.previewEntries(t,e)`);
        return { contents: replaced, loader: "js" };
      });
    },
  };
}
