// Operations on single files.
import type { Facts, Opened } from "../host";
import { PIECE } from "../host";
import { after, attempt, lastly, p, sizeOf } from "../platform";
import { bytesOfData, eachPiece, gatherStream } from "./content";
import { ask, nodeError } from "./errors";
import { FileHandle, isFileHandle, milliseconds, openHandle } from "./file_handle";
import { accessMode, modeOf } from "./flags";
import { Stats } from "./stats";
import { checkSignal, decoded, integer, type Options, options, pathOf } from "./values";

type Bytes = Uint8Array<ArrayBuffer>;
const handle = { readFile: FileHandle.prototype.readFile, writeFile: FileHandle.prototype.writeFile };

export const files = {
  readFile(path: unknown, given: unknown = undefined): Promise<unknown> {
    return attempt(() => {
      const bag = options(given);
      checkSignal(bag);
      if (isFileHandle(path)) return p.apply(handle.readFile, path, [bag]);
      const at = pathOf(path);
      if (modeOf(bag.flag, "r") !== "r") {
        return after(openHandle(path, bag.flag), (opened) =>
          lastly(p.apply(handle.readFile, opened, [bag]), () => (opened as FileHandle).close()),
        );
      }
      return after(ask<object>({ syscall: "open", path: at }, "read", at, null, 0, null), (found) => {
        const whole = p.typedArrayKind(found) === undefined ? gatherStream(found as object) : found;
        return after(whole, (bytes) => decoded(bytes as Bytes, bag.encoding));
      });
    });
  },
  writeFile(path: unknown, data: unknown, given: unknown = undefined): Promise<void> {
    return attempt(() => write(path, data, options(given), "w"));
  },
  appendFile(path: unknown, data: unknown, given: unknown = undefined): Promise<void> {
    return attempt(() => write(path, data, options(given), "a"));
  },
  open(path: unknown, flags: unknown = "r"): Promise<FileHandle> {
    return openHandle(path, flags);
  },
  truncate(path: unknown, size: unknown = 0): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      return ask({ syscall: "open", path: at }, "truncate", at, null, integer(size, "len", 0));
    });
  },
  unlink(path: unknown): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      return ask({ syscall: "unlink", path: at }, "remove", at, "file", false);
    });
  },
  copyFile(source: unknown, target: unknown, mode: unknown = 0): Promise<void> {
    return attempt(() => {
      const path = pathOf(source, "src");
      const dest = pathOf(target, "dest");
      return ask({ syscall: "copyfile", path, dest }, "copy", path, dest, (integer(mode, "mode", 0) & 1) === 1);
    });
  },
  stat(path: unknown, given: unknown = undefined): Promise<Stats | undefined> {
    return attempt(() => look("stat", pathOf(path), options(given), true));
  },
  lstat(path: unknown, given: unknown = undefined): Promise<Stats | undefined> {
    return attempt(() => look("lstat", pathOf(path), options(given), false));
  },
  access(path: unknown, mode: unknown = undefined): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      const wanted = accessMode(mode);
      return after(ask<Facts>({ syscall: "access", path: at }, "stat", at, true), (found) => {
        const { mode: bits } = found as Facts;
        const executable = bits & 0o111;
        if ((wanted & 2 && !(bits & 0o222)) || (wanted & 1 && !executable))
          throw nodeError("EACCES", { syscall: "access", path: at });
      });
    });
  },
  utimes(path: unknown, atime: unknown, mtime: unknown): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      return ask({ syscall: "utime", path: at }, "times", at, null, milliseconds(atime), milliseconds(mtime));
    });
  },
};

function look(syscall: string, path: string, bag: Options, follow: boolean): Promise<Stats | undefined> {
  const asked = ask<Facts>({ syscall, path }, "stat", path, follow);
  return after(
    asked,
    (facts) => new Stats(facts as Facts, bag.bigint === true),
    (error) => {
      if (bag.throwIfNoEntry === false && (error as { code?: unknown }).code === "ENOENT") return undefined;
      throw error;
    },
  );
}

/** A whole file at once where it fits; else piece by piece, and in the modes `w` in its place only when all of it has arrived. */
function write(path: unknown, data: unknown, bag: Options, otherwise: string): unknown {
  checkSignal(bag);
  if (isFileHandle(path)) return p.apply(handle.writeFile, path, [data, bag]);
  const at = pathOf(path);
  const mode = modeOf(bag.flag, otherwise);
  const bytes = bytesOfData(data, bag.encoding);
  const whole = mode === "w" || mode === "wx" || mode === "a" || mode === "ax";
  if (bytes !== undefined && whole && sizeOf(bytes) <= PIECE) return ask({ syscall: "open", path: at }, "write", at, bytes, mode);
  return after(ask<Opened>({ syscall: "open", path: at }, "open", at, mode === "w" ? "replace" : mode, false), (opened) =>
    writePieces(at, (opened as Opened).id, data, bag),
  );
}

function writePieces(path: string, id: number, data: unknown, bag: Options): Promise<void> {
  let at = 0;
  const put = (bytes: Bytes): unknown => {
    const piece = sizeOf(bytes) > PIECE ? p.typedArraySubarray(bytes, 0, PIECE) : bytes;
    const size = sizeOf(piece);
    if (size === 0) return undefined;
    return after(ask({ syscall: "write" }, "pwrite", path, id, at, piece), () => {
      at += size;
      checkSignal(bag);
      return size < sizeOf(bytes) ? put(p.typedArraySubarray(bytes, size, sizeOf(bytes))) : undefined;
    });
  };
  const close = (keep: boolean) => ask<void>({ syscall: "close" }, "close", path, id, keep);
  return after(
    eachPiece(data, bag, put),
    () => close(true),
    (error) =>
      after(close(false), () => {
        throw error;
      }),
  );
}
