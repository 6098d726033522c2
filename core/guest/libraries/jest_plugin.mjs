// Jest's assertion packages without the parts that need Node.js: colours, source files, the runner.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "jest");

export const jestPlugin = {
  name: "jest",
  setup(build) {
    build.onResolve({ filter: /^(chalk|ansi-styles|jest-util|jest-message-util)$/ }, (args) => {
      const path = join(folder, `${args.path.replaceAll("-", "_")}.cjs`);
      if (!existsSync(path)) throw new Error(`${args.importer} needs ${args.path}`);
      return { path };
    });
    // fake-timers asks for Node's own timers and goes on without them.
    build.onResolve({ filter: /^(timers|timers\/promises|perf_hooks|util)$/ }, (args) =>
      /@sinonjs/.test(args.importer) ? { path: join(folder, "nothing.cjs") } : undefined,
    );
  },
};
