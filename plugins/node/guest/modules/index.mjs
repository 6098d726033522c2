// Name → exports. Each file is evaluated when its module is first asked for, and what it needs along with it.
const LOADERS = {
  assert: () => require("./assert.mjs").default,
  "assert/strict": () => require("./assert.mjs").strict,
  async_hooks: () => require("./async_hooks.mjs").default,
  buffer: () => require("./buffer.mjs").default,
  console: () => require("./misc.mjs").consoleModule(),
  constants: () => require("./misc.mjs").constants(),
  crypto: () => require("./crypto.mjs").default,
  diagnostics_channel: () => require("./diagnostics_channel.mjs").default,
  "dns/promises": () => require("./unavailable.mjs").unavailable("dns").promises,
  domain: () => require("./misc.mjs").domain(),
  events: () => require("./events_static.mjs").default,
  "fs/promises": () => require("./unavailable.mjs").closedFiles(),
  module: () => require("./misc.mjs").moduleModule(),
  os: () => require("./os.mjs").default,
  path: () => require("./path.mjs").default,
  "path/posix": () => require("./path.mjs").default,
  "path/win32": () => require("./path.mjs").win32,
  perf_hooks: () => require("./perf_hooks.mjs").default,
  process: () => require("./process.mjs").default,
  punycode: () => require("./misc.mjs").punycode(),
  querystring: () => require("./querystring.mjs").default,
  "readline/promises": () => require("./unavailable.mjs").unavailable("readline").promises,
  stream: () => require("./stream.mjs").default,
  "stream/consumers": () => require("./stream_consumers.mjs").default,
  "stream/promises": () => require("./stream.mjs").default.promises,
  "stream/web": () => require("./stream_web.mjs").default,
  string_decoder: () => require("./string_decoder.mjs").default,
  sys: () => require("./util.mjs").default,
  timers: () => require("./timers.mjs").default,
  "timers/promises": () => require("./timers.mjs").promises,
  tty: () => require("./misc.mjs").tty(),
  url: () => require("./url.mjs").default,
  util: () => require("./util.mjs").default,
  "util/types": () => require("./types.mjs").default,
  worker_threads: () => require("./misc.mjs").workerThreads(),
  zlib: () => require("./zlib.mjs").default,
};

/** The namespace of a module: `default` is what `require` gives, and its properties are exports of their own. */
export function exportsOf(name) {
  const load = LOADERS[name];
  const value = load === undefined ? require("./unavailable.mjs").unavailable(name) : load();
  const exports = { __proto__: null };
  for (const key of Object.keys(value)) exports[key] = value[key];
  exports.default = value;
  return exports;
}
