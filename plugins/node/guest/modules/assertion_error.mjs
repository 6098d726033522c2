// AssertionError, and how it tells what differs.
import { inspect } from "./inspect.mjs";

const HEADS = {
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  strictEqual: "Expected values to be strictly equal:",
  deepEqual: "Expected values to be loosely deep-equal:",
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notIdentical: "Values have same structure but are not reference-equal:",
};
const OPTIONS = {
  compact: false,
  customInspect: false,
  depth: 1000,
  maxArrayLength: Infinity,
  showHidden: false,
  showProxy: false,
  sorted: true,
  getters: true,
};
const SHORT = 12;
/** Lines beyond which the cost of a comparison would matter. */
const MOST_LINES = 1000;

const show = (value) => inspect(value, OPTIONS);

/** The longest common subsequence, as lines with `+`, `-` or nothing before them. */
function lineDiff(actual, expected) {
  const [a, b] = [actual.slice(0, MOST_LINES), expected.slice(0, MOST_LINES)];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i++]}`);
      j++;
    } else if (i < a.length && (j >= b.length || lengths[i + 1][j] >= lengths[i][j + 1])) {
      lines.push(`+ ${a[i++]}`);
    } else {
      lines.push(`- ${b[j++]}`);
    }
  }
  return lines;
}

export function describe(actual, expected, operator, message) {
  const [left, right] = [show(actual).split("\n"), show(expected).split("\n")];
  const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
  if (left.length === 1 && right.length === 1 && left[0] !== right[0]) {
    const isShort = left[0].length + right[0].length <= SHORT;
    if (isShort && !isObject(actual) && !isObject(expected) && (actual !== 0 || expected !== 0))
      return `${message ?? HEADS[operator]}\n\n${left[0]} !== ${right[0]}\n`;
  }
  if (left.join("\n") === right.join("\n")) return `${HEADS.notIdentical}\n\n${left.join("\n")}\n`;
  const key = operator === "strictEqual" && isObject(actual) && isObject(expected) ? "strictEqualObject" : operator;
  return `${message ?? HEADS[key]}\n+ actual - expected\n\n${lineDiff(left, right).join("\n")}`;
}

function generated(actual, expected, operator) {
  if (operator === "deepStrictEqual" || operator === "strictEqual") return describe(actual, expected, operator);
  if (operator === "notDeepStrictEqual" || operator === "notStrictEqual") {
    const shown = show(actual);
    const isObject =
      operator === "notStrictEqual" && ((typeof actual === "object" && actual !== null) || typeof actual === "function");
    const head = isObject ? HEADS.notStrictEqualObject : HEADS[operator];
    return shown.includes("\n") ? `${head}\n\n${shown}\n` : `${head}${shown.length > 5 ? "\n\n" : " "}${shown}`;
  }
  const [left, right] = [inspect(actual), inspect(expected)];
  if (operator === "deepEqual") return `${HEADS.deepEqual}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  if (operator === "notDeepEqual") return `${HEADS.notDeepEqual}\n\n${left}\n\nshould not loosely deep-equal\n\n${right}`;
  return `${left} ${operator} ${right}`;
}

/** A message of the caller's own still comes with what differs. */
function textOf(message, actual, expected, operator) {
  if (message == null) return generated(actual, expected, operator);
  const differs = operator === "strictEqual" || operator === "deepStrictEqual";
  return differs ? describe(actual, expected, operator, String(message)) : String(message);
}

export class AssertionError extends Error {
  constructor(options) {
    if (options === null || typeof options !== "object") throw new TypeError('The "options" argument must be of type object.');
    const { message, operator, actual, expected, stackStartFn, stackStartFunction } = options;
    super(textOf(message, actual, expected, operator));
    this.generatedMessage = !message;
    Object.defineProperty(this, "name", { value: "AssertionError", enumerable: false, writable: true, configurable: true });
    Object.assign(this, { code: "ERR_ASSERTION", actual, expected, operator });
    Error.captureStackTrace?.(this, stackStartFn ?? stackStartFunction);
  }
  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
  [Symbol.for("nodejs.util.inspect.custom")](_depth, options) {
    return inspect(this, { ...options, customInspect: false, depth: 0 });
  }
}
