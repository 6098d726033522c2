// What undici's web classes use of its core/util.js, which needs the whole of Node.js.
const { Buffer, isDisturbed, queueMicrotask, ReadableStream } = require("isolate-host:lent");

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const NOT_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

const standard = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const normalizedMethodRecordsBase = { __proto__: null };
for (const name of standard) normalizedMethodRecordsBase[name.toLowerCase()] = normalizedMethodRecordsBase[name] = name;

function ReadableStreamFrom(iterable) {
  let iterator;
  return new ReadableStream({
    type: "bytes",
    start() {
      iterator = iterable[Symbol.asyncIterator]();
    },
    async pull(controller) {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) {
          return queueMicrotask(() => {
            controller.close();
            controller.byobRequest?.respond(0);
          });
        }
        const bytes = Buffer.from(value);
        if (bytes.byteLength > 0) return controller.enqueue(new Uint8Array(bytes));
      }
    },
    cancel(reason) {
      return iterator.return?.(reason);
    },
  });
}

module.exports = {
  kEnumerableProperty: { __proto__: null, enumerable: true },
  normalizedMethodRecordsBase,
  normalizedMethodRecords: { __proto__: null, ...normalizedMethodRecordsBase, patch: "patch", PATCH: "PATCH" },
  isDisturbed,
  isValidHTTPToken: (text) => TOKEN.test(text),
  isValidHeaderValue: (text) => !NOT_IN_HEADER.test(text),
  bufferToLowerCasedHeaderName: (bytes) => bytes.toString("latin1").toLowerCase(),
  ReadableStreamFrom,
  addAbortListener(signal, listener) {
    signal.addEventListener("abort", listener, { once: true });
    return () => signal.removeEventListener("abort", listener);
  },
};
