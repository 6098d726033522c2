// Streams of Node as web streams and the other way round, with backpressure in both directions.
import { abortError, invalidArgType } from "./errors.mjs";

const isObjectMode = (stream, side) => stream[`${side}ObjectMode`] === true;
const early = () => Object.assign(new Error("Premature close"), { code: "ERR_STREAM_PREMATURE_CLOSE" });

export function readableToWeb(stream, options = {}) {
  if (typeof stream?.on !== "function") throw invalidArgType("streamReadable", "stream.Readable", stream);
  const objects = isObjectMode(stream, "readable");
  const highWaterMark = stream.readableHighWaterMark;
  const strategy =
    options.strategy ??
    (objects ? new CountQueuingStrategy({ highWaterMark }) : new ByteLengthQueuingStrategy({ highWaterMark }));
  let isOver = false;
  stream.pause();
  return new ReadableStream(
    {
      start(controller) {
        const end = (act) => {
          if (isOver) return;
          isOver = true;
          act();
        };
        stream.on("data", (chunk) => {
          if (isOver) return;
          const value = objects || typeof chunk === "string" ? chunk : new Uint8Array(chunk);
          controller.enqueue(value);
          if (controller.desiredSize <= 0) stream.pause();
        });
        stream.on("end", () => end(() => controller.close()));
        stream.on("error", (error) => end(() => controller.error(error)));
        stream.on("close", () => end(() => controller.error(early())));
        stream.pause();
      },
      pull() {
        stream.resume();
      },
      cancel(reason) {
        isOver = true;
        stream.on("error", () => {});
        stream.destroy(reason);
      },
    },
    strategy,
  );
}

export function readableFromWeb(Readable, source, options = {}) {
  if (typeof source?.getReader !== "function") throw invalidArgType("readableStream", "ReadableStream", source);
  const reader = source.getReader();
  let isOver = false;
  const stream = new Readable({
    ...options,
    read() {
      reader.read().then(
        ({ done, value }) => {
          isOver ||= done;
          stream.push(done ? null : value);
        },
        (error) => {
          isOver = true;
          stream.destroy(error);
        },
      );
    },
    destroy(error, callback) {
      if (isOver) return callback(error);
      isOver = true;
      reader.cancel(error).then(
        () => callback(error),
        () => callback(error),
      );
    },
  });
  return stream;
}

const after = (act) =>
  new Promise((resolve, reject) => {
    act((error) => (error ? reject(error) : resolve()));
  });

export function writableToWeb(stream) {
  if (typeof stream?.write !== "function") throw invalidArgType("streamWritable", "stream.Writable", stream);
  const highWaterMark = stream.writableHighWaterMark;
  const strategy = isObjectMode(stream, "writable")
    ? new CountQueuingStrategy({ highWaterMark })
    : new ByteLengthQueuingStrategy({ highWaterMark });
  let isClosing = false;
  return new WritableStream(
    {
      start(controller) {
        stream.on("error", (error) => controller.error(error));
        stream.on("close", () => {
          if (!isClosing) controller.error(abortError());
        });
      },
      write(chunk) {
        if (stream.writableNeedDrain || !stream.write(chunk))
          return new Promise((resolve, reject) => {
            const done = (act) => (value) => {
              stream.off("drain", onDrain);
              stream.off("error", onError);
              act(value);
            };
            const onDrain = done(resolve);
            const onError = done(reject);
            stream.on("drain", onDrain);
            stream.on("error", onError);
          });
      },
      close() {
        isClosing = true;
        return after((callback) => {
          stream.once("error", callback);
          stream.end(() => callback());
        });
      },
      abort(reason) {
        isClosing = true;
        stream.destroy(reason);
      },
    },
    strategy,
  );
}

export function writableFromWeb(Writable, sink, options = {}) {
  if (typeof sink?.getWriter !== "function") throw invalidArgType("writableStream", "WritableStream", sink);
  const writer = sink.getWriter();
  let isClosed = false;
  const settle = (promise, callback) =>
    promise.then(
      () => callback(),
      (error) => callback(error ?? new Error("The stream failed")),
    );
  const stream = new Writable({
    ...options,
    write(chunk, _encoding, callback) {
      settle(
        writer.ready.then(() => writer.write(chunk)),
        callback,
      );
    },
    final(callback) {
      isClosed = true;
      settle(writer.close(), callback);
    },
    destroy(error, callback) {
      if (isClosed) return callback(error);
      isClosed = true;
      settle(writer.abort(error), () => callback(error));
    },
  });
  writer.closed.catch((error) => {
    isClosed = true;
    stream.destroy(error);
  });
  return stream;
}

export function duplexToWeb(stream) {
  return { readable: readableToWeb(stream), writable: writableToWeb(stream) };
}

export function duplexFromWeb(Duplex, pair, options = {}) {
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  const stream = new Duplex({
    ...options,
    read() {
      reader.read().then(
        ({ done, value }) => stream.push(done ? null : value),
        (error) => stream.destroy(error),
      );
    },
    write(chunk, _encoding, callback) {
      writer.ready.then(() => writer.write(chunk)).then(() => callback(), callback);
    },
    final(callback) {
      writer.close().then(() => callback(), callback);
    },
    destroy(error, callback) {
      const ends = [reader.cancel(error), writer.abort(error ?? abortError())].map((end) => end.catch(() => {}));
      Promise.all(ends).then(() => callback(error));
    },
  });
  writer.closed.catch((error) => stream.destroy(error));
  return stream;
}
