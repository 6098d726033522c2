// How an error of the host looks to guest code: a DOMException, as the File System Standard has it, with the host's error as its cause.
import { domError, p } from "./platform";

export interface HostError {
  message?: unknown;
  stack?: unknown;
  code?: unknown;
  isolateHost?: { class?: unknown; kind?: unknown };
}

const NAMES: Record<string, string> = {
  __proto__: null as never,
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
  "limit-exceeded": "QuotaExceededError",
};

export const codeOf = (error: unknown): string => {
  const { code } = typeof error === "object" && error !== null && p.hasOwn(error, "code") ? (error as HostError) : {};
  return typeof code === "string" ? code : "";
};

/** What `error`, which the host sent, is in the API of file systems; what came from elsewhere stays as it is. */
export function domFailure(error: unknown): unknown {
  const name = NAMES[codeOf(error)];
  if (name === undefined) return error;
  const { message, stack } = error as HostError;
  const failure = domError(name, typeof message === "string" ? message : "", error);
  describe(failure, error as HostError, name, stack);
  return failure;
}

/** Shows where guest code called, and stays what it was when it reaches Python. */
export function describe(failure: object, error: HostError, name: string, stack: unknown): void {
  const frames = typeof stack === "string" ? p.stringIndexOf(stack, "\n    at ") : -1;
  const { message } = failure as Error;
  p.define(failure, "stack", `${name}: ${message}${frames < 0 ? "" : p.stringSlice(stack, frames)}`);
  if (p.hasOwn(error, "isolateHost")) p.define(failure, "isolateHost", error.isolateHost, 7);
}
