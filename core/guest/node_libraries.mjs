// How the libraries of plugins/node get their `node:` modules: from that plugin itself, so that there is one Buffer and one
// EventEmitter. Each change of a library's text fails loudly when that text is no longer there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What libraries ask for → the file of the plugin that gives it. */
const MODULES = {
  buffer: "buffer.mjs",
  events: "events_static.mjs",
  "process/": "process_library.cjs",
  stream: "stream.mjs",
  string_decoder: "string_decoder.mjs",
  "string_decoder/": "string_decoder.mjs",
  "safe-buffer": "buffer.mjs",
  "node:path": "path.mjs",
  "node:querystring": "querystring.mjs",
};

/** Warnings that Node prints only outside of packages. */
const CHANGES = [[/unenv[\\/].*[\\/]node[\\/]url\.mjs$/, ["let urlParseWarned = false", "let warnInvalidPort = true"]]];

export const nodeLibrariesPlugin = (plugins) => {
  const modules = join(plugins, "node", "guest", "modules");
  return {
    name: "node-libraries",
    setup(build) {
      build.onResolve({ filter: /^(buffer|events|process\/|stream|string_decoder\/?|safe-buffer|node:[a-z]+)$/ }, (args) => {
        if (!/[\\/]node_modules[\\/]/.test(args.importer)) return undefined;
        const path = join(modules, MODULES[args.path] ?? "");
        if (MODULES[args.path] === undefined || !existsSync(path)) throw new Error(`${args.importer} needs ${args.path}`);
        return { path };
      });
      build.onResolve({ filter: /^\.\.\/binding$/ }, (args) =>
        /bare-path/.test(args.importer) ? { path: join(modules, "bare_binding.cjs") } : undefined,
      );
      build.onResolve({ filter: /^abort-controller$/ }, () => ({ path: join(modules, "abort_library.cjs") }));
      build.onResolve({ filter: /\/url\/errors\.mjs$|^\.\/errors\.mjs$/ }, (args) =>
        /[\\/]unenv[\\/]/.test(args.importer) ? { path: join(modules, "url_errors.mjs") } : undefined,
      );
      for (const [filter, texts] of CHANGES) {
        build.onLoad({ filter }, (args) => {
          let contents = readFileSync(args.path, "utf8");
          for (const text of texts) {
            if (!contents.includes(text)) throw new Error(`${args.path}: '${text}' was not found`);
            contents = contents.replace(
              text,
              text.endsWith("true") ? text.replace("true", "false") : text.replace("false", "true"),
            );
          }
          return { contents, loader: "js" };
        });
      }
    },
  };
};
