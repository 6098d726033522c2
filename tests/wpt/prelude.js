// What the server of web-platform-tests and a browser would provide to a test: a location, and `fetch` of files of the
// checkout. The same text runs in every runtime that is measured, before testharness.js. `wpt` is filled by the driver:
// `read(path)` answers the bytes of a file as a Promise, `search` is the variant, `path` the test's own.
(() => {
  const { wpt } = globalThis;
  const origin = "http://web-platform.test:8000";
  const page = `${origin}/${wpt.path.replace(/\.js$/, ".html")}`;
  globalThis.self ??= globalThis;
  globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  // How idlharness.js tells which interfaces have to be there; runtimes without a name for their global go as a window.
  if (!("Window" in globalThis)) {
    const { constructor } = Object.getPrototypeOf(globalThis);
    Object.defineProperty(globalThis, "Window", { value: constructor, configurable: true, writable: true });
  }
  const location = {
    href: page + wpt.search,
    origin,
    protocol: "http:",
    host: "web-platform.test:8000",
    hostname: "web-platform.test",
    port: "8000",
    pathname: new URL(page).pathname,
    search: wpt.search,
    hash: "",
    toString: () => page + wpt.search,
  };
  Object.defineProperty(globalThis, "location", { value: location, configurable: true, writable: true });
  const original = globalThis.fetch;
  // A file of the checkout; anything else is the runtime's own business.
  globalThis.fetch = function fetch(input, init) {
    if (typeof input !== "string" || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(input)) return original.call(this, input, init);
    const { pathname } = new URL(input, page);
    return wpt.read(pathname.slice(1)).then((bytes) => new Response(bytes));
  };
  // In a shell, testharness.js takes the end of the first turn for the end of loading. Scripts may come in several turns.
  const { resolve } = Promise;
  Promise.resolve = () => {
    Promise.resolve = resolve;
    return { then: (run) => (wpt.loaded = run) };
  };
})();
