// Runs right after testharness.js: collects what it reports, and ends a test that never ends.
(() => {
  const { wpt } = globalThis;
  const text = (value) => `${value ?? ""}`.toWellFormed().slice(0, 500);
  wpt.finished = new Promise((resolve) => {
    add_completion_callback((tests, status) => {
      const rows = tests.map((test) => [`${test.name}`.toWellFormed(), test.status, test.status === 0 ? "" : text(test.message)]);
      resolve(JSON.stringify({ status: status.status, message: text(status.message), tests: rows }));
    });
  });
  setTimeout(timeout, wpt.seconds * 1000);
})();
