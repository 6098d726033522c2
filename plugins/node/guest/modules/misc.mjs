// The small modules: console, constants, punycode, tty, worker_threads, module, domain.
import library from "punycode/punycode.js";
import { platform } from "../platform";
import { CRYPTO, FS } from "./constants_data.mjs";
import { coded } from "./errors.mjs";
import { constants as system } from "./os.mjs";

const refuse = (what, instead) => {
  throw coded(Error, "ERR_ACCESS_DENIED", `${what} is not available to guest code: ${instead}`);
};

export function consoleModule() {
  const { console } = globalThis;
  if (console === undefined) return {};
  return {
    ...Object.fromEntries(Object.getOwnPropertyNames(console).map((name) => [name, console[name]])),
    Console: consoleClass(console),
  };
}

/** A console that writes to streams gets lines there; without them it is the platform's own. */
function consoleClass(console) {
  return class Console {
    constructor(options, stderr) {
      const stdout = typeof options?.write === "function" ? options : options?.stdout;
      if (typeof stdout?.write !== "function")
        throw coded(TypeError, "ERR_CONSOLE_WRITABLE_STREAM", "Console expects a writable stream instance for stdout");
      const errors = stderr ?? options.stderr ?? stdout;
      const to =
        (stream) =>
        (...args) =>
          void stream.write(`${platform.format({}, ...args)}\n`);
      Object.assign(this, console, {
        log: to(stdout),
        info: to(stdout),
        debug: to(stdout),
        dir: (value, settings) => to(stdout)(platform.inspect(value, settings)),
      });
      Object.assign(this, { error: to(errors), warn: to(errors), trace: to(errors) });
    }
  };
}

/** Domains never worked with promises; this one only holds its name. */
export const domain = () => {
  const closed = () => refuse("domain.create()", "use AsyncLocalStorage of node:async_hooks");
  return {
    create: closed,
    createDomain: closed,
    Domain: class Domain {
      constructor() {
        closed();
      }
    },
    active: null,
    _stack: [],
  };
};

export const constants = () => ({ ...system.errno, ...system.priority, ...system.signals, ...FS, ...CRYPTO });
export const punycode = () => ({ ...library });

export const tty = () => ({
  isatty: () => false,
  ReadStream: class ReadStream {
    constructor() {
      refuse("tty.ReadStream", "there is no terminal");
    }
  },
  WriteStream: class WriteStream {
    constructor() {
      refuse("tty.WriteStream", "there is no terminal; use console");
    }
  },
});

export const workerThreads = () => ({
  isMainThread: true,
  parentPort: null,
  workerData: null,
  threadId: 0,
  resourceLimits: {},
  SHARE_ENV: Symbol.for("nodejs.worker_threads.SHARE_ENV"),
  BroadcastChannel: globalThis.BroadcastChannel,
  MessageChannel: globalThis.MessageChannel,
  MessagePort: globalThis.MessagePort,
  getEnvironmentData: () => undefined,
  setEnvironmentData() {},
  markAsUntransferable() {},
  isMarkedAsUntransferable: () => false,
  moveMessagePortToContext: () => refuse("moveMessagePortToContext()", "a runtime has one context"),
  receiveMessageOnPort: () => refuse("receiveMessageOnPort()", "listen to the port's message event"),
  Worker: class Worker {
    constructor() {
      refuse("worker_threads.Worker", "a runtime has one thread; nested hosts (policies.nested) start other runtimes");
    }
  },
});

/** Without a plugin that resolves packages there is nothing to require but what is built in. */
function requireBuiltin(specifier) {
  const found = platform.findModule(specifier);
  if (found !== undefined) return found.default ?? found;
  throw Object.assign(
    new Error(
      `Cannot find module '${specifier}': only built-in modules can be required here; import packages (policies.modules)`,
    ),
    {
      code: "MODULE_NOT_FOUND",
    },
  );
}

export function moduleModule() {
  const builtinModules = Array.from(platform.moduleNames())
    .filter((name) => platform.moduleNames && !name.includes(":"))
    .sort();
  const isBuiltin = (name) => platform.findModule !== undefined && Array.from(platform.moduleNames()).includes(name);
  class Module {
    constructor(id = "") {
      Object.assign(this, { id, path: id.replace(/\/[^/]*$/, ""), exports: {}, filename: null, loaded: false, children: [] });
    }
  }
  const createRequire = (from) => {
    const require = (specifier) => requireBuiltin(specifier);
    require.resolve = (specifier) => (isBuiltin(specifier) ? specifier : requireBuiltin(specifier));
    require.cache = {};
    if (typeof from !== "string" && !(from instanceof globalThis.URL))
      throw new TypeError("The argument 'filename' must be a file URL object, file URL string, or absolute path string.");
    return require;
  };
  return Object.assign(Module, {
    builtinModules,
    createRequire,
    isBuiltin,
    Module,
    findSourceMap: () => undefined,
    register: () => refuse("module.register()", "modules are resolved by the host (policies.modules)"),
    syncBuiltinESMExports() {},
  });
}
