// Patches each built-in in turn with one that throws, uses the web platform, and puts it back. The completion value is a
// promise of what broke: {patch: {scenario: why}}. Whatever the scenarios themselves use is taken before.
(() => {
  const {
    AbortController, Blob, CompressionStream, DecompressionStream, DOMException, Event, EventTarget, fetch, FormData, Headers, MessageChannel, Object, Promise,
    ReadableStream, Reflect, Request, Response, setTimeout, clearTimeout, String, structuredClone, TextDecoder, TextEncoder, TransformStream, Uint8Array, URL, URLPattern, URLSearchParams,
    WritableStream,
  } = globalThis;
  const bytes = { shiftJis: new Uint8Array([0x83, 0x65]), utf16: new Uint8Array([65, 0]), parts: ["ab", new Uint8Array([99])], chunks: Array.from({ length: 2000 }, () => new Uint8Array([1, 2])), next: 0 };

  const scenarios = {
    async stream() {
      const source = new ReadableStream({ start(c) { c.enqueue("a"); c.enqueue("b"); c.close(); } });
      const reader = source.pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x + x); } })).getReader();
      let out = "";
      for (let step = await reader.read(); !step.done; step = await reader.read()) out += step.value;
      return out;
    },
    async byob() {
      const source = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(bytes.chunks[bytes.next++]); c.close(); } });
      const { value } = await source.getReader({ mode: "byob" }).read(new Uint8Array(8));
      return `${value.length}`;
    },
    async tee() {
      const branches = new ReadableStream({ start(c) { c.enqueue(1); c.close(); } }).tee();
      const first = await branches[0].getReader().read(), second = await branches[1].getReader().read();
      return `${first.value}${second.value}`;
    },
    async writable() {
      let got = "";
      const writer = new WritableStream({ write(x) { got += x; } }).getWriter();
      await writer.write("q");
      await writer.close();
      return got;
    },
    async request() {
      const request = new Request("http://a.example/p?x=1", { method: "POST", body: "hello", headers: { "X-A": "1" } });
      return request.method + request.url + request.headers.get("x-a") + (await request.clone().text());
    },
    async response() {
      const response = new Response('{"a":1}', { status: 201, headers: { "content-type": "application/json" } });
      const { a } = await response.json();
      return `${response.status}${a}`;
    },
    headers() {
      const headers = new Headers({ b: "2", a: "1" });
      headers.append("a", "3");
      headers.set("c", "4");
      headers.delete("b");
      return headers.get("a") + headers.has("b");
    },
    async formData() {
      const form = new FormData();
      form.append("a", "1");
      form.set("b", "2");
      const text = await new Response(form).text();
      return form.get("a") + form.has("b") + (text.length > 50);
    },
    async multipart() {
      const body = '--X\r\nContent-Disposition: form-data; name="k"\r\n\r\nv\r\n--X--\r\n';
      return (await new Response(body, { headers: { "content-type": "multipart/form-data; boundary=X" } }).formData()).get("k");
    },
    async urlencoded() {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return (await new Response("a=1&b=2", { headers }).formData()).get("b") + (await new Response(new URLSearchParams("x=y z")).text());
    },
    url() {
      const url = new URL("../b?c=d#e", "http://user:pw@exämple.com:8080/a/x");
      url.searchParams.append("k", "v w");
      url.port = "81";
      return url.href + URL.canParse("http://[::1]/") + new URL("http://0x7f.1/").host;
    },
    pattern: () => new URLPattern({ pathname: "/a/:id(\\d+)" }).exec("http://x/a/12").pathname.groups.id,
    encoding: () => new TextDecoder("shift_jis").decode(bytes.shiftJis) + new TextDecoder("utf-16le").decode(bytes.utf16) + new TextEncoder().encode("é").length,
    blob: () => new Blob(bytes.parts, { type: "text/plain" }).slice(1).text(),
    async compression() {
      const compressed = new Response("hello hello hello").body.pipeThrough(new CompressionStream("gzip"));
      return new Response(compressed.pipeThrough(new DecompressionStream("gzip"))).text();
    },
    clone: () => `${structuredClone({ a: [1, { b: 2 }] }).a.length}`,
    fetchData: async () => (await fetch("data:text/plain;base64,aGk=")).text(),
    abort() {
      const controller = new AbortController();
      let heard = "";
      controller.signal.addEventListener("abort", () => { heard = "x"; });
      controller.abort();
      return heard + controller.signal.aborted;
    },
    message() {
      const { port1, port2 } = new MessageChannel();
      return new Promise((done) => {
        port2.onmessage = (event) => { port1.close(); done(event.data); };
        port1.postMessage("hi");
      });
    },
    event() {
      const target = new EventTarget();
      let heard = "";
      target.addEventListener("q", (event) => { heard = event.type; });
      target.dispatchEvent(new Event("q"));
      return heard + new DOMException("m", "AbortError").code;
    },
  };

  const { getPrototypeOf, ownKeys, getOwnPropertyDescriptor, defineProperty, apply } = Reflect;
  const { then } = Promise.prototype;
  const { iterator } = Symbol;
  // What a broken scenario leaves behind is told by its outcome.
  addEventListener("unhandledrejection", (event) => event.preventDefault());
  const typed = getPrototypeOf(Uint8Array.prototype);
  const holders = {
    Atomics, Math, JSON, Reflect, Object, Array, String, Number, Promise, Map, Date, Symbol, ArrayBuffer, BigInt, Error,
    "Array.prototype": Array.prototype, "Map.prototype": Map.prototype, "Set.prototype": Set.prototype, "WeakMap.prototype": WeakMap.prototype,
    "WeakSet.prototype": WeakSet.prototype, "WeakRef.prototype": WeakRef.prototype, "FinalizationRegistry.prototype": FinalizationRegistry.prototype,
    "Promise.prototype": Promise.prototype, "String.prototype": String.prototype, "Number.prototype": Number.prototype, "Boolean.prototype": Boolean.prototype,
    "Symbol.prototype": Symbol.prototype, "BigInt.prototype": BigInt.prototype, "RegExp.prototype": RegExp.prototype, "Function.prototype": Function.prototype,
    "Object.prototype": Object.prototype, "Error.prototype": Error.prototype, "Date.prototype": Date.prototype, "ArrayBuffer.prototype": ArrayBuffer.prototype,
    "DataView.prototype": DataView.prototype, "TypedArray.prototype": typed, TypedArray: getPrototypeOf(Uint8Array), "ArrayIterator.prototype": getPrototypeOf([][iterator]()),
    "MapIterator.prototype": getPrototypeOf(new Map()[iterator]()), "SetIterator.prototype": getPrototypeOf(new Set()[iterator]()),
    "StringIterator.prototype": getPrototypeOf(""[iterator]()), "Generator.prototype": getPrototypeOf(getPrototypeOf((function* () {})())),
    globalThis,
  };
  const boom = function () { throw new Error("patched"); };
  const patches = [];
  for (const name of Object.keys(holders)) {
    for (const key of ownKeys(holders[name])) {
      const before = getOwnPropertyDescriptor(holders[name], key);
      if (typeof before.value !== "function" || !before.configurable || key === "constructor") continue;
      patches[patches.length] = { name: `${name}.${String(key)}`, holder: holders[name], key, before };
    }
  }

  const isPromise = (value) => typeof value === "object" && getPrototypeOf(value) === Promise.prototype;
  const outcome = (name) =>
    new Promise((done) => {
      const timer = setTimeout(done, 2000, "never settled");
      const end = (value) => { clearTimeout(timer); done(value); };
      try {
        const value = scenarios[name]();
        if (isPromise(value)) apply(then, value, [end, (error) => end(error?.stack ?? `${error}`)]);
        else end(value);
      } catch (error) {
        end(error?.stack ?? `${error}`);
      }
    });

  return async (only) => {
    const names = Object.keys(scenarios);
    const expected = { __proto__: null };
    const broken = {};
    for (let i = 0; i < names.length; i++) expected[names[i]] = await outcome(names[i]);
    for (let p = 0; p < patches.length; p++) {
      const { before, holder, key, name } = patches[p];
      if (only !== undefined && name !== only) continue;
      for (let i = 0; i < names.length; i++) {
        defineProperty(holder, key, { __proto__: null, value: boom, writable: true, enumerable: before.enumerable, configurable: true });
        const result = await outcome(names[i]);
        before.__proto__ = null;
        defineProperty(holder, key, before);
        if (result !== expected[names[i]]) (broken[name] ??= {})[names[i]] = result;
      }
    }
    return { count: patches.length, expected: { ...expected }, broken };
  };
})();
