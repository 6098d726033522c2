// node:assert.
import { isDeepEqual, isDeepStrictEqual } from "./comparisons.mjs";
import { AssertionError, describe } from "./assertion_error.mjs";
import { checkFunction, coded, invalidArgType } from "./errors.mjs";
import { inspect } from "./inspect.mjs";
import { types } from "./types.mjs";

function refuse(actual, expected, message, operator, start, isOurs = false) {
  if (message instanceof Error) throw message;
  const error = new AssertionError({ actual, expected, message, operator, stackStartFn: start });
  if (isOurs) error.generatedMessage = true;
  throw error;
}

const needTwo = (count, names = ["actual", "expected"]) => {
  if (count >= 2) return;
  const named = names.map((name) => `"${name}"`).join(" and ");
  throw coded(TypeError, "ERR_MISSING_ARGS", `The ${named} arguments must be specified`);
};

export function ok(...args) {
  check(ok, args);
}

function check(start, args) {
  const [value, message] = args;
  if (value) return;
  if (message instanceof Error) throw message;
  const none = args.length === 0;
  const text = none ? "No value argument passed to `assert.ok()`" : (message ?? "The expression evaluated to a falsy value");
  const error = new AssertionError({ actual: value, expected: true, message: text, operator: "==", stackStartFn: start });
  error.generatedMessage = message === undefined;
  throw error;
}

const assert = ok;

function comparison(operator, test) {
  const { [operator]: fn } = {
    [operator](actual, expected, message) {
      needTwo(arguments.length);
      if (!test(actual, expected)) refuse(actual, expected, message, operator, fn);
    },
  };
  return fn;
}

// biome-ignore lint/suspicious/noDoubleEquals: the legacy comparison
const looseEqual = (a, b) => a == b || (a !== a && b !== b);

export const strictEqual = comparison("strictEqual", Object.is);
export const notStrictEqual = comparison("notStrictEqual", (a, b) => !Object.is(a, b));
export const deepStrictEqual = comparison("deepStrictEqual", isDeepStrictEqual);
export const notDeepStrictEqual = comparison("notDeepStrictEqual", (a, b) => !isDeepStrictEqual(a, b));
export const deepEqual = comparison("deepEqual", isDeepEqual);
export const notDeepEqual = comparison("notDeepEqual", (a, b) => !isDeepEqual(a, b));

function equal(actual, expected, message) {
  needTwo(arguments.length);
  if (!looseEqual(actual, expected)) refuse(actual, expected, message, "==", equal);
}
function notEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (looseEqual(actual, expected)) refuse(actual, expected, message, "!=", notEqual);
}

function fail(actual, expected, message, operator, start) {
  if (arguments.length <= 1) {
    if (actual instanceof Error) throw actual;
    const error = new AssertionError({ message: actual ?? "Failed", operator: "fail", stackStartFn: fail });
    error.generatedMessage = actual === undefined;
    throw error;
  }
  if (message instanceof Error) throw message;
  const how = operator ?? (arguments.length === 2 ? "!=" : "fail");
  throw new AssertionError({ actual, expected, message, operator: how, stackStartFn: start ?? fail });
}

function ifError(error) {
  if (error === null || error === undefined) return;
  const shown =
    error?.message !== undefined && typeof error.message === "string" ? error.message || error.constructor.name : inspect(error);
  throw new AssertionError({
    actual: error,
    expected: null,
    operator: "ifError",
    message: `ifError got unwanted exception: ${shown}`,
    stackStartFn: ifError,
  });
}

// ------------------------------------------------------------------ what a function throws
function fits(actual, expected, message, start) {
  if (typeof expected !== "function") {
    if (types.isRegExp(expected)) return matchesPattern(actual, expected, message, start);
    return matchesObject(actual, expected, message, start);
  }
  if (expected.prototype !== undefined && actual instanceof expected) return;
  if (Object.prototype.isPrototypeOf.call(Error, expected) || expected === Error) {
    const text = `The error is expected to be an instance of "${expected.name}". Received ${actual?.constructor?.name ? `"${actual.constructor.name}"` : `"${inspect(actual, { depth: -1 })}"`}`;
    return refuse(
      actual,
      expected,
      message ?? (actual instanceof Error ? `${text}\n\nError message:\n\n${actual.message}` : text),
      start.name,
      start,
      message === undefined,
    );
  }
  const result = Reflect.apply(expected, {}, [actual]);
  if (result === true) return;
  const name = expected.name ? `"${expected.name}" ` : "";
  refuse(
    actual,
    expected,
    message ??
      `The ${name}validation function is expected to return "true". Received ${inspect(result)}\n\nCaught error:\n\n${actual}`,
    start.name,
    start,
    message === undefined,
  );
}

function matchesPattern(actual, pattern, message, start) {
  if (pattern.test(String(actual))) return;
  const text = `The input did not match the regular expression ${inspect(pattern)}. Input:\n\n${inspect(String(actual))}\n`;
  refuse(actual, pattern, message ?? text, start.name, start, message === undefined);
}

