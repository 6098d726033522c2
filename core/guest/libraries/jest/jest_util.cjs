// The functions of jest-util that `expect` and `jest-mock` call; the rest of it belongs to Jest's runner on Node.js.
const isPromise = (value) => value !== null && (typeof value === "object" || typeof value === "function") && typeof value.then === "function";
class ErrorWithStack extends Error {
  constructor(message, callsite) {
    super(message);
    Error.captureStackTrace(this, callsite);
  }
}
const pluralize = (word, count, ending = "s") => `${count} ${word}${count === 1 ? "" : ending}`;
module.exports = { ErrorWithStack, isPromise, pluralize };
