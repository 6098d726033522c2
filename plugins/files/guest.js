"use strict";
(() => {
  // ../../plugins/files/guest/platform.ts
  var p;
  var web;
  var sdk;
  var nativeThen;
  function lend(given) {
    sdk = given;
    p = given.primordials;
    web = given.web;
    nativeThen = p.Promise.prototype.then;
  }
  function domError(name, message, cause) {
    const error = new web.DOMException(message, name);
    if (cause !== void 0) p.define(error, "cause", cause);
    return error;
  }
  function fail(name, message) {
    throw domError(name, message);
  }
  function typeError(message) {
    throw new p.TypeError(message);
  }
  function needArguments(count, needed, where) {
    if (count < needed) typeError(`${where}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${count} present.`);
  }
  function isObject(value) {
    return typeof value === "object" && value !== null || typeof value === "function";
  }
  function dictionary(value, where) {
    if (value === void 0 || value === null) return p.create(null);
    if (!isObject(value)) typeError(`${where}: the options must be an object.`);
    return value;
  }
  function after(promise, step, onError) {
    return new p.Promise((resolve, reject) => {
      const run = (handler) => (value) => {
        try {
          p.settleWith(handler(value), resolve, reject);
        } catch (error) {
          reject(error);
        }
      };
      p.settleWith(promise, run(step), onError === void 0 ? reject : run(onError));
    });
  }
  function own(promise) {
    p.define(promise, "then", nativeThen);
    return promise;
  }
  function attempt(work) {
    return after(void 0, work);
  }
  function lastly(promise, work) {
    return after(
      promise,
      (value) => after(work(), () => value),
      (reason) => after(work(), () => {
        throw reason;
      })
    );
  }
  function repeat(step) {
    return after(attempt(step), (more) => more === false ? void 0 : repeat(step));
  }
  function bytesOf(value) {
    if (typeof value !== "object" || value === null) return void 0;
    if (p.typedArrayKind(value) !== void 0) {
      return new p.Uint8Array(p.typedArrayBuffer(value), p.typedArrayOffset(value), p.typedArrayByteLength(value));
    }
    try {
      p.arrayBufferByteLength(value);
      return new p.Uint8Array(value);
    } catch {
    }
    try {
      return new p.Uint8Array(p.dataViewBuffer(value), p.dataViewOffset(value), p.dataViewByteLength(value));
    } catch {
      return void 0;
    }
  }
  var sizeOf = (bytes) => p.typedArrayByteLength(bytes);
  function isInstance(Class2, value) {
    const { isPrototypeOf } = p;
    return isPrototypeOf(Class2.prototype, value);
  }
  var isBlob = (value) => isInstance(web.Blob, value);
  function eachChunk(stream, take) {
    const reader = streams().getReader(stream);
    return repeat(
      () => after(streams().read(reader), (result2) => {
        const { done, value } = result2;
        if (done) return false;
        const bytes = bytesOf(value);
        if (bytes === void 0) typeError("a chunk is neither text nor bytes");
        return after(take(bytes), () => true);
      })
    );
  }
  var readers;
  function streams() {
    return readers;
  }
  function captureReaders() {
    const { getter, uncurry } = p;
    const getReader = uncurry(web.ReadableStream.prototype.getReader);
    const reader = getReader(new web.ReadableStream());
    readers = {
      getReader,
      read: uncurry(reader.read),
      cancel: uncurry(reader.cancel),
      blobStream: uncurry(web.Blob.prototype.stream),
      blobSize: getter(web.Blob.prototype, "size"),
      blobBytes: uncurry(web.Blob.prototype.arrayBuffer)
    };
  }
  function push(items, item) {
    p.define(items, items.length, item, 7);
  }

  // ../../plugins/files/guest/node/constants.ts
  var constants = {
    __proto__: null,
    F_OK: 0,
    X_OK: 1,
    W_OK: 2,
    R_OK: 4,
    COPYFILE_EXCL: 1,
    COPYFILE_FICLONE: 2,
    COPYFILE_FICLONE_FORCE: 4,
    O_RDONLY: 0,
    O_WRONLY: 1,
    O_RDWR: 2,
    O_CREAT: 64,
    O_EXCL: 128,
    O_TRUNC: 512,
    O_APPEND: 1024,
    O_SYNC: 1052672,
    S_IFMT: 61440,
    S_IFREG: 32768,
    S_IFDIR: 16384,
    S_IFLNK: 40960
  };

  // ../../plugins/files/guest/failures.ts
  var NAMES = {
    __proto__: null,
    ENOENT: "NotFoundError",
    ENOTDIR: "TypeMismatchError",
    EISDIR: "TypeMismatchError",
    ENOTEMPTY: "InvalidModificationError",
    EEXIST: "InvalidModificationError",
    EXDEV: "InvalidModificationError",
    EINVAL: "InvalidModificationError",
    EBUSY: "NoModificationAllowedError",
    EROFS: "NoModificationAllowedError",
    EPERM: "NotAllowedError",
    EACCES: "NotAllowedError",
    ELOOP: "NotFoundError",
    ENAMETOOLONG: "NotFoundError",
    ENOSPC: "QuotaExceededError",
    EDQUOT: "QuotaExceededError",
    EFBIG: "QuotaExceededError",
    ESTALE: "NotReadableError",
    EIO: "NotReadableError",
    EBADF: "InvalidStateError",
    "policy-denied": "NotAllowedError",
    "limit-exceeded": "QuotaExceededError"
  };
  var codeOf = (error) => {
    const { code } = typeof error === "object" && error !== null && p.hasOwn(error, "code") ? error : {};
    return typeof code === "string" ? code : "";
  };
  function domFailure(error) {
    const name = NAMES[codeOf(error)];
    if (name === void 0) return error;
    const { message, stack } = error;
    const failure = domError(name, typeof message === "string" ? message : "", error);
    describe(failure, error, name, stack);
    return failure;
  }
  function describe(failure, error, name, stack) {
    const frames = typeof stack === "string" ? p.stringIndexOf(stack, "\n    at ") : -1;
    const { message } = failure;
    p.define(failure, "stack", `${name}: ${message}${frames < 0 ? "" : p.stringSlice(stack, frames)}`);
    if (p.hasOwn(error, "isolateHost")) p.define(failure, "isolateHost", error.isolateHost, 7);
  }

  // ../../plugins/files/guest/host.ts
  var PIECE = 1024 * 1024;
  var refuse = (error) => {
    throw domFailure(error);
  };
  var answer = (value) => value ?? void 0;
  function host(op, ...args) {
    return after(sdk.callArray(op, args), answer, refuse);
  }

  // ../../plugins/files/guest/node/errors.ts
  var TEXTS = {
    __proto__: null,
    EPERM: [1, "operation not permitted"],
    ENOENT: [2, "no such file or directory"],
    EIO: [5, "i/o error"],
    E2BIG: [7, "argument list too long"],
    EBADF: [9, "bad file descriptor"],
    EAGAIN: [11, "resource temporarily unavailable"],
    EACCES: [13, "permission denied"],
    EBUSY: [16, "resource busy or locked"],
    EEXIST: [17, "file already exists"],
    EXDEV: [18, "cross-device link not permitted"],
    ENOTDIR: [20, "not a directory"],
    EISDIR: [21, "illegal operation on a directory"],
    EINVAL: [22, "invalid argument"],
    EMFILE: [24, "too many open files"],
    EFBIG: [27, "file too large"],
    ENOSPC: [28, "no space left on device"],
    EROFS: [30, "read-only file system"],
    ENAMETOOLONG: [36, "name too long"],
    ENOSYS: [38, "function not implemented"],
    ENOTEMPTY: [39, "directory not empty"],
    ELOOP: [40, "too many symbolic links encountered"],
    ENOTSUP: [95, "operation not supported on socket"],
    ESTALE: [116, "the file was changed meanwhile"],
    EDQUOT: [122, "quota exceeded"]
  };
  var LIMITS = {
    __proto__: null,
    files_bytes: "EDQUOT",
    files_count: "EDQUOT",
    files_file_size: "EFBIG",
    files_open: "EMFILE"
  };
  function codeFor(error) {
    const code = codeOf(error);
    if (code === "policy-denied") return "EACCES";
    if (code !== "limit-exceeded") return code;
    const told = error.isolateHost;
    return LIMITS[`${told?.kind}`] ?? "EAGAIN";
  }
  function nodeError(code, { syscall, path, dest }, cause) {
    const known2 = TEXTS[code];
    let message = `${code}: ${known2 === void 0 ? "unknown error" : known2[1]}`;
    const host2 = cause;
    if (host2 !== void 0 && p.hasOwn(host2, "isolateHost")) message += ` (${host2.message})`;
    message += `, ${syscall}`;
    if (path !== void 0) message += ` '${path}'`;
    if (dest !== void 0) message += ` -> '${dest}'`;
    const error = new p.Error(message);
    p.define(error, "errno", known2 === void 0 ? -1 : -known2[0], 7);
    p.define(error, "code", code, 7);
    p.define(error, "syscall", syscall, 7);
    if (path !== void 0) p.define(error, "path", path, 7);
    if (dest !== void 0) p.define(error, "dest", dest, 7);
    if (host2 !== void 0) {
      p.define(error, "cause", host2);
      describe(error, host2, "Error", host2.stack);
    }
    return error;
  }
  function argumentError(code, message) {
    const error = new p.TypeError(message);
    p.define(error, "code", code, 7);
    return error;
  }
  function ask(call2, op, ...args) {
    return after(sdk.callArray(op, args), answer, (error) => {
      throw translated(error, call2);
    });
  }
  function translated(error, call2) {
    const code = codeFor(error);
    return code === "" || !(code in TEXTS) ? error : nodeError(code, call2, error);
  }

  // ../../plugins/files/guest/paths.ts
  function absolute(path) {
    return normal(path[0] === "/" ? path : `${sdk.cwd}/${path}`);
  }
  function normal(path) {
    const names = [];
    let climbs = "";
    let from = 0;
    while (from <= path.length) {
      const at = p.stringIndexOf(path, "/", from);
      const end = at < 0 ? path.length : at;
      const name = p.stringSlice(path, from, end);
      from = end + 1;
      if (name === "" || name === ".") continue;
      if (name !== "..") p.define(names, names.length, name, 7);
      else if (names.length > 0) names.length--;
      else climbs += "/..";
    }
    let result2 = climbs;
    for (let i = 0; i < names.length; i++) result2 += `/${names[i]}`;
    return result2 === "" ? "/" : result2;
  }
  var join = (folder, name) => folder === "/" ? `/${name}` : `${folder}/${name}`;
  function nameOf(path) {
    return p.stringSlice(path, p.stringLastIndexOf(path, "/") + 1);
  }
  function folderOf(path) {
    const at = p.stringLastIndexOf(path, "/");
    return at <= 0 ? "/" : p.stringSlice(path, 0, at);
  }
  var isName = (name) => name !== "" && name !== "." && name !== ".." && !p.stringIncludes(name, "/") && !p.stringIncludes(name, "\0");

  // ../../plugins/files/guest/node/values.ts
  function pathOf(value, name = "path") {
    if (typeof value === "string") return checked(value, name);
    if (isObject(value)) {
      const bytes = bytesOf(value);
      if (bytes !== void 0) return checked(web.utf8Decode(bytes), name);
      if (isInstance(web.URL, value)) return fromURL(value);
    }
    throw argumentError("ERR_INVALID_ARG_TYPE", `The "${name}" argument must be of type string or an instance of Buffer or URL.`);
  }
  function checked(path, name) {
    if (p.stringIncludes(path, "\0")) {
      throw argumentError(
        "ERR_INVALID_ARG_VALUE",
        `The argument '${name}' must be a string, Uint8Array, or URL without null bytes.`
      );
    }
    if (path === "") return "";
    return absolute(path);
  }
  function fromURL(url) {
    const { protocol, pathname } = url;
    if (protocol !== "file:") throw argumentError("ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
    const { decodeURIComponent } = captured;
    return checked(decodeURIComponent(pathname), "path");
  }
  var captured = { decodeURIComponent: globalThis.decodeURIComponent };
  function options(value) {
    if (value === void 0 || value === null) return p.create(null);
    if (typeof value === "string") return { __proto__: null, encoding: value };
    if (isObject(value) && typeof value !== "function") return value;
    throw argumentError("ERR_INVALID_ARG_TYPE", 'The "options" argument must be of type string or an instance of Object.');
  }
  function checkSignal(given) {
    const signal = given.signal;
    if (!signal?.aborted) return;
    const error = new p.Error("The operation was aborted");
    p.define(error, "name", "AbortError");
    p.define(error, "code", "ABORT_ERR", 7);
    p.define(error, "cause", signal.reason);
    throw error;
  }
  function bufferClass() {
    return sdk.findModule("node:buffer")?.Buffer;
  }
  var UTF8 = { __proto__: null, utf8: true, "utf-8": true };
  function buffer(bytes) {
    const Buffer = bufferClass();
    if (Buffer === void 0) return bytes;
    return Buffer.from(p.typedArrayBuffer(bytes), p.typedArrayOffset(bytes), p.typedArrayByteLength(bytes));
  }
  function decoded(bytes, encoding) {
    if (encoding === void 0 || encoding === null || encoding === "buffer") return buffer(bytes);
    if (UTF8[p.stringToLowerCase(`${encoding}`)] && bytes[0] !== 239) return web.utf8Decode(bytes);
    return buffer(bytes).toString(known(encoding));
  }
  function encoded(text, encoding) {
    const name = p.stringToLowerCase(`${encoding ?? "utf8"}`);
    if (UTF8[name]) return web.utf8Encode(text);
    const Buffer = bufferClass();
    if (Buffer === void 0) throw unknownEncoding(encoding);
    return Buffer.from(text, known(encoding));
  }
  function known(encoding) {
    const Buffer = bufferClass();
    const name = `${encoding}`;
    if (Buffer === void 0 ? !UTF8[p.stringToLowerCase(name)] : !Buffer.isEncoding(name)) throw unknownEncoding(encoding);
    return name;
  }
  var unknownEncoding = (encoding) => argumentError("ERR_INVALID_ARG_VALUE", `The argument 'encoding' is invalid encoding. Received '${encoding}'`);
  function integer(value, name, otherwise) {
    if (value === void 0 || value === null) return otherwise;
    const number = typeof value === "bigint" ? p.Number(value) : value;
    if (typeof number !== "number") throw argumentError("ERR_INVALID_ARG_TYPE", `The "${name}" argument must be of type number.`);
    if (!p.isInteger(number) || number < 0 || number > 2 ** 53 - 1) {
      const error = new p.RangeError(`The value of "${name}" is out of range. Received ${number}`);
      p.define(error, "code", "ERR_OUT_OF_RANGE", 7);
      throw error;
    }
    return number;
  }

  // ../../plugins/files/guest/node/content.ts
  function gather(next) {
    const pieces = [];
    let size = 0;
    const more = repeat(
      () => after(next(), (bytes) => {
        const count = sizeOf(bytes);
        if (count === 0) return false;
        push(pieces, bytes);
        size += count;
        return true;
      })
    );
    return after(more, () => joined(pieces, size));
  }
  function joined(pieces, size) {
    if (pieces.length === 1) return pieces[0];
    const whole = new p.Uint8Array(size);
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      p.typedArraySet(whole, pieces[i], at);
      at += sizeOf(pieces[i]);
    }
    return whole;
  }
  function gatherStream(stream) {
    const reader = streams().getReader(stream);
    const empty = new p.Uint8Array(0);
    return gather(
      () => after(streams().read(reader), (result2) => {
        const { done, value } = result2;
        return done ? empty : value;
      })
    );
  }
  function bytesOfData(data, encoding) {
    return typeof data === "string" ? encoded(data, encoding) : bytesOf(data);
  }
  function eachPiece(data, given, take) {
    return attempt(() => {
      const bytes = bytesOfData(data, given.encoding);
      if (bytes !== void 0) return after(take(bytes), () => void 0);
      if (isBlob(data)) return eachChunk(streams().blobStream(data), take);
      if (isInstance(web.ReadableStream, data)) return eachChunk(data, take);
      return eachItem(data, given, take);
    });
  }
  function eachItem(data, given, take) {
    const source = data;
    const open = isObject(data) ? source[p.asyncIteratorSymbol] ?? source[p.iteratorSymbol] : void 0;
    if (typeof open !== "function") {
      throw argumentError(
        "ERR_INVALID_ARG_TYPE",
        'The "data" argument must be of type string or an instance of Buffer, TypedArray, DataView, Iterable or a stream.'
      );
    }
    const iterator = p.apply(open, data, []);
    return repeat(
      () => after(iterator.next(), (result2) => {
        const { done, value } = result2;
        if (done) return false;
        checkSignal(given);
        const bytes = bytesOfData(value, given.encoding);
        if (bytes === void 0) throw argumentError("ERR_INVALID_ARG_TYPE", "The chunk must be text or bytes.");
        return after(take(bytes), () => true);
      })
    );
  }

  // ../../plugins/files/guest/node/flags.ts
  var MODES = {
    __proto__: null,
    r: "r",
    rs: "r",
    sr: "r",
    "r+": "r+",
    "rs+": "r+",
    "sr+": "r+",
    w: "w",
    wx: "wx",
    xw: "wx",
    "w+": "w+",
    "wx+": "wx+",
    "xw+": "wx+",
    a: "a",
    ax: "ax",
    xa: "ax",
    as: "a",
    sa: "a",
    "a+": "a+",
    "ax+": "ax+",
    "xa+": "ax+",
    "as+": "a+",
    "sa+": "a+"
  };
  function modeOf(flags, otherwise) {
    if (flags === void 0 || flags === null) return otherwise;
    const mode = typeof flags === "number" ? numeric(flags) : MODES[`${flags}`];
    if (mode === void 0) throw argumentError("ERR_INVALID_ARG_VALUE", `The argument 'flags' is invalid. Received '${flags}'`);
    return mode;
  }
  function numeric(flags) {
    const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } = constants;
    const both = (flags & O_RDWR) !== 0;
    if (!both && (flags & O_WRONLY) === 0) return "r";
    const exclusive = (flags & O_EXCL) !== 0 ? "x" : "";
    const plus = both ? "+" : "";
    if ((flags & O_APPEND) !== 0) return `a${exclusive}${plus}`;
    if ((flags & O_TRUNC) !== 0 || exclusive !== "") return `w${exclusive}${plus}`;
    return (flags & O_CREAT) === 0 ? "r+" : void 0;
  }
  function accessMode(mode) {
    const number = mode === void 0 ? constants.F_OK : +mode;
    if (!p.isInteger(number) || number < 0 || number > 7) {
      throw argumentError("ERR_INVALID_ARG_VALUE", `The argument 'mode' is invalid. Received ${mode}`);
    }
    return number;
  }

  // ../../plugins/files/guest/node/stats.ts
  var KINDS = { __proto__: null, isFile: "file", isDirectory: "directory", isSymbolicLink: "symlink" };
  var NEVER = ["isBlockDevice", "isCharacterDevice", "isFIFO", "isSocket"];
  var FORMATS = { __proto__: null, file: 32768, directory: 16384, symlink: 40960 };
  var kindOf;
  var Stats = class {
    #kind;
    static {
      kindOf = (stats) => #kind in stats ? stats.#kind : "";
    }
    constructor(facts, big) {
      this.#kind = facts.kind;
      const number = big ? (value) => p.BigInt(p.trunc(value)) : (value) => value;
      const set = (key2, value) => p.define(this, key2, value, 7);
      set("dev", number(0));
      set("mode", number(facts.mode | (FORMATS[facts.kind] ?? 0)));
      set("nlink", number(facts.nlink));
      set("uid", number(0));
      set("gid", number(0));
      set("rdev", number(0));
      set("blksize", number(4096));
      set("ino", number(facts.ino));
      set("size", number(facts.size));
      set("blocks", number(p.floor((facts.size + 511) / 512)));
      setTimes(set, facts, big);
    }
  };
  function setTimes(set, facts, big) {
    const times = { atime: facts.atime, mtime: facts.mtime, ctime: facts.ctime, birthtime: facts.ctime };
    const names = p.keys(times);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const milliseconds2 = times[name];
      set(`${name}Ms`, big ? p.BigInt(p.trunc(milliseconds2)) : milliseconds2);
      if (big) set(`${name}Ns`, p.BigInt(p.trunc(milliseconds2 * 1e6)));
      set(name, new p.Date(milliseconds2));
    }
  }
  var entryKind;
  var Dirent = class {
    #kind;
    static {
      entryKind = (entry) => #kind in entry ? entry.#kind : "";
    }
    constructor(name, parentPath, kind) {
      this.#kind = kind;
      p.define(this, "name", name, 7);
      p.define(this, "parentPath", parentPath, 7);
      p.define(this, "path", parentPath, 7);
    }
  };
  function addTests(prototype2, kind) {
    const names = p.keys(KINDS);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const methods3 = {
        [name]() {
          return kind()(this) === KINDS[name];
        }
      };
      p.define(prototype2, name, methods3[name]);
    }
    const never = () => false;
    for (let i = 0; i < NEVER.length; i++) p.define(prototype2, NEVER[i], never);
  }
  function prepareStats() {
    addTests(Stats.prototype, () => kindOf);
    addTests(Dirent.prototype, () => entryKind);
  }
  var entryName = (name, encoding) => encoding === "buffer" ? buffer(web.utf8Encode(name)) : name;

  // ../../plugins/files/guest/node/file_handle.ts
  var token = {};
  var stateOf;
  var isFileHandle;
  var call = (state, syscall) => {
    if (state.id < 0) throw nodeError("EBADF", { syscall });
    return { syscall };
  };
  var FileHandle = class {
    #state;
    static {
      stateOf = (handle2) => {
        if (#state in handle2) return handle2.#state;
        throw argumentError("ERR_INVALID_THIS", "not a FileHandle");
      };
      isFileHandle = (value) => typeof value === "object" && value !== null && #state in value;
    }
    constructor(state = void 0, key2 = void 0) {
      if (key2 !== token) throw new p.TypeError("Illegal constructor");
      this.#state = state;
    }
    get fd() {
      return stateOf(this).id;
    }
    read(target = void 0, offset = void 0, length = void 0, position2 = void 0) {
      return attempt(() => {
        const given = readArguments(target, offset, length, position2);
        return readInto(stateOf(this), given);
      });
    }
    write(data, offset = void 0, length = void 0, position2 = void 0) {
      return attempt(() => {
        const state = stateOf(this);
        if (typeof data === "string") {
          const bytes2 = encoded(data, length);
          return after(put(state, bytes2, optional(offset)), (bytesWritten) => ({ bytesWritten, buffer: data }));
        }
        const whole = bytesOf(data);
        if (whole === void 0) throw argumentError("ERR_INVALID_ARG_TYPE", 'The "buffer" argument must be a string or bytes.');
        const bag = isObject(offset) ? offset : { offset, length, position: position2 };
        const from = integer(bag.offset, "offset", 0);
        const count = integer(bag.length, "length", sizeOf(whole) - from);
        if (from + count > sizeOf(whole)) throw outOfRange("length");
        const bytes = p.typedArraySubarray(whole, from, from + count);
        return after(put(state, bytes, optional(bag.position)), (bytesWritten) => ({ bytesWritten, buffer: data }));
      });
    }
    readFile(given = void 0) {
      return attempt(() => {
        const { encoding } = options(given);
        const state = stateOf(this);
        return after(readRest(state), (bytes) => decoded(bytes, encoding));
      });
    }
    writeFile(data, given = void 0) {
      return attempt(() => {
        const bag = options(given);
        const state = stateOf(this);
        checkSignal(bag);
        return eachPiece(data, bag, (bytes) => put(state, bytes, null));
      });
    }
    appendFile(data, given = void 0) {
      return this.writeFile(data, given);
    }
    stat(given = void 0) {
      return attempt(() => {
        const state = stateOf(this);
        const big = options(given).bigint === true;
        return after(ask(call(state, "fstat"), "fstat", state.path, state.id), (facts) => new Stats(facts, big));
      });
    }
    truncate(size = 0) {
      return attempt(() => {
        const state = stateOf(this);
        return ask(call(state, "ftruncate"), "truncate", state.path, state.id, integer(size, "len", 0));
      });
    }
    utimes(atime, mtime) {
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
      const pull = (controller) => after(ask(call(state, "read"), "pread", state.path, state.id, state.position, PIECE / 4), (bytes) => {
        const size = sizeOf(bytes);
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
  };
  var outOfRange = (name) => {
    const error = new p.RangeError(`The value of "${name}" is out of range.`);
    p.define(error, "code", "ERR_OUT_OF_RANGE", 7);
    return error;
  };
  var optional = (value) => value === void 0 || value === null || value === -1 ? null : integer(value, "position", 0);
  function readArguments(target, offset, length, position2) {
    let bag = { offset, length, position: position2 };
    let into = target;
    if (bytesOf(target) === void 0) {
      bag = options(target);
      into = bag.buffer ?? buffer(new p.Uint8Array(16384));
    } else if (isObject(offset)) bag = offset;
    const bytes = bytesOf(into);
    if (bytes === void 0)
      throw argumentError("ERR_INVALID_ARG_TYPE", 'The "buffer" argument must be an instance of Buffer or bytes.');
    const from = integer(bag.offset, "offset", 0);
    if (from > sizeOf(bytes)) throw outOfRange("offset");
    const count = integer(bag.length, "length", sizeOf(bytes) - from);
    if (from + count > sizeOf(bytes)) throw outOfRange("length");
    return { target: into, offset: from, length: count, position: optional(bag.position) };
  }
  function readInto(state, { target, offset, length, position: position2 }) {
    const at = position2 ?? state.position;
    const answer2 = (bytesRead) => ({ bytesRead, buffer: target });
    if (length === 0) return answer2(0);
    const count = length > PIECE ? PIECE : length;
    return after(ask(call(state, "read"), "pread", state.path, state.id, at, count), (bytes) => {
      const found = bytes;
      const into = bytesOf(target);
      if (into === void 0 || sizeOf(into) < offset + sizeOf(found)) throw outOfRange("buffer");
      p.typedArraySet(into, found, offset);
      if (position2 === null) state.position += sizeOf(found);
      return answer2(sizeOf(found));
    });
  }
  function put(state, bytes, position2) {
    const step = (done) => {
      const size = sizeOf(bytes);
      if (done >= size && size > 0) return done;
      const piece = p.typedArraySubarray(bytes, done, size - done > PIECE ? done + PIECE : size);
      const at = position2 === null ? state.position : position2 + done;
      return after(ask(call(state, "write"), "pwrite", state.path, state.id, at, piece), () => {
        if (position2 === null) state.position += sizeOf(piece);
        return size === 0 ? 0 : step(done + sizeOf(piece));
      });
    };
    return attempt(() => step(0));
  }
  function readRest(state) {
    return gather(
      () => after(ask(call(state, "read"), "pread", state.path, state.id, state.position, PIECE), (bytes) => {
        state.position += sizeOf(bytes);
        return bytes;
      })
    );
  }
  function milliseconds(time) {
    const value = isObject(time) ? p.dateGetTime(time) : +time * 1e3;
    if (!p.isFinite(value))
      throw argumentError("ERR_INVALID_ARG_TYPE", 'The "time" argument must be a number, a string or a Date.');
    return value < 0 ? 0 : p.trunc(value);
  }
  function openHandle(path, flags) {
    return attempt(() => {
      const at = pathOf(path);
      const mode = modeOf(flags, "r");
      return after(ask({ syscall: "open", path: at }, "open", at, mode, false), (opened) => {
        const { id } = opened;
        return new FileHandle({ path: at, id, position: 0, closing: void 0 }, token);
      });
    });
  }
  function prepareFileHandle() {
    const { prototype: prototype2 } = FileHandle;
    const { asyncDispose } = p.Symbol;
    if (asyncDispose !== void 0) p.define(prototype2, asyncDispose, prototype2.close);
    p.define(prototype2, p.toStringTagSymbol, "FileHandle", 4);
  }

  // ../../plugins/files/guest/node/files.ts
  var handle = { readFile: FileHandle.prototype.readFile, writeFile: FileHandle.prototype.writeFile };
  var files = {
    readFile(path, given = void 0) {
      return attempt(() => {
        const bag = options(given);
        checkSignal(bag);
        if (isFileHandle(path)) return p.apply(handle.readFile, path, [bag]);
        const at = pathOf(path);
        if (modeOf(bag.flag, "r") !== "r") {
          return after(
            openHandle(path, bag.flag),
            (opened) => lastly(p.apply(handle.readFile, opened, [bag]), () => opened.close())
          );
        }
        return after(ask({ syscall: "open", path: at }, "read", at, null, 0, null), (found) => {
          const whole = p.typedArrayKind(found) === void 0 ? gatherStream(found) : found;
          return after(whole, (bytes) => decoded(bytes, bag.encoding));
        });
      });
    },
    writeFile(path, data, given = void 0) {
      return attempt(() => write(path, data, options(given), "w"));
    },
    appendFile(path, data, given = void 0) {
      return attempt(() => write(path, data, options(given), "a"));
    },
    open(path, flags = "r") {
      return openHandle(path, flags);
    },
    truncate(path, size = 0) {
      return attempt(() => {
        const at = pathOf(path);
        return ask({ syscall: "open", path: at }, "truncate", at, null, integer(size, "len", 0));
      });
    },
    unlink(path) {
      return attempt(() => {
        const at = pathOf(path);
        return ask({ syscall: "unlink", path: at }, "remove", at, "file", false);
      });
    },
    copyFile(source, target, mode = 0) {
      return attempt(() => {
        const path = pathOf(source, "src");
        const dest = pathOf(target, "dest");
        return ask({ syscall: "copyfile", path, dest }, "copy", path, dest, (integer(mode, "mode", 0) & 1) === 1);
      });
    },
    stat(path, given = void 0) {
      return attempt(() => look("stat", pathOf(path), options(given), true));
    },
    lstat(path, given = void 0) {
      return attempt(() => look("lstat", pathOf(path), options(given), false));
    },
    access(path, mode = void 0) {
      return attempt(() => {
        const at = pathOf(path);
        const wanted = accessMode(mode);
        return after(ask({ syscall: "access", path: at }, "stat", at, true), (found) => {
          const { mode: bits } = found;
          const executable = bits & 73;
          if (wanted & 2 && !(bits & 146) || wanted & 1 && !executable)
            throw nodeError("EACCES", { syscall: "access", path: at });
        });
      });
    },
    utimes(path, atime, mtime) {
      return attempt(() => {
        const at = pathOf(path);
        return ask({ syscall: "utime", path: at }, "times", at, null, milliseconds(atime), milliseconds(mtime));
      });
    }
  };
  function look(syscall, path, bag, follow) {
    const asked = ask({ syscall, path }, "stat", path, follow);
    return after(
      asked,
      (facts) => new Stats(facts, bag.bigint === true),
      (error) => {
        if (bag.throwIfNoEntry === false && error.code === "ENOENT") return void 0;
        throw error;
      }
    );
  }
  function write(path, data, bag, otherwise) {
    checkSignal(bag);
    if (isFileHandle(path)) return p.apply(handle.writeFile, path, [data, bag]);
    const at = pathOf(path);
    const mode = modeOf(bag.flag, otherwise);
    const bytes = bytesOfData(data, bag.encoding);
    const whole = mode === "w" || mode === "wx" || mode === "a" || mode === "ax";
    if (bytes !== void 0 && whole && sizeOf(bytes) <= PIECE) return ask({ syscall: "open", path: at }, "write", at, bytes, mode);
    return after(
      ask({ syscall: "open", path: at }, "open", at, mode === "w" ? "replace" : mode, false),
      (opened) => writePieces(at, opened.id, data, bag)
    );
  }
  function writePieces(path, id, data, bag) {
    let at = 0;
    const put2 = (bytes) => {
      const piece = sizeOf(bytes) > PIECE ? p.typedArraySubarray(bytes, 0, PIECE) : bytes;
      const size = sizeOf(piece);
      if (size === 0) return void 0;
      return after(ask({ syscall: "write" }, "pwrite", path, id, at, piece), () => {
        at += size;
        checkSignal(bag);
        return size < sizeOf(bytes) ? put2(p.typedArraySubarray(bytes, size, sizeOf(bytes))) : void 0;
      });
    };
    const close = (keep) => ask({ syscall: "close" }, "close", path, id, keep);
    return after(
      eachPiece(data, bag, put2),
      () => close(true),
      (error) => after(close(false), () => {
        throw error;
      })
    );
  }

  // ../../plugins/files/guest/node/folders.ts
  function list(path) {
    const found = [];
    let last = "";
    const pages = repeat(
      () => after(ask({ syscall: "scandir", path }, "names", path, last, false), (page) => {
        const entries = page;
        for (let i = 0; i < entries.length; i++) push(found, entries[i]);
        if (entries.length === 0) return false;
        last = entries[entries.length - 1][0];
        return true;
      })
    );
    return after(pages, () => found);
  }
  function walk(root, recursive, visit) {
    const waiting = [root];
    return repeat(() => {
      if (waiting.length === 0) return false;
      const folder = waiting[waiting.length - 1];
      waiting.length--;
      return after(list(folder), (entries) => {
        const all = entries;
        for (let i = 0; i < all.length; i++) {
          const entry = all[i];
          visit(folder, entry);
          if (recursive && entry[1] === "directory") push(waiting, join(folder, entry[0]));
        }
        return true;
      });
    });
  }
  var missingOk = (error) => {
    if (error.code !== "ENOENT") throw error;
    return void 0;
  };
  var folders = {
    mkdir(path, given = void 0) {
      return attempt(() => {
        const at = pathOf(path);
        const recursive = typeof given === "object" && options(given).recursive === true;
        return ask({ syscall: "mkdir", path: at }, "mkdir", at, recursive);
      });
    },
    readdir(path, given = void 0) {
      return attempt(() => {
        const at = pathOf(path);
        const { encoding, recursive, withFileTypes } = options(given);
        const found = [];
        const prefix = at === "/" ? 1 : at.length + 1;
        const done = walk(at, recursive === true, (folder, entry) => {
          const name = withFileTypes || !recursive ? entry[0] : p.stringSlice(join(folder, entry[0]), prefix);
          const shown = entryName(name, encoding);
          push(found, withFileTypes ? new Dirent(shown, folder, entry[1]) : shown);
        });
        return after(done, () => found);
      });
    },
    rmdir(path, given = void 0) {
      return attempt(() => {
        const at = pathOf(path);
        return ask({ syscall: "rmdir", path: at }, "remove", at, "directory", options(given).recursive === true);
      });
    },
    rm(path, given = void 0) {
      return attempt(() => {
        const at = pathOf(path);
        const { force, recursive } = options(given);
        const call2 = { syscall: "rm", path: at };
        const removed = ask(call2, "remove", at, recursive ? "any" : "file", recursive === true);
        return force ? after(removed, () => void 0, missingOk) : removed;
      });
    },
    rename(source, target) {
      return attempt(() => {
        const path = pathOf(source, "oldPath");
        const dest = pathOf(target, "newPath");
        return ask({ syscall: "rename", path, dest }, "rename", path, dest);
      });
    },
    cp(source, target, given = void 0) {
      return attempt(() => copyTree(pathOf(source, "src"), pathOf(target, "dest"), options(given)));
    },
    realpath(path) {
      return attempt(() => {
        const at = pathOf(path);
        return after(ask({ syscall: "realpath", path: at }, "stat", at, true), () => at);
      });
    },
    mkdtemp(prefix) {
      return attempt(() => {
        const start = pathOf(prefix, "prefix");
        return makeUnique(p.stringSlice(`${prefix}`, -1) === "/" ? `${start}/` : start, 0);
      });
    }
  };
  var LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  function makeUnique(prefix, tries) {
    const bytes = new p.Uint8Array(sdk.random(6));
    let path = prefix;
    for (let i = 0; i < 6; i++) path += LETTERS[bytes[i] % LETTERS.length];
    return after(
      ask({ syscall: "mkdtemp", path: `${prefix}XXXXXX` }, "mkdir", path, false),
      () => path,
      (error) => {
        if (error.code !== "EEXIST" || tries > 20) throw error;
        return makeUnique(prefix, tries + 1);
      }
    );
  }
  var stat = (path) => ask({ syscall: "cp", path }, "stat", path, true);
  function copyTree(source, target, bag) {
    return after(allowed(bag, source, target), (pass) => {
      if (!pass) return void 0;
      return after(stat(source), (facts) => {
        if (facts.kind !== "directory") return copyFile(source, target, bag);
        if (bag.recursive !== true) throw nodeError("EISDIR", { syscall: "cp", path: source });
        if (p.stringStartsWith(`${target}/`, `${source}/`))
          throw nodeError("EINVAL", { syscall: "cp", path: source, dest: target });
        return after(ask({ syscall: "cp", path: target }, "mkdir", target, true), () => copyEntries(source, target, bag));
      });
    });
  }
  var allowed = (bag, source, target) => attempt(() => typeof bag.filter === "function" ? bag.filter(source, target) : true);
  function copyEntries(source, target, bag) {
    return after(list(source), (entries) => {
      const all = entries;
      let i = 0;
      return repeat(() => {
        const entry = all[i++];
        if (entry === void 0) return false;
        return after(copyTree(join(source, entry[0]), join(target, entry[0]), bag), () => true);
      });
    });
  }
  function copyFile(path, dest, bag) {
    const exclusive = bag.force === false;
    const copied = after(
      ask({ syscall: "mkdir", path: folderOf(dest) }, "mkdir", folderOf(dest), true),
      () => ask({ syscall: "cp", path, dest }, "copy", path, dest, exclusive)
    );
    return after(
      copied,
      () => void 0,
      (error) => {
        if (exclusive && bag.errorOnExist !== true && error.code === "EEXIST") return void 0;
        throw error;
      }
    );
  }

  // ../../plugins/files/guest/node/exports.ts
  var ABSENT = ["chmod", "chown", "lchmod", "lchown", "link", "lutimes", "readlink", "statfs", "symlink"];
  function refusing(syscall) {
    return (path) => attempt(() => {
      throw nodeError("ENOSYS", { syscall, path: pathOf(path) });
    });
  }
  function fsPromises() {
    prepareStats();
    prepareFileHandle();
    const module = { __proto__: null, constants };
    const add = (methods3) => {
      const names2 = p.keys(methods3);
      for (let i = 0; i < names2.length; i++) module[names2[i]] = methods3[names2[i]];
    };
    add(files);
    add(folders);
    for (let i = 0; i < ABSENT.length; i++) module[ABSENT[i]] = refusing(ABSENT[i]);
    const whole = {};
    const names = p.keys(module);
    for (let i = 0; i < names.length; i++) p.define(whole, names[i], module[names[i]], 7);
    module.default = whole;
    return module;
  }

  // node_modules/mime/dist/types/standard.js
  var types = {
    "application/andrew-inset": ["ez"],
    "application/appinstaller": ["appinstaller"],
    "application/applixware": ["aw"],
    "application/appx": ["appx"],
    "application/appxbundle": ["appxbundle"],
    "application/atom+xml": ["atom"],
    "application/atomcat+xml": ["atomcat"],
    "application/atomdeleted+xml": ["atomdeleted"],
    "application/atomsvc+xml": ["atomsvc"],
    "application/atsc-dwd+xml": ["dwd"],
    "application/atsc-held+xml": ["held"],
    "application/atsc-rsat+xml": ["rsat"],
    "application/automationml-aml+xml": ["aml"],
    "application/automationml-amlx+zip": ["amlx"],
    "application/bdoc": ["bdoc"],
    "application/calendar+xml": ["xcs"],
    "application/ccxml+xml": ["ccxml"],
    "application/cdfx+xml": ["cdfx"],
    "application/cdmi-capability": ["cdmia"],
    "application/cdmi-container": ["cdmic"],
    "application/cdmi-domain": ["cdmid"],
    "application/cdmi-object": ["cdmio"],
    "application/cdmi-queue": ["cdmiq"],
    "application/cpl+xml": ["cpl"],
    "application/cu-seeme": ["cu"],
    "application/cwl": ["cwl"],
    "application/dash+xml": ["mpd"],
    "application/dash-patch+xml": ["mpp"],
    "application/davmount+xml": ["davmount"],
    "application/dicom": ["dcm"],
    "application/docbook+xml": ["dbk"],
    "application/dssc+der": ["dssc"],
    "application/dssc+xml": ["xdssc"],
    "application/ecmascript": ["ecma"],
    "application/emma+xml": ["emma"],
    "application/emotionml+xml": ["emotionml"],
    "application/epub+zip": ["epub"],
    "application/exi": ["exi"],
    "application/express": ["exp"],
    "application/fdf": ["fdf"],
    "application/fdt+xml": ["fdt"],
    "application/font-tdpfr": ["pfr"],
    "application/geo+json": ["geojson"],
    "application/gml+xml": ["gml"],
    "application/gpx+xml": ["gpx"],
    "application/gxf": ["gxf"],
    "application/gzip": ["gz"],
    "application/hjson": ["hjson"],
    "application/hyperstudio": ["stk"],
    "application/inkml+xml": ["ink", "inkml"],
    "application/ipfix": ["ipfix"],
    "application/its+xml": ["its"],
    "application/java-archive": ["jar", "war", "ear"],
    "application/java-serialized-object": ["ser"],
    "application/java-vm": ["class"],
    "application/javascript": ["*js"],
    "application/json": ["json", "map"],
    "application/json5": ["json5"],
    "application/jsonml+json": ["jsonml"],
    "application/ld+json": ["jsonld"],
    "application/lgr+xml": ["lgr"],
    "application/lost+xml": ["lostxml"],
    "application/mac-binhex40": ["hqx"],
    "application/mac-compactpro": ["cpt"],
    "application/mads+xml": ["mads"],
    "application/manifest+json": ["webmanifest"],
    "application/marc": ["mrc"],
    "application/marcxml+xml": ["mrcx"],
    "application/mathematica": ["ma", "nb", "mb"],
    "application/mathml+xml": ["mathml"],
    "application/mbox": ["mbox"],
    "application/media-policy-dataset+xml": ["mpf"],
    "application/mediaservercontrol+xml": ["mscml"],
    "application/metalink+xml": ["metalink"],
    "application/metalink4+xml": ["meta4"],
    "application/mets+xml": ["mets"],
    "application/mmt-aei+xml": ["maei"],
    "application/mmt-usd+xml": ["musd"],
    "application/mods+xml": ["mods"],
    "application/mp21": ["m21", "mp21"],
    "application/mp4": ["*mp4", "*mpg4", "mp4s", "m4p"],
    "application/msix": ["msix"],
    "application/msixbundle": ["msixbundle"],
    "application/msword": ["doc", "dot"],
    "application/mxf": ["mxf"],
    "application/n-quads": ["nq"],
    "application/n-triples": ["nt"],
    "application/node": ["cjs"],
    "application/octet-stream": [
      "bin",
      "dms",
      "lrf",
      "mar",
      "so",
      "dist",
      "distz",
      "pkg",
      "bpk",
      "dump",
      "elc",
      "deploy",
      "exe",
      "dll",
      "deb",
      "dmg",
      "iso",
      "img",
      "msi",
      "msp",
      "msm",
      "buffer"
    ],
    "application/oda": ["oda"],
    "application/oebps-package+xml": ["opf"],
    "application/ogg": ["ogx"],
    "application/omdoc+xml": ["omdoc"],
    "application/onenote": [
      "onetoc",
      "onetoc2",
      "onetmp",
      "onepkg",
      "one",
      "onea"
    ],
    "application/oxps": ["oxps"],
    "application/p2p-overlay+xml": ["relo"],
    "application/patch-ops-error+xml": ["xer"],
    "application/pdf": ["pdf"],
    "application/pgp-encrypted": ["pgp"],
    "application/pgp-keys": ["asc"],
    "application/pgp-signature": ["sig", "*asc"],
    "application/pics-rules": ["prf"],
    "application/pkcs10": ["p10"],
    "application/pkcs7-mime": ["p7m", "p7c"],
    "application/pkcs7-signature": ["p7s"],
    "application/pkcs8": ["p8"],
    "application/pkix-attr-cert": ["ac"],
    "application/pkix-cert": ["cer"],
    "application/pkix-crl": ["crl"],
    "application/pkix-pkipath": ["pkipath"],
    "application/pkixcmp": ["pki"],
    "application/pls+xml": ["pls"],
    "application/postscript": ["ai", "eps", "ps"],
    "application/provenance+xml": ["provx"],
    "application/pskc+xml": ["pskcxml"],
    "application/raml+yaml": ["raml"],
    "application/rdf+xml": ["rdf", "owl"],
    "application/reginfo+xml": ["rif"],
    "application/relax-ng-compact-syntax": ["rnc"],
    "application/resource-lists+xml": ["rl"],
    "application/resource-lists-diff+xml": ["rld"],
    "application/rls-services+xml": ["rs"],
    "application/route-apd+xml": ["rapd"],
    "application/route-s-tsid+xml": ["sls"],
    "application/route-usd+xml": ["rusd"],
    "application/rpki-ghostbusters": ["gbr"],
    "application/rpki-manifest": ["mft"],
    "application/rpki-roa": ["roa"],
    "application/rsd+xml": ["rsd"],
    "application/rss+xml": ["rss"],
    "application/rtf": ["rtf"],
    "application/sbml+xml": ["sbml"],
    "application/scvp-cv-request": ["scq"],
    "application/scvp-cv-response": ["scs"],
    "application/scvp-vp-request": ["spq"],
    "application/scvp-vp-response": ["spp"],
    "application/sdp": ["sdp"],
    "application/senml+xml": ["senmlx"],
    "application/sensml+xml": ["sensmlx"],
    "application/set-payment-initiation": ["setpay"],
    "application/set-registration-initiation": ["setreg"],
    "application/shf+xml": ["shf"],
    "application/sieve": ["siv", "sieve"],
    "application/smil+xml": ["smi", "smil"],
    "application/sparql-query": ["rq"],
    "application/sparql-results+xml": ["srx"],
    "application/sql": ["sql"],
    "application/srgs": ["gram"],
    "application/srgs+xml": ["grxml"],
    "application/sru+xml": ["sru"],
    "application/ssdl+xml": ["ssdl"],
    "application/ssml+xml": ["ssml"],
    "application/swid+xml": ["swidtag"],
    "application/tei+xml": ["tei", "teicorpus"],
    "application/thraud+xml": ["tfi"],
    "application/timestamped-data": ["tsd"],
    "application/toml": ["toml"],
    "application/trig": ["trig"],
    "application/ttml+xml": ["ttml"],
    "application/ubjson": ["ubj"],
    "application/urc-ressheet+xml": ["rsheet"],
    "application/urc-targetdesc+xml": ["td"],
    "application/voicexml+xml": ["vxml"],
    "application/wasm": ["wasm"],
    "application/watcherinfo+xml": ["wif"],
    "application/widget": ["wgt"],
    "application/winhlp": ["hlp"],
    "application/wsdl+xml": ["wsdl"],
    "application/wspolicy+xml": ["wspolicy"],
    "application/xaml+xml": ["xaml"],
    "application/xcap-att+xml": ["xav"],
    "application/xcap-caps+xml": ["xca"],
    "application/xcap-diff+xml": ["xdf"],
    "application/xcap-el+xml": ["xel"],
    "application/xcap-ns+xml": ["xns"],
    "application/xenc+xml": ["xenc"],
    "application/xfdf": ["xfdf"],
    "application/xhtml+xml": ["xhtml", "xht"],
    "application/xliff+xml": ["xlf"],
    "application/xml": ["xml", "xsl", "xsd", "rng"],
    "application/xml-dtd": ["dtd"],
    "application/xop+xml": ["xop"],
    "application/xproc+xml": ["xpl"],
    "application/xslt+xml": ["*xsl", "xslt"],
    "application/xspf+xml": ["xspf"],
    "application/xv+xml": ["mxml", "xhvml", "xvml", "xvm"],
    "application/yang": ["yang"],
    "application/yin+xml": ["yin"],
    "application/zip": ["zip"],
    "application/zip+dotlottie": ["lottie"],
    "audio/3gpp": ["*3gpp"],
    "audio/aac": ["adts", "aac"],
    "audio/adpcm": ["adp"],
    "audio/amr": ["amr"],
    "audio/basic": ["au", "snd"],
    "audio/midi": ["mid", "midi", "kar", "rmi"],
    "audio/mobile-xmf": ["mxmf"],
    "audio/mp3": ["*mp3"],
    "audio/mp4": ["m4a", "mp4a", "m4b"],
    "audio/mpeg": ["mpga", "mp2", "mp2a", "mp3", "m2a", "m3a"],
    "audio/ogg": ["oga", "ogg", "spx", "opus"],
    "audio/s3m": ["s3m"],
    "audio/silk": ["sil"],
    "audio/wav": ["wav"],
    "audio/wave": ["*wav"],
    "audio/webm": ["weba"],
    "audio/xm": ["xm"],
    "font/collection": ["ttc"],
    "font/otf": ["otf"],
    "font/ttf": ["ttf"],
    "font/woff": ["woff"],
    "font/woff2": ["woff2"],
    "image/aces": ["exr"],
    "image/apng": ["apng"],
    "image/avci": ["avci"],
    "image/avcs": ["avcs"],
    "image/avif": ["avif"],
    "image/bmp": ["bmp", "dib"],
    "image/cgm": ["cgm"],
    "image/dicom-rle": ["drle"],
    "image/dpx": ["dpx"],
    "image/emf": ["emf"],
    "image/fits": ["fits"],
    "image/g3fax": ["g3"],
    "image/gif": ["gif"],
    "image/heic": ["heic"],
    "image/heic-sequence": ["heics"],
    "image/heif": ["heif"],
    "image/heif-sequence": ["heifs"],
    "image/hej2k": ["hej2"],
    "image/ief": ["ief"],
    "image/jaii": ["jaii"],
    "image/jais": ["jais"],
    "image/jls": ["jls"],
    "image/jp2": ["jp2", "jpg2"],
    "image/jpeg": ["jpg", "jpeg", "jpe"],
    "image/jph": ["jph"],
    "image/jphc": ["jhc"],
    "image/jpm": ["jpm", "jpgm"],
    "image/jpx": ["jpx", "jpf"],
    "image/jxl": ["jxl"],
    "image/jxr": ["jxr"],
    "image/jxra": ["jxra"],
    "image/jxrs": ["jxrs"],
    "image/jxs": ["jxs"],
    "image/jxsc": ["jxsc"],
    "image/jxsi": ["jxsi"],
    "image/jxss": ["jxss"],
    "image/ktx": ["ktx"],
    "image/ktx2": ["ktx2"],
    "image/pjpeg": ["jfif"],
    "image/png": ["png"],
    "image/sgi": ["sgi"],
    "image/svg+xml": ["svg", "svgz"],
    "image/t38": ["t38"],
    "image/tiff": ["tif", "tiff"],
    "image/tiff-fx": ["tfx"],
    "image/webp": ["webp"],
    "image/wmf": ["wmf"],
    "message/disposition-notification": ["disposition-notification"],
    "message/global": ["u8msg"],
    "message/global-delivery-status": ["u8dsn"],
    "message/global-disposition-notification": ["u8mdn"],
    "message/global-headers": ["u8hdr"],
    "message/rfc822": ["eml", "mime", "mht", "mhtml"],
    "model/3mf": ["3mf"],
    "model/gltf+json": ["gltf"],
    "model/gltf-binary": ["glb"],
    "model/iges": ["igs", "iges"],
    "model/jt": ["jt"],
    "model/mesh": ["msh", "mesh", "silo"],
    "model/mtl": ["mtl"],
    "model/obj": ["obj"],
    "model/prc": ["prc"],
    "model/step": ["step", "stp", "stpnc", "p21", "210"],
    "model/step+xml": ["stpx"],
    "model/step+zip": ["stpz"],
    "model/step-xml+zip": ["stpxz"],
    "model/stl": ["stl"],
    "model/u3d": ["u3d"],
    "model/vrml": ["wrl", "vrml"],
    "model/x3d+binary": ["*x3db", "x3dbz"],
    "model/x3d+fastinfoset": ["x3db"],
    "model/x3d+vrml": ["*x3dv", "x3dvz"],
    "model/x3d+xml": ["x3d", "x3dz"],
    "model/x3d-vrml": ["x3dv"],
    "text/cache-manifest": ["appcache", "manifest"],
    "text/calendar": ["ics", "ifb"],
    "text/coffeescript": ["coffee", "litcoffee"],
    "text/css": ["css"],
    "text/csv": ["csv"],
    "text/html": ["html", "htm", "shtml"],
    "text/jade": ["jade"],
    "text/javascript": ["js", "mjs"],
    "text/jsx": ["jsx"],
    "text/less": ["less"],
    "text/markdown": ["md", "markdown"],
    "text/mathml": ["mml"],
    "text/mdx": ["mdx"],
    "text/n3": ["n3"],
    "text/plain": ["txt", "text", "conf", "def", "list", "log", "in", "ini"],
    "text/richtext": ["rtx"],
    "text/rtf": ["*rtf"],
    "text/sgml": ["sgml", "sgm"],
    "text/shex": ["shex"],
    "text/slim": ["slim", "slm"],
    "text/spdx": ["spdx"],
    "text/stylus": ["stylus", "styl"],
    "text/tab-separated-values": ["tsv"],
    "text/troff": ["t", "tr", "roff", "man", "me", "ms"],
    "text/turtle": ["ttl"],
    "text/uri-list": ["uri", "uris", "urls"],
    "text/vcard": ["vcard"],
    "text/vtt": ["vtt"],
    "text/wgsl": ["wgsl"],
    "text/xml": ["*xml"],
    "text/yaml": ["yaml", "yml"],
    "video/3gpp": ["3gp", "3gpp"],
    "video/3gpp2": ["3g2"],
    "video/h261": ["h261"],
    "video/h263": ["h263"],
    "video/h264": ["h264"],
    "video/iso.segment": ["m4s"],
    "video/jpeg": ["jpgv"],
    "video/jpm": ["*jpm", "*jpgm"],
    "video/mj2": ["mj2", "mjp2"],
    "video/mp2t": ["ts", "m2t", "m2ts", "mts"],
    "video/mp4": ["mp4", "mp4v", "mpg4"],
    "video/mpeg": ["mpeg", "mpg", "mpe", "m1v", "m2v"],
    "video/ogg": ["ogv"],
    "video/quicktime": ["qt", "mov"],
    "video/webm": ["webm"]
  };
  Object.freeze(types);
  var standard_default = types;

  // ../../plugins/files/guest/mime.ts
  var table;
  function byEnding() {
    const made = new p.Map();
    const names = p.keys(standard_default);
    for (let i = 0; i < names.length; i++) {
      const endings = standard_default[names[i]];
      for (let j = 0; j < endings.length; j++) {
        const ending = endings[j];
        if (ending[0] !== "*") p.mapSet(made, ending, names[i]);
      }
    }
    return made;
  }
  function typeOf(name) {
    const dot = p.stringLastIndexOf(name, ".");
    if (dot < 1) return "";
    table ??= byEnding();
    return p.mapGet(table, p.stringToLowerCase(p.stringSlice(name, dot + 1))) ?? "";
  }

  // ../../plugins/files/guest/file.ts
  function openContent(path, token3, offset, length) {
    let source;
    let reader;
    const begin = () => {
      source ??= after(sdk.callArray("read", [path, token3, offset, length]), (found) => {
        const whole = p.typedArrayKind(found) !== void 0;
        reader = streams().getReader(whole ? streamOf(found) : found);
        return void 0;
      });
      return source;
    };
    const finish = (controller) => {
      controller.close();
      controller.byobRequest?.respond(0);
    };
    const arrived = (controller) => (result2) => {
      const { done, value } = result2;
      if (done) finish(controller);
      else controller.enqueue(value);
    };
    const failed = (error) => {
      throw domFailure(error);
    };
    const next = () => streams().read(reader);
    const pull = (controller) => own(after(after(begin(), next), arrived(controller), failed));
    const drop = (reason) => () => reader === void 0 ? void 0 : streams().cancel(reader, reason);
    const cancel = (reason) => own(after(source, drop(reason), () => void 0));
    return new web.ReadableStream({ __proto__: null, type: "bytes", pull, cancel }, { __proto__: null, highWaterMark: 0 });
  }
  function streamOf(bytes) {
    const start = (controller) => {
      if (sizeOf(bytes) > 0) controller.enqueue(bytes);
      controller.close();
    };
    return new web.ReadableStream({ __proto__: null, start });
  }
  function openFile(path, name) {
    return after(host("file", path), (found) => {
      const { data, mtime, size, token: token3 } = found;
      const type = typeOf(name);
      if (data !== null) return new web.File([data], name, { __proto__: null, type, lastModified: mtime });
      const open = (offset, length) => openContent(path, token3, offset, length);
      return web.remoteFile({ open }, size, name, type, mtime);
    });
  }

  // ../../plugins/files/guest/iterator.ts
  var progressOf;
  var prototype;
  var DirectoryIterator = class {
    #progress;
    static {
      progressOf = (iterator) => #progress in iterator ? iterator.#progress : typeError("Illegal invocation");
    }
    constructor(progress) {
      this.#progress = progress;
      p.setPrototypeOf(this, prototype);
    }
  };
  var result = (value, done) => ({ value, done });
  function advance(state) {
    while (state.index < state.page.length) {
      const entry = state.page[state.index++];
      const name = entry[0];
      const kind = entry[1];
      state.last = name;
      if (kind === "file" || kind === "directory") return result(state.pick(name, kind), false);
    }
    if (state.over) return result(void 0, true);
    return after(host("names", state.path, state.last, true), (page) => {
      state.page = page;
      state.index = 0;
      state.over = state.page.length === 0;
      return advance(state);
    });
  }
  var methods = {
    next() {
      return attempt(() => {
        const state = progressOf(this);
        const step = () => advance(state);
        const answer2 = after(state.turn, step, step);
        state.turn = answer2;
        return answer2;
      });
    },
    return(value = void 0) {
      return attempt(() => {
        const state = progressOf(this);
        state.over = true;
        state.page = [];
        return result(value, true);
      });
    }
  };
  function installIterator() {
    prototype = p.create(p.asyncIteratorPrototype);
    p.define(prototype, "next", methods.next, 7);
    p.define(prototype, "return", methods.return, 7);
    p.define(prototype, p.toStringTagSymbol, "FileSystemDirectoryHandle AsyncIterator", 4);
  }
  function directoryIterator(path, pick) {
    return new DirectoryIterator({ path, pick, page: [], index: 0, last: "", over: false, turn: void 0 });
  }

  // ../../plugins/files/guest/writable.ts
  var Sink = class {
    #path;
    #id;
    #position = 0;
    #size;
    constructor(path, opened) {
      this.#path = path;
      this.#id = opened.id;
      this.#size = opened.size;
    }
    /** One chunk of the stream: content, or an order. */
    take(chunk) {
      const done = attempt(() => isOrder(chunk) ? this.#order(chunk) : this.#write(chunk));
      const failed = (error) => {
        const rethrow = () => {
          throw error;
        };
        return after(this.end(false), rethrow, rethrow);
      };
      return after(done, () => void 0, failed);
    }
    #order(order) {
      switch (`${order.type}`) {
        case "write": {
          if (order.data === void 0 || order.data === null) fail("SyntaxError", "write: there is no data");
          if (order.position !== void 0 && order.position !== null) this.#position = position(order.position, "position");
          return this.#write(order.data);
        }
        case "seek":
          if (order.position === void 0 || order.position === null) fail("SyntaxError", "seek: there is no position");
          this.#position = position(order.position, "position");
          return void 0;
        case "truncate":
          if (order.size === void 0 || order.size === null) fail("SyntaxError", "truncate: there is no size");
          return this.#truncate(position(order.size, "size"));
        default:
          return typeError(`'${order.type}' is not a type of write`);
      }
    }
    #truncate(size) {
      return after(host("truncate", this.#path, this.#id, size), () => {
        this.#size = size;
        if (this.#position > size) this.#position = size;
      });
    }
    #write(data) {
      if (isBlob(data)) return eachChunk(streams().blobStream(data), (bytes2) => this.#put(bytes2));
      const bytes = bytesOf(data);
      return this.#put(bytes ?? web.utf8Encode(`${data}`));
    }
    /** Piece by piece; each is copied when it is sent, so that nobody changes what is on its way. */
    #put(bytes) {
      const size = sizeOf(bytes);
      const piece = size <= PIECE ? bytes : p.typedArraySubarray(bytes, 0, PIECE);
      const sent = sizeOf(piece);
      if (sent === 0) return void 0;
      return after(host("pwrite", this.#path, this.#id, this.#position, piece), () => {
        this.#position += sent;
        if (this.#position > this.#size) this.#size = this.#position;
        return sent < size ? this.#put(p.typedArraySubarray(bytes, sent, size)) : void 0;
      });
    }
    end(keep) {
      return host("close", this.#path, this.#id, keep);
    }
  };
  function isOrder(chunk) {
    return isObject(chunk) && typeof chunk !== "function" && !isBlob(chunk) && bytesOf(chunk) === void 0 && "type" in chunk;
  }
  function position(value, what) {
    const number = p.trunc(+value);
    if (!(number >= 0 && number <= 2 ** 53 - 1)) typeError(`${what} is not a position in a file`);
    return number + 0;
  }
  var methods2;
  var key = {};
  var sinks = { of: (_stream) => typeError("Illegal invocation") };
  function through(stream, chunk) {
    return attempt(() => {
      sinks.of(stream);
      const writer = methods2.getWriter(stream);
      const written = methods2.write(writer, chunk);
      methods2.release(writer);
      return written;
    });
  }
  function makeClass(Base) {
    class FileSystemWritableFileStream extends Base {
      #sink;
      static {
        sinks.of = (stream) => #sink in stream ? stream.#sink : typeError("Illegal invocation");
      }
      constructor(sink = void 0, given = void 0) {
        if (given !== key) typeError("Illegal constructor");
        const file = sink;
        super({
          __proto__: null,
          write: (chunk) => own(file.take(chunk)),
          close: () => own(file.end(true)),
          abort: () => own(file.end(false))
        });
        this.#sink = file;
      }
      write(data) {
        if (arguments.length === 0) return attempt(() => typeError("FileSystemWritableFileStream.write: 1 argument required."));
        return through(this, data);
      }
      seek(at) {
        return attempt(() => through(this, { __proto__: null, type: "seek", position: position(at, "position") }));
      }
      truncate(size) {
        return attempt(() => through(this, { __proto__: null, type: "truncate", size: position(size, "size") }));
      }
    }
    return FileSystemWritableFileStream;
  }
  var Class;
  function installWritable() {
    const { uncurry } = p;
    Class = makeClass(web.WritableStream);
    const getWriter = uncurry(web.WritableStream.prototype.getWriter);
    const writer = getWriter(new web.WritableStream());
    methods2 = { getWriter, write: uncurry(writer.write), release: uncurry(writer.releaseLock) };
    sdk.exposeInterface(Class, "FileSystemWritableFileStream");
  }
  function openWritable(path, keep, exclusive) {
    const opening = host("open", path, keep ? "keep" : "replace", exclusive);
    return after(opening, (opened) => new Class(new Sink(path, opened), key));
  }

  // ../../plugins/files/guest/handles.ts
  var token2 = {};
  var locate;
  var isHandle;
  var method = (work) => attempt(work);
  var FileSystemHandle = class {
    #at;
    static {
      locate = (handle2) => #at in handle2 ? handle2.#at : typeError("Illegal invocation");
      isHandle = (value) => #at in value;
    }
    constructor(at = void 0, key2 = void 0) {
      if (key2 !== token2) typeError("Illegal constructor");
      this.#at = at;
    }
    get kind() {
      return locate(this).kind;
    }
    get name() {
      return nameOf(locate(this).path);
    }
    isSameEntry(other) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemHandle.isSameEntry");
        const here = locate(this);
        if (!isObject(other) || !isHandle(other)) typeError("isSameEntry: parameter 1 is not of type 'FileSystemHandle'.");
        const there = locate(other);
        return here.kind === there.kind && here.path === there.path;
      });
    }
    /** `move(name)`, `move(folder)` or `move(folder, name)`. */
    move(target, name = void 0) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemHandle.move");
        const here = locate(this);
        const intoFolder = isObject(target) && isHandle(target);
        const folder = intoFolder ? folderPath(target) : folderOf(here.path);
        const last = intoFolder ? name === void 0 ? nameOf(here.path) : `${name}` : `${target}`;
        checkName(last);
        const path = join(folder, last);
        return after(host("rename", here.path, path), () => {
          here.path = path;
        });
      });
    }
    /** As in Chromium; `removeEntry` of the folder does the same. */
    remove(options2 = void 0) {
      return method(() => {
        const { path, kind } = locate(this);
        return host("remove", path, kind, !!dictionary(options2, "FileSystemHandle.remove").recursive);
      });
    }
    /** What a policy grants was granted by whoever wrote it: there is nobody to ask. */
    queryPermission() {
      return method(() => {
        locate(this);
        return "granted";
      });
    }
    requestPermission() {
      return method(() => {
        locate(this);
        return "granted";
      });
    }
  };
  function folderPath(handle2) {
    const { kind, path } = locate(handle2);
    return kind === "directory" ? path : typeError("move: the target is not a directory.");
  }
  function checkName(name) {
    if (!isName(name)) typeError(`'${name}' is not a valid name`);
  }
  var FileSystemFileHandle = class extends FileSystemHandle {
    getFile() {
      return method(() => {
        const { path } = checked2(this, "file");
        return openFile(path, nameOf(path));
      });
    }
    createWritable(options2 = void 0) {
      return method(() => {
        const { path } = checked2(this, "file");
        const { keepExistingData, mode = "siloed" } = dictionary(options2, "FileSystemFileHandle.createWritable");
        if (mode !== "siloed" && mode !== "exclusive") typeError(`createWritable: '${mode}' is not a mode.`);
        return openWritable(path, !!keepExistingData, mode === "exclusive");
      });
    }
  };
  function checked2(handle2, kind) {
    const at = locate(handle2);
    return at.kind === kind ? at : typeError("Illegal invocation");
  }
  var FileSystemDirectoryHandle = class extends FileSystemHandle {
    getFileHandle(name, options2 = void 0) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemDirectoryHandle.getFileHandle");
        return childHandle(this, `${name}`, "file", options2);
      });
    }
    getDirectoryHandle(name, options2 = void 0) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemDirectoryHandle.getDirectoryHandle");
        return childHandle(this, `${name}`, "directory", options2);
      });
    }
    removeEntry(name, options2 = void 0) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemDirectoryHandle.removeEntry");
        const { path } = checked2(this, "directory");
        const last = `${name}`;
        const { recursive } = dictionary(options2, "FileSystemDirectoryHandle.removeEntry");
        checkName(last);
        return host("remove", join(path, last), "any", !!recursive);
      });
    }
    resolve(descendant) {
      const given = arguments.length;
      return method(() => {
        needArguments(given, 1, "FileSystemDirectoryHandle.resolve");
        const { path } = checked2(this, "directory");
        if (!isObject(descendant) || !isHandle(descendant)) typeError("resolve: parameter 1 is not of type 'FileSystemHandle'.");
        return namesBetween(path, locate(descendant).path);
      });
    }
    entries() {
      const { path } = checked2(this, "directory");
      return directoryIterator(path, (name, kind) => [name, handleOf(join(path, name), kind)]);
    }
    keys() {
      return directoryIterator(checked2(this, "directory").path, (name) => name);
    }
    values() {
      const { path } = checked2(this, "directory");
      return directoryIterator(path, (name, kind) => handleOf(join(path, name), kind));
    }
  };
  function childHandle(parent, name, kind, options2) {
    const { path } = checked2(parent, "directory");
    const { create } = dictionary(options2, "FileSystemDirectoryHandle");
    checkName(name);
    const at = join(path, name);
    return after(host("get", at, kind, !!create), () => handleOf(at, kind));
  }
  function namesBetween(folder, path) {
    if (folder === path) return [];
    const prefix = folder === "/" ? "/" : `${folder}/`;
    if (!p.stringStartsWith(path, prefix)) return null;
    const names = [];
    let from = prefix.length;
    while (from <= path.length) {
      const at = p.stringIndexOf(path, "/", from);
      const end = at < 0 ? path.length : at;
      push(names, p.stringSlice(path, from, end));
      from = end + 1;
    }
    return names;
  }
  function handleOf(path, kind) {
    const Class2 = kind === "file" ? FileSystemFileHandle : FileSystemDirectoryHandle;
    return new Class2({ path, kind }, token2);
  }
  var holder = {
    getDirectory(path = "/") {
      return method(() => {
        const at = absolute(`${path}`);
        return after(host("get", at, "directory", false), () => handleOf(at, "directory"));
      });
    }
  };
  function installHandles() {
    sdk.exposeInterface(FileSystemHandle, "FileSystemHandle");
    sdk.exposeInterface(FileSystemFileHandle, "FileSystemFileHandle");
    sdk.exposeInterface(FileSystemDirectoryHandle, "FileSystemDirectoryHandle");
    const { prototype: prototype2 } = FileSystemDirectoryHandle;
    p.define(prototype2, p.asyncIteratorSymbol, prototype2.entries);
    sdk.registerCloner(isHandle, (handle2) => {
      const { path, kind } = locate(handle2);
      return handleOf(path, kind);
    });
    sdk.defineGlobal("getDirectory", holder.getDirectory);
  }

  // ../../plugins/files/guest/index.ts
  function prepare(sdk2) {
    lend(sdk2);
    captureReaders();
    installIterator();
    installWritable();
    installHandles();
    sdk2.defineModule("node:fs/promises", fsPromises);
  }
  var capability = { prepare, install: lend, absent: lend };
  registerCapability("files", capability);
})();
