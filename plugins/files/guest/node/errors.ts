// Errors as Node.js makes them: `ENOENT: no such file or directory, open '/data/a'`, with code, errno, syscall and path.
import { codeOf, describe, type HostError } from "../failures";
import { answer } from "../host";
import { after, p, sdk } from "../platform";

const TEXTS: Record<string, [number, string]> = {
  __proto__: null as never,
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
  EDQUOT: [122, "quota exceeded"],
};

const LIMITS: Record<string, string> = {
  __proto__: null as never,
  files_bytes: "EDQUOT",
  files_count: "EDQUOT",
  files_file_size: "EFBIG",
  files_open: "EMFILE",
};

/** Node's code for what the host says. */
function codeFor(error: unknown): string {
  const code = codeOf(error);
  if (code === "policy-denied") return "EACCES";
  if (code !== "limit-exceeded") return code;
  const told = (error as HostError).isolateHost;
  return LIMITS[`${told?.kind}`] ?? "EAGAIN";
}

export interface Call {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

export function nodeError(code: string, { syscall, path, dest }: Call, cause?: unknown): Error {
  const known = TEXTS[code];
  let message = `${code}: ${known === undefined ? "unknown error" : known[1]}`;
  const host = cause as HostError | undefined;
  // What the kernel says is said already; what a policy says is worth reading.
  if (host !== undefined && p.hasOwn(host, "isolateHost")) message += ` (${host.message})`;
  message += `, ${syscall}`;
  if (path !== undefined) message += ` '${path}'`;
  if (dest !== undefined) message += ` -> '${dest}'`;
  const error = new p.Error(message);
  p.define(error, "errno", known === undefined ? -1 : -known[0], 7);
  p.define(error, "code", code, 7);
  p.define(error, "syscall", syscall, 7);
  if (path !== undefined) p.define(error, "path", path, 7);
  if (dest !== undefined) p.define(error, "dest", dest, 7);
  if (host !== undefined) {
    p.define(error, "cause", host);
    describe(error, host, "Error", host.stack);
  }
  return error;
}

/** An error of the arguments, as Node names them. */
export function argumentError(code: string, message: string): Error {
  const error = new p.TypeError(message);
  p.define(error, "code", code, 7);
  return error;
}

/** Asks the host; what fails is told as Node tells it. */
export function ask<T>(call: Call, op: string, ...args: unknown[]): Promise<T> {
  return after(sdk.callArray(op, args), answer, (error) => {
    throw translated(error, call);
  });
}

export function translated(error: unknown, call: Call): unknown {
  const code = codeFor(error);
  return code === "" || !(code in TEXTS) ? error : nodeError(code, call, error);
}
