// What INTERPRETING.md of test262 asks of a host, for our guests and for Node.js alike. The completion value is `run`.
(() => {
  const lines = [];
  let printed = () => {};
  const hide = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  hide("print", (line) => {
    lines.push(String(line));
    printed();
  });
  // A rejection that nobody handles is no failure for the suite.
  globalThis.addEventListener?.("unhandledrejection", (event) => event.preventDefault());
  hide("$262", { global: globalThis, evalScript: (text) => (0, eval)(text), gc() {} });
  const MARK = "Test262:AsyncTest";
  const verdict = () => lines.find((line) => line.startsWith(MARK));

  async function asynchronous(seconds) {
    if (verdict() === undefined) {
      await new Promise((done) => {
        printed = () => verdict() !== undefined && done();
        setTimeout(done, seconds * 1000);
      });
    }
    const line = verdict();
    if (line === undefined) return "the test did not say that it was complete";
    return line === `${MARK}Complete` ? "" : line;
  }

  const nameOf = (error) => error?.constructor?.name ?? typeof error;

  /** `start` evaluates the test; the answer is "" for a pass, else what is wrong. */
  globalThis.test262Run = async (start, { isAsync, negative, seconds }) => {
    try {
      await start();
    } catch (error) {
      if (negative === null) return `${nameOf(error)}: ${error?.message ?? error}`.slice(0, 400);
      return nameOf(error) === negative[1] ? "" : `expected ${negative[1]}, got ${nameOf(error)}: ${error?.message ?? error}`.slice(0, 400);
    }
    if (negative !== null) return `expected ${negative[1]} in phase ${negative[0]}`;
    return isAsync ? asynchronous(seconds) : "";
  };
  hide("test262Run", globalThis.test262Run);
})();
