// FileSystemWritableFileStream: content on its way, which takes its place when the stream is closed. Nothing is buffered here: a write is
// answered when the host has it.
import { host, type Opened, PIECE } from "./host";
import {
  after,
  attempt,
  bytesOf,
  eachChunk,
  fail,
  isBlob,
  isObject,
  own,
  p,
  sdk,
  sizeOf,
  streams,
  typeError,
  web,
} from "./platform";

/** One file on its way. */
class Sink {
  readonly #path: string;
  readonly #id: number;
  #position = 0;
  #size: number;

  constructor(path: string, opened: Opened) {
    this.#path = path;
    this.#id = opened.id;
    this.#size = opened.size;
  }

  /** One chunk of the stream: content, or an order. */
  take(chunk: unknown): Promise<void> {
    const done = attempt<void>(() => (isOrder(chunk) ? this.#order(chunk) : this.#write(chunk)));
    // A stream that failed is neither closed nor aborted any more: what it had of the host is given back here.
    const failed = (error: unknown) => {
      const rethrow = () => {
        throw error;
      };
      return after(this.end(false), rethrow, rethrow);
    };
    return after(done, () => undefined, failed);
  }

  #order(order: Record<string, unknown>): unknown {
    switch (`${order.type}`) {
      case "write": {
        if (order.data === undefined || order.data === null) fail("SyntaxError", "write: there is no data");
        if (order.position !== undefined && order.position !== null) this.#position = position(order.position, "position");
        return this.#write(order.data);
      }
      case "seek":
        if (order.position === undefined || order.position === null) fail("SyntaxError", "seek: there is no position");
        this.#position = position(order.position, "position");
        return undefined;
      case "truncate":
        if (order.size === undefined || order.size === null) fail("SyntaxError", "truncate: there is no size");
        return this.#truncate(position(order.size, "size"));
      default:
        return typeError(`'${order.type}' is not a type of write`);
    }
  }

  #truncate(size: number): unknown {
    return after(host("truncate", this.#path, this.#id, size), () => {
      this.#size = size;
      if (this.#position > size) this.#position = size;
    });
  }

  #write(data: unknown): unknown {
    if (isBlob(data)) return eachChunk(streams().blobStream(data), (bytes) => this.#put(bytes));
    const bytes = bytesOf(data);
    return this.#put(bytes ?? web.utf8Encode(`${data as string}`));
  }

  /** Piece by piece; each is copied when it is sent, so that nobody changes what is on its way. */
  #put(bytes: Uint8Array<ArrayBuffer>): unknown {
    const size = sizeOf(bytes);
    const piece = size <= PIECE ? bytes : p.typedArraySubarray(bytes, 0, PIECE);
    const sent = sizeOf(piece);
    if (sent === 0) return undefined;
    return after(host("pwrite", this.#path, this.#id, this.#position, piece), () => {
      this.#position += sent;
      if (this.#position > this.#size) this.#size = this.#position;
      return sent < size ? this.#put(p.typedArraySubarray(bytes, sent, size)) : undefined;
    });
  }

  end(keep: boolean): Promise<void> {
    return host("close", this.#path, this.#id, keep);
  }
}

function isOrder(chunk: unknown): chunk is Record<string, unknown> {
  return isObject(chunk) && typeof chunk !== "function" && !isBlob(chunk) && bytesOf(chunk) === undefined && "type" in chunk;
}

/** `unsigned long long`. */
function position(value: unknown, what: string): number {
  const number = p.trunc(+(value as number));
  if (!(number >= 0 && number <= 2 ** 53 - 1)) typeError(`${what} is not a position in a file`);
  return number + 0;
}

interface Methods {
  getWriter(stream: object): object;
  write(writer: object, chunk: unknown): Promise<void>;
  release(writer: object): void;
}

let methods: Methods;
const key = {};
const sinks = { of: (_stream: object): Sink => typeError("Illegal invocation") };

/** Written through the stream's own queue, so that orders and content keep their turn. */
function through(stream: object, chunk: unknown): Promise<void> {
  return attempt(() => {
    sinks.of(stream);
    const writer = methods.getWriter(stream);
    const written = methods.write(writer, chunk);
    methods.release(writer);
    return written;
  });
}

function makeClass(Base: new (sink: object, strategy?: object) => object) {
  class FileSystemWritableFileStream extends Base {
    readonly #sink: Sink;
    static {
      sinks.of = (stream) => (#sink in stream ? stream.#sink : typeError("Illegal invocation"));
    }
    constructor(sink: Sink | undefined = undefined, given: unknown = undefined) {
      if (given !== key) typeError("Illegal constructor");
      const file = sink as Sink;
      super({
        __proto__: null,
        write: (chunk: unknown) => own(file.take(chunk)),
        close: () => own(file.end(true)),
        abort: () => own(file.end(false)),
      });
      this.#sink = file;
    }
    write(data: unknown): Promise<void> {
      if (arguments.length === 0) return attempt(() => typeError("FileSystemWritableFileStream.write: 1 argument required."));
      return through(this, data);
    }
    seek(at: unknown): Promise<void> {
      return attempt(() => through(this, { __proto__: null, type: "seek", position: position(at, "position") }));
    }
    truncate(size: unknown): Promise<void> {
      return attempt(() => through(this, { __proto__: null, type: "truncate", size: position(size, "size") }));
    }
  }
  return FileSystemWritableFileStream;
}

let Class: ReturnType<typeof makeClass>;

export function installWritable(): void {
  const { uncurry } = p;
  Class = makeClass(web.WritableStream);
  const getWriter = uncurry(web.WritableStream.prototype.getWriter);
  const writer = getWriter(new web.WritableStream());
  methods = { getWriter, write: uncurry(writer.write), release: uncurry(writer.releaseLock) };
  sdk.exposeInterface(Class, "FileSystemWritableFileStream");
}

export function openWritable(path: string, keep: boolean, exclusive: boolean): Promise<object> {
  const opening = host<Opened>("open", path, keep ? "keep" : "replace", exclusive);
  return after(opening, (opened) => new Class(new Sink(path, opened as Opened), key));
}
