// node:zlib on pako: deflate, raw deflate and gzip, at once or as streams. Brotli needs code that is not here.
import { Deflate as Deflater, Inflate as Inflater } from "pako";
import Stream from "readable-stream/lib/stream.js";
import { Buffer } from "./buffer.mjs";
import { coded, invalidArgType } from "./errors.mjs";
import { nextTick } from "./ticks.mjs";
import { codes, constants } from "./zlib_constants.mjs";

const { Transform } = Stream;
const FINISH = 4;
/** Node's window sizes: zlib as it is, raw negative, gzip +16, either +32. */
const KINDS = {
  Deflate: [Deflater, (bits) => bits],
  DeflateRaw: [Deflater, (bits) => -bits],
  Gzip: [Deflater, (bits) => bits + 16],
  Inflate: [Inflater, (bits) => bits],
  InflateRaw: [Inflater, (bits) => -bits],
  Gunzip: [Inflater, (bits) => bits + 16],
  Unzip: [Inflater, (bits) => bits + 32],
};

function failure(number, message) {
  const name = codes[number] ?? "Z_DATA_ERROR";
  return Object.assign(coded(Error, name, message || name), { errno: number });
}

function engine(kind, options = {}) {
  const [Engine, windowOf] = KINDS[kind];
  const bits = options.windowBits || 15;
  const settings = {
    level: options.level,
    memLevel: options.memLevel,
    strategy: options.strategy,
    dictionary: options.dictionary,
    chunkSize: options.chunkSize,
  };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return new Engine({ ...given, windowBits: windowOf(bits) });
}

function toBytes(data) {
  if (typeof data === "string") return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw invalidArgType("buffer", ["string", "Buffer", "TypedArray", "DataView", "ArrayBuffer"], data);
}

function runAll(kind, data, options = {}) {
  const machine = engine(kind, options);
  const most = options.maxOutputLength ?? Infinity;
  const parts = [];
  let size = 0;
  machine.onData = (part) => {
    size += part.length;
    if (size > most) throw coded(RangeError, "ERR_BUFFER_TOO_LARGE", `Cannot create a Buffer larger than ${most} bytes`);
    parts.push(Buffer.from(part));
  };
  machine.push(toBytes(data), options.finishFlush ?? FINISH);
  if (machine.err) throw failure(machine.err, machine.msg || machine.strm.msg);
  if (!machine.ended && KINDS[kind][0] === Inflater && (options.finishFlush ?? FINISH) === FINISH)
    throw failure(-5, "unexpected end of file");
  return Buffer.concat(parts);
}

function streamClass(kind) {
  const made = {
    [kind]: class extends Transform {
      #machine;
      constructor(options = {}) {
        super(options);
        this.bytesWritten = 0;
        this.#machine = engine(kind, options);
        this.#machine.onData = (part) => this.push(Buffer.from(part));
      }
      #feed(bytes, flush, callback) {
        const machine = this.#machine;
        if (!machine.ended) machine.push(bytes, flush);
        callback(machine.err ? failure(machine.err, machine.msg || machine.strm.msg) : null);
      }
      _transform(chunk, _encoding, callback) {
        const bytes = toBytes(chunk);
        this.bytesWritten += bytes.length;
        this.#feed(bytes, 0, callback);
      }
      _flush(callback) {
        this.#feed(new Uint8Array(0), FINISH, (error) => {
          const isShort = !error && KINDS[kind][0] === Inflater && !this.#machine.ended && this.bytesWritten > 0;
          callback(isShort ? failure(-5, "unexpected end of file") : error);
        });
      }
      flush(kindOrCallback, callback) {
        const done = typeof kindOrCallback === "function" ? kindOrCallback : callback;
        this.#feed(new Uint8Array(0), typeof kindOrCallback === "number" ? kindOrCallback : 3, () => done && nextTick(done));
      }
      close(callback) {
        if (callback) nextTick(callback);
        this.destroy();
      }
    },
  }[kind];
  return callable(made);
}

/** Node's classes can be called without `new`. */
function callable(made) {
  return new Proxy(made, { apply: (target, _self, args) => new target(...args) });
}

const TABLE = new Int32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? -306674912 ^ (c >>> 1) : c >>> 1;
  return c;
});
function crc32(data, value = 0) {
  let crc = ~value;
  for (const byte of toBytes(data)) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

const lower = (kind) => kind[0].toLowerCase() + kind.slice(1);
/** To be called, or constructed. */
const noBrotli = (name) =>
  function Closed() {
    throw coded(
      Error,
      "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
      `zlib.${name} is not available: Brotli is not part of this runtime; use gzip`,
    );
  };

const exported = { crc32, constants, codes };
for (const kind of Object.keys(KINDS)) {
  const name = lower(kind);
  exported[kind] = streamClass(kind);
  exported[`create${kind}`] = (options) => new exported[kind](options);
  exported[`${name}Sync`] = (data, options) => runAll(kind, data, options);
  exported[name] = (data, options, callback) => {
    const done = typeof options === "function" ? options : callback;
    const bytes = toBytes(data);
    nextTick(() => {
      let result;
      try {
        result = runAll(kind, bytes, typeof options === "function" ? {} : options);
      } catch (error) {
        return done(error);
      }
      done(null, result);
    });
  };
}
for (const name of [
  "brotliCompress",
  "brotliCompressSync",
  "brotliDecompress",
  "brotliDecompressSync",
  "BrotliCompress",
  "BrotliDecompress",
  "createBrotliCompress",
  "createBrotliDecompress",
])
  exported[name] = noBrotli(name);

export default exported;
