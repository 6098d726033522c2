// What a module is that guest code can import but not use.
import { platform } from "../platform";
import { DNS, FS, METHODS, STATUS_CODES } from "./constants_data.mjs";
import { coded } from "./errors.mjs";
import { EventEmitter } from "./events.mjs";
import { UNAVAILABLE } from "./unavailable_names.mjs";

function refusal(module, name) {
  const [instead] = UNAVAILABLE[module];
  return coded(Error, "ERR_ACCESS_DENIED", `${name} of node:${module} is not available to guest code: ${instead}`);
}

function functionOf(module, name) {
  const fn = () => {
    throw refusal(module, `${name}()`);
  };
  return Object.defineProperty(fn, "name", { value: name });
}

/** A class that can be extended, and tested with `instanceof`, but not made. */
function classOf(module, name) {
  function Unavailable() {
    throw refusal(module, `class ${name}`);
  }
  Object.setPrototypeOf(Unavailable.prototype, EventEmitter.prototype);
  return Object.defineProperty(Unavailable, "name", { value: name });
}

const split = (names) => (names === "" ? [] : names.split(" "));

function stand(module) {
  const [, functions, classes] = UNAVAILABLE[module];
  return {
    ...Object.fromEntries(split(functions).map((name) => [name, functionOf(module, name)])),
    ...Object.fromEntries(split(classes).map((name) => [name, classOf(module, name)])),
  };
}

const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

function isIPv6(text) {
  if (typeof text !== "string" || !text.includes(":") || /[[\]\s/?#@]/.test(text)) return false;
  const [address, zone] = text.split("%", 2);
  if (zone === "") return false;
  return globalThis.URL.canParse(`http://[${address}]/`);
}
const isIPv4 = (text) => typeof text === "string" && V4.test(text) && !/(^|\.)0\d/.test(text);
const isIP = (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
function validateHeaderName(name, label = "Header name") {
  if (typeof name !== "string" || !TOKEN.test(name))
    throw coded(TypeError, "ERR_INVALID_HTTP_TOKEN", `${label} must be a valid HTTP token ["${name}"]`);
}
function validateHeaderValue(name, value) {
  if (value === undefined)
    throw coded(TypeError, "ERR_HTTP_INVALID_HEADER_VALUE", `Invalid value "${value}" for header "${name}"`);
  if (NOT_IN_VALUE.test(value)) throw coded(TypeError, "ERR_INVALID_CHAR", `Invalid character in header content ["${name}"]`);
}

/** `node:fs/promises` of the plugin that has it, else as closed as the rest. */
function filesOf() {
  const found = platform.findModule("node:fs/promises");
  return found?.default ?? found;
}

/** What a module has besides functions and classes. */
const EXTRAS = {
  http: () => ({
    METHODS,
    STATUS_CODES,
    maxHeaderSize: 16384,
    validateHeaderName,
    validateHeaderValue,
    globalAgent: new EventEmitter(),
  }),
  https: () => ({ globalAgent: new EventEmitter() }),
  inspector: () => ({ console: globalThis.console, Network: {} }),
  repl: () => ({ builtinModules: [], REPL_MODE_SLOPPY: Symbol("repl-sloppy"), REPL_MODE_STRICT: Symbol("repl-strict") }),
  http2: () => ({ constants: {}, sensitiveHeaders: Symbol("sensitiveHeaders") }),
  net: () => ({ isIP, isIPv4, isIPv6 }),
  tls: () => ({
    rootCertificates: [],
    DEFAULT_MIN_VERSION: "TLSv1.2",
    DEFAULT_MAX_VERSION: "TLSv1.3",
    DEFAULT_ECDH_CURVE: "auto",
    DEFAULT_CIPHERS: "",
    CLIENT_RENEG_LIMIT: 3,
    CLIENT_RENEG_WINDOW: 600,
  }),
  dns: () => ({ ...DNS, promises: { ...DNS, ...stand("dns") } }),
  cluster: () =>
    Object.assign(new EventEmitter(), {
      isWorker: false,
      isMaster: true,
      isPrimary: true,
      workers: {},
      settings: {},
      SCHED_NONE: 1,
      SCHED_RR: 2,
      schedulingPolicy: 2,
    }),
  vm: () => ({ constants: {}, isContext: () => false }),
  readline: () => ({ promises: stand("readline") }),
  fs: () => ({ F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, constants: FS, existsSync: () => false, promises: filesOf() }),
};

export const unavailable = (module) => ({ ...stand(module), ...EXTRAS[module]?.() });

/** `node:fs/promises` when no plugin gives files. */
export function closedFiles() {
  const names = Object.keys(stand("fs")).filter((name) => /^[a-z]/.test(name) && !/Sync$|Stream$|watchFile$/i.test(name));
  const promised = names.map((name) => [
    name,
    Object.defineProperty(
      async () => {
        throw refusal("fs", `${name}()`);
      },
      "name",
      { value: name },
    ),
  ]);
  return { ...Object.fromEntries(promised), constants: FS };
}
