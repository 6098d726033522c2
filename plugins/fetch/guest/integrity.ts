// Subresource Integrity: what a body must hash to. The worker's native service computes; a policy has no part in it, for
// this protects a guest from a server.
import { btoa, p, sdk } from "./platform";

interface Metadata {
  strength: number;
  /** In base64, without padding. */
  digest: string;
}

const HASHES = ["SHA-256", "SHA-384", "SHA-512"];
const ITEM = /[^\t\n\f\r ]+/g;
const METADATA = /^sha(256|384|512)-([A-Za-z0-9+/_-]+)={0,2}(?:\?[\x21-\x7e]*)?$/i;

/** The metadata of the strongest kind; none = nothing is asked for, whatever else the text says. */
function parse(text: string): Metadata[] {
  let found: Metadata[] = [];
  let strongest = -1;
  ITEM.lastIndex = 0;
  for (let item = p.regExpExec(ITEM, text); item !== null; item = p.regExpExec(ITEM, text)) {
    const match = p.regExpExec(METADATA, item[0]);
    if (match === null) continue;
    const strength = match[1] === "256" ? 0 : match[1] === "384" ? 1 : 2;
    if (strength < strongest) continue;
    if (strength > strongest) found = [];
    strongest = strength;
    p.define(found, found.length, { strength, digest: standard(match[2]) }, 7);
  }
  return found;
}

/** The usual alphabet of base64. */
function standard(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) result += text[i] === "-" ? "+" : text[i] === "_" ? "/" : text[i];
  return result;
}

function digestOf(bytes: Uint8Array<ArrayBuffer>, hash: string): string {
  const place = `"buffer":0,"offset":${p.typedArrayOffset(bytes)},"size":${p.typedArrayByteLength(bytes)}`;
  const digest = sdk.compute(`{"op":"digest","hash":"${hash}",${place}}`, p.typedArrayBuffer(bytes));
  if (digest === undefined || typeof digest === "string") throw new p.TypeError("fetch failed: the integrity cannot be computed");
  const raw = new p.Uint8Array(digest);
  let text = "";
  for (let i = 0; i < raw.length; i++) text += p.fromCharCode(raw[i]);
  const base64 = btoa(text);
  const padding = p.stringIndexOf(base64, "=");
  return padding < 0 ? base64 : p.stringSlice(base64, 0, padding);
}

/** Whether `integrity` of a request asks for anything. */
export function asksForIntegrity(integrity: string): boolean {
  return integrity !== "" && parse(integrity).length > 0;
}

export function hasIntegrity(bytes: Uint8Array<ArrayBuffer>, integrity: string): boolean {
  const wanted = parse(integrity);
  for (let i = 0; i < wanted.length; i++) {
    const { strength, digest } = wanted[i] as Metadata;
    if (digestOf(bytes, HASHES[strength] as string) === digest) return true;
  }
  return wanted.length === 0;
}
