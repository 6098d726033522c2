// FileHandle: an open file, by its number on the host.
import { type Facts, type Opened, PIECE } from "../host";
import { after, attempt, bytesOf, isObject, p, sizeOf, web } from "../platform";
import { eachPiece, gather } from "./content";
import { argumentError, ask, type Call, nodeError } from "./errors";
import { modeOf } from "./flags";
import { Stats } from "./stats";
import { buffer, checkSignal, decoded, encoded, integer, type Options, options, pathOf } from "./values";

interface State {
  readonly path: string;
  id: number;
  position: number;
  closing: unknown;
}

const token = {};
let stateOf: (handle: object) => State;
export let isFileHandle: (value: unknown) => value is FileHandle;

const call = (state: State, syscall: string): Call => {
  if (state.id < 0) throw nodeError("EBADF", { syscall });
  return { syscall };
};

export class FileHandle {
  readonly #state: State;
  static {
    stateOf = (handle) => {
      if (#state in handle) return handle.#state;
      throw argumentError("ERR_INVALID_THIS", "not a FileHandle");
    };
    isFileHandle = (value): value is FileHandle => typeof value === "object" && value !== null && #state in value;
  }
  constructor(state: State | undefined = undefined, key: unknown = undefined) {
    if (key !== token) throw new p.TypeError("Illegal constructor");
    this.#state = state as State;
  }
  get fd(): number {
    return stateOf(this).id;
  }
  read(target: unknown = undefined, offset: unknown = undefined, length: unknown = undefined, position: unknown = undefined) {
    return attempt(() => {
      const given = readArguments(target, offset, length, position);
      return readInto(stateOf(this), given);
    });
  }
  write(data: unknown, offset: unknown = undefined, length: unknown = undefined, position: unknown = undefined) {
    return attempt(() => {
      const state = stateOf(this);
      if (typeof data === "string") {
        // write(text, position, encoding)
        const bytes = encoded(data, length);
        return after(put(state, bytes, optional(offset)), (bytesWritten) => ({ bytesWritten, buffer: data }));
      }
      const whole = bytesOf(data);
      if (whole === undefined) throw argumentError("ERR_INVALID_ARG_TYPE", 'The "buffer" argument must be a string or bytes.');
      const bag: Options = isObject(offset) ? (offset as Options) : { offset, length, position };
      const from = integer(bag.offset, "offset", 0);
      const count = integer(bag.length, "length", sizeOf(whole) - from);
      if (from + count > sizeOf(whole)) throw outOfRange("length");
      const bytes = p.typedArraySubarray(whole, from, from + count);
      return after(put(state, bytes, optional(bag.position)), (bytesWritten) => ({ bytesWritten, buffer: data }));
    });
  }
  readFile(given: unknown = undefined) {
    return attempt(() => {
      const { encoding } = options(given);
      const state = stateOf(this);
      return after(readRest(state), (bytes) => decoded(bytes as Uint8Array<ArrayBuffer>, encoding));
    });
  }
  writeFile(data: unknown, given: unknown = undefined) {
    return attempt(() => {
      const bag = options(given);
      const state = stateOf(this);
      checkSignal(bag);
      return eachPiece(data, bag, (bytes) => put(state, bytes, null));
    });
  }
  appendFile(data: unknown, given: unknown = undefined) {
    return this.writeFile(data, given);
  }
  stat(given: unknown = undefined) {
    return attempt(() => {
      const state = stateOf(this);
      const big = options(given).bigint === true;
      return after(ask<Facts>(call(state, "fstat"), "fstat", state.path, state.id), (facts) => new Stats(facts as Facts, big));
    });
  }
  truncate(size: unknown = 0) {
    return attempt(() => {
      const state = stateOf(this);
      return ask(call(state, "ftruncate"), "truncate", state.path, state.id, integer(size, "len", 0));
    });
  }
  utimes(atime: unknown, mtime: unknown) {
    return attempt(() => {
      const state = stateOf(this);
      return ask(call(state, "futime"), "times", state.path, state.id, milliseconds(atime), milliseconds(mtime));
    });
  }
  sync() {
    return attempt(() => {
      const state = stateOf(this);
      return ask(call(state, "fsync"), "sync", state.path, state.id);
    });
  }
  datasync() {
    return this.sync();
  }
  readableWebStream() {
    const state = stateOf(this);
    call(state, "read");
    const pull = (controller: {
      enqueue(chunk: unknown): void;
      close(): void;
      byobRequest: { respond(n: number): void } | null;
    }) =>
      after(ask<Uint8Array>(call(state, "read"), "pread", state.path, state.id, state.position, PIECE / 4), (bytes) => {
        const size = sizeOf(bytes as Uint8Array);
        state.position += size;
        if (size > 0) return controller.enqueue(bytes);
        controller.close();
        controller.byobRequest?.respond(0);
      });
    return new web.ReadableStream({ __proto__: null, type: "bytes", pull }, { __proto__: null, highWaterMark: 0 });
  }
  close() {
    return attempt(() => {
      const state = stateOf(this);
      const { id } = state;
      if (id >= 0) {
        state.id = -1;
        state.closing = ask({ syscall: "close" }, "close", state.path, id, true);
      }
      return state.closing;
    });
  }
}

interface Reading {
  readonly target: unknown;
  readonly offset: number;
  readonly length: number;
  readonly position: number | null;
}

const outOfRange = (name: string): Error => {
  const error = new p.RangeError(`The value of "${name}" is out of range.`);
  p.define(error, "code", "ERR_OUT_OF_RANGE", 7);
  return error;
};

const optional = (value: unknown): number | null =>
  value === undefined || value === null || value === -1 ? null : integer(value, "position", 0);

/** `read(buffer, offset, length, position)`, `read(buffer, options)` or `read(options)`. */
function readArguments(target: unknown, offset: unknown, length: unknown, position: unknown): Reading {
  let bag: Options = { offset, length, position };
  let into = target;
  if (bytesOf(target) === undefined) {
    bag = options(target);
    into = bag.buffer ?? buffer(new p.Uint8Array(16384));
  } else if (isObject(offset)) bag = offset as Options;
  const bytes = bytesOf(into);
  if (bytes === undefined)
    throw argumentError("ERR_INVALID_ARG_TYPE", 'The "buffer" argument must be an instance of Buffer or bytes.');
  const from = integer(bag.offset, "offset", 0);
  if (from > sizeOf(bytes)) throw outOfRange("offset");
  const count = integer(bag.length, "length", sizeOf(bytes) - from);
  if (from + count > sizeOf(bytes)) throw outOfRange("length");
  return { target: into, offset: from, length: count, position: optional(bag.position) };
}

function readInto(state: State, { target, offset, length, position }: Reading): unknown {
  const at = position ?? state.position;
  const answer = (bytesRead: number) => ({ bytesRead, buffer: target });
  if (length === 0) return answer(0);
  const count = length > PIECE ? PIECE : length;
  return after(ask<Uint8Array<ArrayBuffer>>(call(state, "read"), "pread", state.path, state.id, at, count), (bytes) => {
    const found = bytes as Uint8Array<ArrayBuffer>;
    const into = bytesOf(target);
    // The buffer may have been transferred meanwhile.
    if (into === undefined || sizeOf(into) < offset + sizeOf(found)) throw outOfRange("buffer");
    p.typedArraySet(into, found, offset);
    if (position === null) state.position += sizeOf(found);
    return answer(sizeOf(found));
  });
}

/** Piece by piece; the number of bytes. */
function put(state: State, bytes: Uint8Array<ArrayBuffer>, position: number | null): Promise<number> {
  const step = (done: number): unknown => {
    const size = sizeOf(bytes);
    if (done >= size && size > 0) return done;
    const piece = p.typedArraySubarray(bytes, done, size - done > PIECE ? done + PIECE : size);
    const at = position === null ? state.position : position + done;
    return after(ask<number>(call(state, "write"), "pwrite", state.path, state.id, at, piece), () => {
      if (position === null) state.position += sizeOf(piece);
      return size === 0 ? 0 : step(done + sizeOf(piece));
    });
  };
  return attempt(() => step(0));
}

function readRest(state: State): Promise<Uint8Array<ArrayBuffer>> {
  return gather(() =>
    after(ask<Uint8Array<ArrayBuffer>>(call(state, "read"), "pread", state.path, state.id, state.position, PIECE), (bytes) => {
      state.position += sizeOf(bytes as Uint8Array);
      return bytes;
    }),
  );
}

/** Seconds as a number or text, or a Date, as milliseconds. */
export function milliseconds(time: unknown): number {
  const value = isObject(time) ? p.dateGetTime(time) : +(time as number) * 1000;
  if (!p.isFinite(value))
    throw argumentError("ERR_INVALID_ARG_TYPE", 'The "time" argument must be a number, a string or a Date.');
  return value < 0 ? 0 : p.trunc(value);
}

export function openHandle(path: unknown, flags: unknown): Promise<FileHandle> {
  return attempt(() => {
    const at = pathOf(path);
    const mode = modeOf(flags, "r");
    return after(ask<Opened>({ syscall: "open", path: at }, "open", at, mode, false), (opened) => {
      const { id } = opened as Opened;
      return new FileHandle({ path: at, id, position: 0, closing: undefined }, token);
    });
  });
}

export function prepareFileHandle(): void {
  const { prototype } = FileHandle;
  const { asyncDispose } = p.Symbol as unknown as { asyncDispose?: symbol };
  if (asyncDispose !== undefined) p.define(prototype, asyncDispose, prototype.close);
  p.define(prototype, p.toStringTagSymbol, "FileHandle", 4);
}
