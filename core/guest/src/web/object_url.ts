// blob: URLs, which name a Blob of this isolate.
import { floor, numberToString, random, TypeError } from "../primordials";
import { Table } from "../collections";
import { isBlob } from "./blob";
import { isObject } from "./idl";

const blobs = new Table<string, object>();

/** A version 4 UUID. The names need to be unique, not secret: whoever could guess them owns the blobs. */
function uuid(): string {
  let text = "";
  for (let i = 0; i < 32; i++) {
    if (i === 8 || i === 12 || i === 16 || i === 20) text += "-";
    const digit = i === 12 ? 4 : floor(random() * 16);
    text += numberToString(i === 16 ? (digit & 3) | 8 : digit, 16);
  }
  return text;
}

export function createObjectURL(object: unknown): string {
  if (!isObject(object) || !isBlob(object)) throw new TypeError("URL.createObjectURL: parameter 1 is not of type 'Blob'.");
  const url = `blob:null/${uuid()}`;
  blobs.set(url, object);
  return url;
}

export function revokeObjectURL(url: string): void {
  blobs.delete(url);
}

/** The Blob that a URL without fragment names. */
export function resolveObjectURL(url: string): object | undefined {
  return blobs.get(url);
}
