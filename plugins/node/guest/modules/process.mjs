// The safe part of `process`: what programs look at, nothing of the machine.
import { platform } from "../platform";
import { coded, invalidArgType } from "./errors.mjs";
import { EventEmitter } from "./events.mjs";
import { nextTick } from "./ticks.mjs";

export const VERSION = "v20.20.2";

function unavailable(name, instead) {
  const fn = () => {
    throw coded(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", `process.${name} is not available to guest code: ${instead}`);
  };
  return Object.defineProperty(fn, "name", { value: name });
}

function hrtime(previous) {
  const now = platform.monotonic();
  const seconds = Math.floor(now / 1000);
  const nanoseconds = Math.floor((now - seconds * 1000) * 1e6);
  if (previous === undefined) return [seconds, nanoseconds];
  if (!Array.isArray(previous)) throw invalidArgType("time", "Array", previous);
  const borrow = nanoseconds < previous[1] ? 1 : 0;
  return [seconds - previous[0] - borrow, nanoseconds - previous[1] + borrow * 1e9];
}
hrtime.bigint = () => BigInt(Math.floor(platform.monotonic() * 1e6));

function emitWarning(warning, type, code, constructor) {
  const options = type !== null && typeof type === "object" && !Array.isArray(type) ? type : { type, code };
  let made = warning;
  if (typeof warning === "string") {
    made = new Error(warning);
    made.name = String((typeof options.type === "string" && options.type) || "Warning");
    if (options.code !== undefined && typeof options.code === "string") made.code = options.code;
    if (options.detail !== undefined) made.detail = options.detail;
    Error.captureStackTrace?.(made, options.ctor ?? constructor ?? emitWarning);
  } else if (!(warning instanceof Error)) {
    throw invalidArgType("warning", ["string", "Error"], warning);
  }
  if (made.name === "DeprecationWarning" && process.noDeprecation) return;
  nextTick(() => {
    if (!process.emit("warning", made))
      globalThis.console?.warn(`(node) ${made.code ? `[${made.code}] ` : ""}${made.name}: ${made.message}`);
  });
}

/** Whole lines become lines of the console; what is left waits for its end. */
function output(method) {
  let rest = "";
  platform.resets[platform.resets.length] = () => {
    rest = "";
  };
  return {
    fd: method === "log" ? 1 : 2,
    isTTY: false,
    writable: true,
    columns: undefined,
    write(chunk, encoding, callback) {
      const text = rest + (typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
      const lines = text.split("\n");
      rest = lines.pop();
      for (const line of lines) globalThis.console?.[method]("%s", line);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") nextTick(done);
      return true;
    },
    end(chunk, encoding, callback) {
      if (chunk !== undefined && typeof chunk !== "function") this.write(chunk);
      if (rest !== "") this.write("\n");
      const done = [chunk, encoding, callback].find((item) => typeof item === "function");
      if (done) nextTick(done);
      return this;
    },
    hasColors: () => false,
    getColorDepth: () => 1,
  };
}

function stream(method) {
  return Object.setPrototypeOf(Object.assign(output(method), { _events: undefined, _eventsCount: 0 }), EventEmitter.prototype);
}

export const process = Object.create(Object.create(EventEmitter.prototype, { constructor: { value: function process() {} } }));
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
const started = platform.monotonic();

Object.assign(process, {
  title: "node",
  version: VERSION,
  versions: { node: VERSION.slice(1), v8: "13.1.201.22", modules: "115" },
  arch: "x64",
  platform: "linux",
  release: { name: "node", lts: "Iron" },
  argv: ["/usr/bin/node"],
  argv0: "node",
  execArgv: [],
  execPath: "/usr/bin/node",
  env: {},
  pid: 1,
  ppid: 0,
  exitCode: undefined,
  debugPort: 9229,
  features: { inspector: false, debug: false, uv: false, ipv6: false, tls: false, typescript: "transform" },
  config: { target_defaults: {}, variables: {} },
  report: undefined,
  noDeprecation: true,
  moduleLoadList: [],
  cwd: () => platform.cwd,
  chdir: unavailable("chdir", "the working directory of a runtime is fixed"),
  exit: unavailable("exit", "return from the program instead; the host ends runtimes"),
  abort: unavailable("abort", "the host ends runtimes"),
  kill: unavailable("kill", "there are no processes here"),
  dlopen: unavailable("dlopen", "native addons cannot be loaded; use a WebAssembly build of the package"),
  binding: unavailable("binding", "there are no internal bindings"),
  umask: () => 0o22,
  uptime: () => (platform.monotonic() - started) / 1000,
  hrtime,
  nextTick,
  emitWarning,
  memoryUsage: Object.assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), { rss: () => 0 }),
  resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: 0 }),
  cpuUsage: () => ({ user: Math.floor(platform.monotonic() * 1000), system: 0 }),
  constrainedMemory: () => 0,
  availableMemory: () => 0,
  getuid: () => 65534,
  geteuid: () => 65534,
  getgid: () => 65534,
  getegid: () => 65534,
  getgroups: () => [],
  getActiveResourcesInfo: () => [],
  setUncaughtExceptionCaptureCallback: unavailable(
    "setUncaughtExceptionCaptureCallback",
    "listen to the event 'error' of globalThis",
  ),
  hasUncaughtExceptionCaptureCallback: () => false,
  setSourceMapsEnabled() {},
  getBuiltinModule: (id) => {
    const found = platform.findModule(id.startsWith("node:") ? id : `node:${id}`);
    return found === undefined ? undefined : (found.default ?? found);
  },
  allowedNodeEnvironmentFlags: new Set(),
  stdout: stream("log"),
  stderr: stream("error"),
  stdin: Object.setPrototypeOf(
    { fd: 0, isTTY: false, readable: false, _events: undefined, _eventsCount: 0 },
    EventEmitter.prototype,
  ),
});

export default process;
