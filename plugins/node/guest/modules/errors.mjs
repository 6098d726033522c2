// Errors as Node makes them: a class of the language, a code, and the code in the stack.
import { inspect } from "./inspect.mjs";

export function coded(Base, code, message) {
  const error = new Base(message);
  Object.defineProperty(error, "code", { value: code, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(error, "toString", {
    value() {
      return `${this.name} [${code}]: ${this.message}`;
    },
    writable: true,
    configurable: true,
  });
  return error;
}

function received(value) {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === "function") return ` Received function ${value.name}`;
  if (typeof value === "object") {
    const { name } = value.constructor ?? {};
    return name ? ` Received an instance of ${name}` : ` Received ${inspect(value, { depth: -1 })}`;
  }
  let shown = inspect(value, { colors: false });
  if (shown.length > 28) shown = `${shown.slice(0, 25)}...`;
  return ` Received type ${typeof value} (${shown})`;
}

const oneOf = (names) =>
  names.length > 2 ? `${names.slice(0, -1).join(", ")}, or ${names[names.length - 1]}` : names.join(" or ");

/** `expected`: names of types (lower case) and of classes. */
export function invalidArgType(name, expected, actual) {
  const all = Array.isArray(expected) ? expected : [expected];
  const types = all.filter((item) => /^[a-z]/.test(item)).map((item) => (item === "function" ? "function" : item.toLowerCase()));
  const classes = all.filter((item) => /^[A-Z]/.test(item));
  let text = `The ${name.endsWith(" argument") ? name : `"${name}" ${name.includes(".") ? "property" : "argument"}`} must be `;
  if (types.length > 0) text += `${types.length > 1 ? "one of type" : "of type"} ${oneOf(types)}`;
  if (types.length > 0 && classes.length > 0) text += " or ";
  if (classes.length > 0) text += `an instance of ${oneOf(classes)}`;
  return coded(TypeError, "ERR_INVALID_ARG_TYPE", `${text}.${received(actual)}`);
}

export function invalidArgValue(name, value, reason = "is invalid") {
  let shown = inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  const what = name.includes(".") ? "property" : "argument";
  return coded(TypeError, "ERR_INVALID_ARG_VALUE", `The ${what} '${name}' ${reason}. Received ${shown}`);
}

function grouped(value) {
  const text = String(value);
  const start = text[0] === "-" ? 1 : 0;
  return text.slice(0, start) + text.slice(start).replace(/\B(?=(\d{3})+$)/g, "_");
}

export function outOfRange(name, range, value) {
  let shown = inspect(value);
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) > 2 ** 32) shown = grouped(value);
  if (typeof value === "bigint") shown = value > 2n ** 32n || value < -(2n ** 32n) ? `${grouped(value)}n` : `${value}n`;
  return coded(RangeError, "ERR_OUT_OF_RANGE", `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`);
}

export function abortError(options) {
  const error = new Error("The operation was aborted", options);
  error.name = "AbortError";
  error.code = "ABORT_ERR";
  return error;
}

export function checkFunction(value, name) {
  if (typeof value !== "function") throw invalidArgType(name, "function", value);
}

export function checkString(value, name) {
  if (typeof value !== "string") throw invalidArgType(name, "string", value);
}

export function checkNumber(value, name, least, most) {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  const isOutside = (least !== undefined && value < least) || (most !== undefined && value > most) || Number.isNaN(value);
  if (!isOutside) return;
  const range = least === undefined ? `<= ${most}` : most === undefined ? `>= ${least}` : `>= ${least} && <= ${most}`;
  throw outOfRange(name, range, value);
}

export function checkInteger(value, name, least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
}

export function checkAbortSignal(signal, name) {
  if (signal !== undefined && (signal === null || typeof signal !== "object" || !("aborted" in signal)))
    throw invalidArgType(name, "AbortSignal", signal);
}
