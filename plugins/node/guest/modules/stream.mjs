// node:stream: the streams of Node as a package, and the ways to web streams and back.
import Stream from "readable-stream/lib/stream.js";
import {
  duplexFromWeb,
  duplexToWeb,
  readableFromWeb,
  readableToWeb,
  writableFromWeb,
  writableToWeb,
} from "./stream_web_adapters.mjs";

const { Readable, Writable, Duplex } = Stream;
Readable.fromWeb = (stream, options) => readableFromWeb(Readable, stream, options);
Readable.toWeb = (stream, options) => readableToWeb(stream, options);
Writable.fromWeb = (stream, options) => writableFromWeb(Writable, stream, options);
Writable.toWeb = (stream) => writableToWeb(stream);
Duplex.fromWeb = (pair, options) => duplexFromWeb(Duplex, pair, options);
Duplex.toWeb = (stream) => duplexToWeb(stream);

export default Stream;
