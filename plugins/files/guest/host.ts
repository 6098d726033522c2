// The host's operations, with their errors as DOMExceptions.
import { domFailure } from "./failures";
import { after, sdk } from "./platform";

export type Kind = "file" | "directory";

/** Bytes that one operation carries. */
export const PIECE = 1024 * 1024;

/** What the host tells of a file for a File. */
export interface Snapshot {
  size: number;
  mtime: number;
  token: string;
  /** The content, when there is little. */
  data: Uint8Array<ArrayBuffer> | null;
}

export interface Facts {
  kind: Kind | "symlink" | "other";
  size: number;
  mtime: number;
  atime: number;
  ctime: number;
  mode: number;
  nlink: number;
  ino: number;
}

export interface Opened {
  id: number;
  size: number;
}

const refuse = (error: unknown): never => {
  throw domFailure(error);
};

/** What the host says when there is nothing to say is `null`; guests get `undefined`, as the standards have it. */
export const answer = (value: unknown): unknown => value ?? undefined;

export function host<T>(op: string, ...args: unknown[]): Promise<T> {
  return after(sdk.callArray(op, args), answer, refuse);
}
