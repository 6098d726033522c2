// How libraries written for Node.js and browsers get into a bundle that has neither: their `node:` modules are small
// stand-ins, their globals are lent by the kernel, and what would show on a guest's objects is moved out of sight. Each
// change of a library's text fails loudly when that text is no longer there.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withPrimordials } from "./primordials.mjs";
import { withPrivateState } from "./private_state.mjs";
import { upToDate } from "./url_pattern.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const lent = (names) => `const { ${names} } = require("isolate-host:lent");\n`;

const FETCH_GLOBALS =
  "AbortController, AbortSignal, Blob, Buffer, DOMException, File, MessagePort, ReadableStream, TextDecoder, TextEncoder, URL, URLSearchParams, queueMicrotask";

/** A request keeps its own controller alive, without showing it. */
const HIDDEN_CONTROLLER = ["this[kAbortController] = ac", "controllers.set(this, ac)"];

/** The stream of a body that is here as a whole is made when somebody asks for it: most of them are never read as streams. */
const LAZY_STREAM = [
  ["  let stream = null\n", "  let stream = null\n  let open = null\n"],
  ["    stream = new ReadableStream({\n      start () {},", "    open = () => stream = new ReadableStream({\n      start () {},"],
  [
    "  assert(webidl.is.ReadableStream(stream))\n",
    "  if (open !== null && typeof object !== 'string' && !webidl.is.BufferSource(object)) stream = open()\n",
  ],
  ["  const body = { stream, source, length }\n", "  const body = new HeldBody(stream, open, source, length)\n"],
  // What nobody has looked at as a stream is neither locked nor read, can be copied, and is read at once.
  ["  return body != null && (body.stream.locked", "  return body != null && !body.untouched && (body.stream.locked"],
  [
    "  return {\n    stream: out2,\n    length: body.length,\n    source: body.source\n  }\n",
    "  return new HeldBody(out2, null, body.source, body.length)\n",
  ],
  ["function cloneBody (body) {\n", "function cloneBody (body) {\n  if (body.untouched) return extractBody(body.source)[0]\n"],
  [
    "  fullyReadBody(object.body, successSteps, errorSteps)\n",
    `  if (!object.body.untouched) fullyReadBody(object.body, successSteps, errorSteps)
  else {
    const source = object.body.consume()
    try {
      promise.resolve(readAtOnce(source, convertBytesToJSValue))
    } catch (e) {
      errorSteps(e)
    }
  }
`,
  ],
  [
    "function noop () {}\n",
    `function noop () {}

/** A class and not an object with getters: each of those would be a hidden class of its own, which lives until the next full collection. */
class HeldBody {
  #stream
  #open
  constructor (stream, open, source, length) {
    this.#stream = stream
    this.#open = open
    this.source = source
    this.length = length
  }
  get stream () { return (this.#stream ??= (0, this.#open)()) }
  set stream (value) { this.#stream = value }
  get untouched () { return this.#stream === null && this.#open !== usedStream }
  consume () {
    this.#open = usedStream
    return this.source
  }
}

/** Text need not become bytes to be text. */
function readAtOnce (source, convert) {
  const isText = convert === utf8DecodeBytes
  if (!isText && convert !== parseJSONFromBytes) return convert(Buffer.from(source))
  if (typeof source !== 'string') return convert(source)
  const text = source.charCodeAt(0) === 0xFEFF ? source.slice(1) : source
  return isText ? text : JSON.parse(text)
}
`,
  ],
];

const BODY_USED = [
  "!!this.#state.body && util.isDisturbed(",
  "!!this.#state.body && this.#state.body.untouched !== true && util.isDisturbed(",
];
/** A response that nobody reads gives its stream up, where there is one. */
const NOT_CANCELLED = [
  [
    "if (this.#state.urlList.length !== 0 && this.#state.body?.stream",
    "if (this.#state.urlList.length !== 0 && this.#state.body?.untouched !== true && this.#state.body?.stream",
  ],
  [
    "if (innerResponse.urlList.length !== 0 && innerResponse.body?.stream",
    "if (innerResponse.urlList.length !== 0 && innerResponse.body?.untouched !== true && innerResponse.body?.stream",
  ],
];

/** JSON text is well-formed, so it need not become bytes at once. */
const JSON_TEXT = [
  "textEncoder.encode(\n      serializeJavascriptValueToJSONString(data)\n    )",
  "serializeJavascriptValueToJSONString(data)",
];