function matchesObject(actual, expected, message, start) {
  if (actual === null || (typeof actual !== "object" && typeof actual !== "function"))
    return refuse(actual, expected, message, start.name, start);
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push("name", "message");
  for (const key of keys) {
    const isText = typeof actual[key] === "string" && types.isRegExp(expected[key]) && expected[key].test(actual[key]);
    if (isText || (key in actual && isDeepStrictEqual(actual[key], expected[key]))) continue;
    const pick = (value) => Object.fromEntries(keys.filter((name) => name in value).map((name) => [name, value[name]]));
    refuse(
      actual,
      expected,
      message ?? describe(pick(actual), pick(expected), "deepStrictEqual"),
      start.name,
      start,
      message === undefined,
    );
  }
}

function checkExpected(expected, message) {
  if (expected === undefined || typeof expected === "function" || (typeof expected === "object" && expected !== null)) return;
  if (typeof expected !== "string") throw invalidArgType("error", ["function", "Object", "Error", "RegExp"], expected);
  if (message !== undefined) throw invalidArgType("error", ["Object", "Error", "function", "RegExp"], expected);
}

function expectThrown(start, caught, expected, message) {
  checkExpected(expected, message);
  const [wanted, text] = typeof expected === "string" ? [undefined, expected] : [expected, message];
  if (caught === undefined) {
    const name = wanted?.name ? ` (${wanted.name})` : "";
    const kind = start === rejects ? "rejection" : "exception";
    return refuse(
      undefined,
      wanted,
      text instanceof Error ? text : `Missing expected ${kind}${name}${text ? `: ${text}` : "."}`,
      start.name,
      start,
    );
  }
  if (wanted !== undefined) fits(caught.error, wanted, text, start);
}

function expectNone(start, caught, expected, message) {
  if (caught === undefined) return;
  const [wanted, text] = typeof expected === "string" ? [undefined, expected] : [expected, message];
  const isMeant =
    wanted === undefined || (types.isRegExp(wanted) ? wanted.test(String(caught.error)) : caught.error instanceof wanted);
  if (!isMeant) throw caught.error;
  const kind = start === doesNotReject ? "rejection" : "exception";
  refuse(
    caught.error,
    wanted,
    `Got unwanted ${kind}${text ? `: ${text}` : "."}\nActual message: "${caught.error?.message}"`,
    start.name,
    start,
  );
}

function caughtFrom(fn) {
  checkFunction(fn, "fn");
  try {
    fn();
  } catch (error) {
    return { error };
  }
}

async function rejectionOf(source) {
  let promise = source;
  if (typeof source === "function") {
    promise = source();
    if (typeof promise?.then !== "function")
      throw coded(
        TypeError,
        "ERR_INVALID_RETURN_VALUE",
        `Expected instance of Promise to be returned from the "promiseFn" function but got ${typeof promise}.`,
      );
  } else if (typeof source?.then !== "function") {
    throw invalidArgType("promiseFn", ["function", "Promise"], source);
  }
  try {
    await promise;
  } catch (error) {
    return { error };
  }
}

function throws(fn, expected, message) {
  expectThrown(throws, caughtFrom(fn), expected, message);
}
function doesNotThrow(fn, expected, message) {
  expectNone(doesNotThrow, caughtFrom(fn), expected, message);
}
async function rejects(promise, expected, message) {
  expectThrown(rejects, await rejectionOf(promise), expected, message);
}
async function doesNotReject(promise, expected, message) {
  expectNone(doesNotReject, await rejectionOf(promise), expected, message);
}

function pattern(text, regexp, message, wanted, start) {
  if (!types.isRegExp(regexp)) throw invalidArgType("regexp", "RegExp", regexp);
  if (typeof text === "string" && (regexp.exec(text) !== null) === wanted) return;
  const what =
    typeof text !== "string"
      ? `The "string" argument must be of type string. Received type ${typeof text} (${inspect(text)})`
      : `The input ${wanted ? "did not match" : "was expected to not match"} the regular expression ${inspect(regexp)}. Input:\n\n${inspect(text)}\n`;
  const error = new AssertionError({
    actual: text,
    expected: regexp,
    message: message instanceof Error ? undefined : (message ?? what),
    operator: start.name,
    stackStartFn: start,
  });
  error.generatedMessage = message === undefined;
  throw message instanceof Error ? message : error;
}
function match(text, regexp, message) {
  pattern(text, regexp, message, true, match);
}
function doesNotMatch(text, regexp, message) {
  pattern(text, regexp, message, false, doesNotMatch);
}

Object.assign(assert, {
  AssertionError,
  deepEqual,
  deepStrictEqual,
  doesNotMatch,
  doesNotReject,
  doesNotThrow,
  equal,
  fail,
  ifError,
  match,
  notDeepEqual,
  notDeepStrictEqual,
  notEqual,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
  throws,
});

function strict(...args) {
  check(strict, args);
}
assert.strict = Object.assign(strict, assert, {
  equal: strictEqual,
  deepEqual: deepStrictEqual,
  notEqual: notStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
strict.strict = strict;

export { strict };
export default assert;
