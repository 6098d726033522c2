// node:util.
import { parseArgs as parseWithLibrary } from "@pkgjs/parseargs";
import { isDeepStrictEqual } from "./comparisons.mjs";
import { abortError, checkAbortSignal, checkFunction, checkString, coded, invalidArgType, invalidArgValue } from "./errors.mjs";
import { format, formatWithOptions, inspect } from "./inspect.mjs";
import { process } from "./process.mjs";
import { errorMap, nameOfError } from "./system_errors.mjs";
import { types } from "./types.mjs";

const custom = Symbol.for("nodejs.util.promisify.custom");
const argumentNames = Symbol("customPromisifyArgs");

export function promisify(original) {
  checkFunction(original, "original");
  if (original[custom]) {
    checkFunction(original[custom], "util.promisify.custom");
    return Object.defineProperty(original[custom], custom, { value: original[custom], configurable: true });
  }
  const names = original[argumentNames];
  function fn(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [
        ...args,
        (error, ...values) => {
          if (error) return reject(error);
          if (names === undefined || values.length < 2) return resolve(values[0]);
          resolve(Object.fromEntries(names.map((name, i) => [name, values[i]])));
        },
      ]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, custom, { value: fn, configurable: true });
  return Object.defineProperties(fn, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = custom;

export function callbackify(original) {
  checkFunction(original, "original");
  function callbackified(...args) {
    const callback = args.pop();
    checkFunction(callback, "last argument");
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(callback, null, value),
      (reason) => {
        let error = reason;
        if (!reason) {
          error = coded(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value");
          error.reason = reason;
        }
        process.nextTick(callback, error);
      },
    );
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === "number") descriptors.length.value++;
  if (typeof descriptors.name.value === "string") descriptors.name.value += "Callbackified";
  return Object.defineProperties(callbackified, descriptors);
}

export function inherits(constructor, parent) {
  checkFunction(constructor, "ctor");
  checkFunction(parent, "superCtor");
  if (parent.prototype === undefined) throw invalidArgType("superCtor.prototype", "Object", parent.prototype);
  Object.defineProperty(constructor, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const warned = new Set();
export function deprecate(fn, message, code) {
  checkFunction(fn, "fn");
  if (code !== undefined) checkString(code, "code");
  let isWarned = false;
  function deprecated(...args) {
    if (!isWarned) {
      isWarned = true;
      if (code === undefined || !warned.has(code)) process.emitWarning(message, "DeprecationWarning", code, deprecated);
      if (code !== undefined) warned.add(code);
    }
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
  }
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  Object.defineProperty(deprecated, "length", { value: fn.length, configurable: true });
  return deprecated;
}

/** Nothing is ever switched on: there is no NODE_DEBUG here. */
export function debuglog() {
  return Object.assign(() => {}, { enabled: false });
}

export function aborted(signal, resource) {
  if (signal === undefined) return Promise.reject(invalidArgType("signal", "AbortSignal", signal));
  checkAbortSignal(signal, "signal");
  if (resource === null || typeof resource !== "object") return Promise.reject(invalidArgType("resource", "Object", resource));
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Operating system commands up to their end, and control sequences up to their last letter. */
const ANSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /(?:\u001B\]|\u009D)[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-Z\\^-~]/g;

export function stripVTControlCharacters(text) {
  checkString(text, "str");
  return text.replace(ANSI, "");
}

/** The library's errors are of another class than Node's. */
function parseArgs(config) {
  try {
    return parseWithLibrary({ args: [], ...config });
  } catch (error) {
    throw String(error.code).startsWith("ERR_PARSE_ARGS") ? coded(TypeError, error.code, error.message) : error;
  }
}

/** As in Node, styles are for terminals unless the caller says otherwise; here is none. */
export function styleText(styles, text, { validateStream = true } = {}) {
  checkString(text, "text");
  let [before, after] = ["", ""];
  for (const name of Array.isArray(styles) ? styles : [styles]) {
    const codes = inspect.colors[name];
    if (codes === undefined)
      throw invalidArgValue(
        "format",
        name,
        `must be one of: ${Object.keys(inspect.colors)
          .map((key) => `'${key}'`)
          .join(", ")}`,
      );
    before += `\u001b[${codes[0]}m`;
    after = `\u001b[${codes[1]}m${after}`;
  }
  return validateStream ? text : `${before}${text}${after}`;
}

/** The value that begins here, and whether it was quoted; a quoted one may have several lines. */
function envValue(text, start) {
  const quote = /["'`]/.test(text[start]) ? text[start] : "";
  const end = quote === "" ? -1 : text.indexOf(quote, start + 1);
  if (end > 0) {
    const inner = text.slice(start + 1, end);
    return [quote === '"' ? inner.replaceAll("\\n", "\n") : inner, end + 1];
  }
  const line = /[^\n]*/y;
  line.lastIndex = start;
  const [bare] = line.exec(text);
  return [bare.replace(/#.*/, "").trim(), start + bare.length];
}

export function parseEnv(content) {
  checkString(content, "content");
  const text = content.replace(/\r\n?/g, "\n");
  const key = /^[^\S\n]*(?:export[^\S\n]+)?([^\s=#]+)[^\S\n]*=[^\S\n]*/gm;
  const found = {};
  for (let match = key.exec(text); match !== null; match = key.exec(text)) {
    const [value, end] = envValue(text, key.lastIndex);
    found[match[1]] = value;
    key.lastIndex = end;
  }
  return found;
}

function extend(target, source) {
  return source !== null && typeof source === "object" ? Object.assign(target, source) : target;
}

function systemError(number, call, original) {
  const name = nameOfError(number);
  const error = new Error(`${call} ${name}${original ? ` ${original}` : ""}`);
  return Object.assign(error, { errno: number, code: name, syscall: call });
}

export { abortError };
export default {
  _errnoException: systemError,
  _extend: extend,
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getSystemErrorMap: () => new Map(errorMap),
  getSystemErrorName: nameOfError,
  inherits,
  inspect,
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === "boolean",
  isBuffer: (value) => value instanceof Uint8Array && value.constructor?.isBuffer?.(value) === true,
  isDate: types.isDate,
  isDeepStrictEqual,
  isError: (value) => types.isNativeError(value) || value instanceof Error,
  isFunction: (value) => typeof value === "function",
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === "number",
  isObject: (value) => value !== null && typeof value === "object",
  isPrimitive: (value) => value === null || (typeof value !== "object" && typeof value !== "function"),
  isRegExp: types.isRegExp,
  isString: (value) => typeof value === "string",
  isSymbol: (value) => typeof value === "symbol",
  isUndefined: (value) => value === undefined,
  log: (...args) => globalThis.console?.log("%s - %s", new Date().toLocaleTimeString("en-GB"), format(...args)),
  parseArgs,
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  TextDecoder: globalThis.TextDecoder,
  TextEncoder: globalThis.TextEncoder,
  toUSVString: (text) => `${text}`.toWellFormed(),
  transferableAbortController: () => new AbortController(),
  transferableAbortSignal: (signal) => signal,
  types,
};
