// The converter of coverage without Node.js.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const path = join(dirname(fileURLToPath(import.meta.url)), "istanbul", "node.mjs");

export const istanbulPlugin = {
  name: "istanbul",
  setup(build) {
    build.onResolve({ filter: /^node:(path|url|fs|fs\/promises)$/ }, () => ({ path }));
  },
};