/** Path of a library's file → [what is put before it, replacements]. */
const CHANGES = [
  [/whatwg-url\/lib\/encoding\.js$/, lent("TextEncoder, TextDecoder"), []],
  [
    /whatwg-url\/lib\/URL-impl\.js$/,
    "",
    [
      ['require("./URLSearchParams")', 'require("isolate-host:query-factory")'],
      ['require("./URL")', "{}"],
    ],
  ],
  [
    /undici\/lib\/web\/fetch\/request\.js$/,
    `${lent(FETCH_GLOBALS)}const controllers = new WeakMap();\n`,
    [HIDDEN_CONTROLLER, BODY_USED],
  ],
  [/undici\/lib\/web\/fetch\/body\.js$/, lent(`${FETCH_GLOBALS}, usedStream`), LAZY_STREAM],
  [/undici\/lib\/web\/fetch\/response\.js$/, lent(FETCH_GLOBALS), [JSON_TEXT, BODY_USED, ...NOT_CANCELLED]],
  [/undici\/lib\/(web\/(fetch|webidl|infra)|encoding)\/[a-z-]+\.js$/, lent(FETCH_GLOBALS), []],
];

/** pipeTo() writes a chunk that it waited for in a later microtask, never within the call that enqueues it. */
const WRITE_AT_ONCE = "_chunkSteps(t){this._state._currentWrite=f(Yt(this._state._writer,t),void 0,e),this._resolvePromise(!1)}";
const WRITE_LATER =
  "_chunkSteps(t){this._state._currentWrite=u(r=>y(()=>{f(f(Yt(this._state._writer,t),void 0,e),r),this._resolvePromise(!1)}))}";

function streamsLibrary(path) {
  const text = readFileSync(path, "utf8");
  if (!text.includes(WRITE_AT_ONCE)) throw new Error("web-streams-polyfill: the write of pipeTo() was not found");
  return withPrivateState(text.replace(WRITE_AT_ONCE, WRITE_LATER));
}

/** Modules replaced as a whole. */
const REPLACED = {
  "../../core/util": "undici_util.cjs",
  "../../util/runtime-features": "runtime_features.cjs",
  "../../util/runtime-features.js": "runtime_features.cjs",
};

function edited(path) {
  const [, before, replacements] = CHANGES.find(([pattern]) => pattern.test(path)) ?? [null, "", []];
  let text = readFileSync(path, "utf8");
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${path}: '${from}' was not found`);
    text = text.replace(from, to);
  }
  return before + text;
}

export const librariesPlugin = {
  name: "libraries",
  setup(build) {
    build.onResolve({ filter: /^isolate-host:(buffer|lent|query-factory|safe)$/ }, (args) => ({
      path: join(here, `${args.path.slice("isolate-host:".length).replace("-", "_")}.cjs`),
    }));
    build.onResolve({ filter: /^node:/ }, (args) => {
      const path = join(here, "node", `${args.path.slice(5).replace("/", "_")}.cjs`);
      if (!existsSync(path)) throw new Error(`${args.importer} needs ${args.path}`);
      return { path };
    });
    build.onResolve({ filter: /^\.\.\/\.\.\/(core\/util|util\/runtime-features(\.js)?)$/ }, (args) =>
      /\/undici\/lib\//.test(args.importer) ? { path: join(here, REPLACED[args.path]) } : undefined,
    );
    const onLoad = (filter, textOf) =>
      build.onLoad({ filter }, ({ path }) => ({ contents: withPrimordials(textOf(path), path), loader: "js" }));
    onLoad(/urlpattern-polyfill[\\/]dist[\\/]urlpattern\.js$/, (path) => {
      const text = upToDate(readFileSync(path, "utf8"));
      return `import lent from "isolate-host:lent";\nconst { URL } = lent;\n${text}`;
    });
    onLoad(/web-streams-polyfill[\\/]dist[\\/]ponyfill\.mjs$/, (path) => {
      const text = streamsLibrary(path);
      return `import { AbortController, queueMicrotask } from "isolate-host:lent";\n${text}`;
    });
    // The library of `inspect`, which inspectPlugin has taken already, captures built-ins itself.
    onLoad(/[\\/]node_modules[\\/].*\.[cm]?js$/, edited);
    onLoad(/[\\/]libraries[\\/](node[\\/]|undici_util|query_factory|buffer)[^\\/]*\.cjs$/, edited);
  },
};
