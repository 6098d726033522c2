// How `toThrow` shows the error that it received. Stacks are short already: frames of the framework are not in them.
const separateMessageFromStack = (content) => {
  const text = `${content}`;
  const start = text.search(/\n {4}at /);
  return start < 0 ? { message: text, stack: "" } : { message: text.slice(0, start), stack: text.slice(start + 1) };
};
const formatStackTrace = (stack) => `\n${stack}`;
const formatExecError = (error) => `${error?.stack ?? error}`;
module.exports = { formatExecError, formatStackTrace, separateMessageFromStack };
