// `data:` URLs (Fetch Standard §6, MIME Sniffing Standard §4.4): they need no network, and so no policy.
import type { Sdk } from "../../../core/guest/types/sdk";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;
const BASE64 = /; *base64$/i;
const WHITE = /^[\t\n\f\r ]*(.*?)[\t\n\f\r ]*$/s;

export interface DataURL {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

type Primordials = Sdk["primordials"];
type Decode = (text: string) => string;

/** The content of a `data:` URL without fragment; `undefined` when it has none. `atob` may throw. */
export function readDataURL(p: Primordials, atob: Decode, url: string): DataURL | undefined {
  const comma = p.stringIndexOf(url, ",");
  if (comma < 0) return undefined;
  let mime = trim(p, p.stringSlice(url, 5, comma));
  let body = percentDecode(p, p.stringSlice(url, comma + 1));
  const marker = p.regExpExec(BASE64, mime);
  if (marker !== null) {
    try {
      body = atob(body);
    } catch {
      return undefined;
    }
    mime = p.stringSlice(mime, 0, marker.index);
  }
  if (p.stringStartsWith(mime, ";")) mime = `text/plain${mime}`;
  return { type: parseMime(p, mime) ?? "text/plain;charset=US-ASCII", bytes: bytesOf(p, body) };
}

const matches = (p: Primordials, pattern: RegExp, text: string): boolean => p.regExpExec(pattern, text) !== null;
const trim = (p: Primordials, text: string): string => p.regExpExec(WHITE, text)[1];

function bytesOf(p: Primordials, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new p.Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = p.stringCharCodeAt(text, i);
  return bytes;
}

/** One character for each byte. */
function percentDecode(p: Primordials, text: string): string {
  let result = "";
  let start = 0;
  for (let at = p.stringIndexOf(text, "%"); at >= 0; at = p.stringIndexOf(text, "%", at + 1)) {
    const value = hex(p, text, at + 1) * 16 + hex(p, text, at + 2);
    if (value !== value) continue;
    result += p.stringSlice(text, start, at) + p.fromCharCode(value);
    start = at + 3;
    at += 2;
  }
  return result + p.stringSlice(text, start);
}

function hex(p: Primordials, text: string, at: number): number {
  const code = at < text.length ? p.stringCharCodeAt(text, at) : 0;
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 0 / 0;
}

/** A MIME type in its normal form, or `undefined` when the text is none. */
function parseMime(p: Primordials, text: string): string | undefined {
  const slash = p.stringIndexOf(text, "/");
  const semicolon = p.stringIndexOf(text, ";");
  const end = semicolon < 0 ? text.length : semicolon;
  if (slash < 0 || slash > end) return undefined;
  const type = p.stringSlice(text, 0, slash);
  const subtype = trim(p, `.${p.stringSlice(text, slash + 1, end)}`);
  const name = p.stringSlice(subtype, 1);
  if (!matches(p, TOKEN, type) || !matches(p, TOKEN, name)) return undefined;
  return p.stringToLowerCase(`${type}/${name}`) + parameters(p, text, end);
}

function parameters(p: Primordials, text: string, start: number): string {
  const seen = { __proto__: null };
  let out = "";
  let at = start;
  while (at < text.length) {
    const item = readParameter(p, text, at + 1);
    at = item.end;
    if (item.value === undefined || !matches(p, TOKEN, item.name) || !matches(p, QUOTABLE, item.value)) continue;
    if (p.hasOwn(seen, item.name)) continue;
    p.define(seen, item.name, true);
    out += `;${item.name}=${matches(p, TOKEN, item.value) ? item.value : quote(item.value)}`;
  }
  return out;
}

interface Parameter {
  name: string;
  value: string | undefined;
  /** Where the next semicolon is, or the end of the text. */
  end: number;
}

function readParameter(p: Primordials, text: string, start: number): Parameter {
  let at = start;
  while (at < text.length && isWhite(p.stringCharCodeAt(text, at))) at++;
  const semicolon = indexFrom(p, text, ";", at);
  const equals = indexFrom(p, text, "=", at);
  const name = p.stringToLowerCase(p.stringSlice(text, at, equals < semicolon ? equals : semicolon));
  if (equals >= semicolon) return { name, value: undefined, end: semicolon };
  if (text[equals + 1] === '"') {
    const quoted = readQuoted(text, equals + 2);
    return { name, value: quoted.value, end: indexFrom(p, text, ";", quoted.end) };
  }
  const value = p.stringSlice(trim(p, `.${p.stringSlice(text, equals + 1, semicolon)}`), 1);
  return { name, value: value === "" ? undefined : value, end: semicolon };
}

const isWhite = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

function indexFrom(p: Primordials, text: string, part: string, at: number): number {
  const found = p.stringIndexOf(text, part, at);
  return found < 0 ? text.length : found;
}

function readQuoted(text: string, start: number): { value: string; end: number } {
  let value = "";
  let at = start;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\\" && at + 1 < text.length) at++;
    value += text[at];
    at++;
  }
  return { value, end: at };
}

function quote(value: string): string {
  let out = "";
  for (let i = 0; i < value.length; i++) out += value[i] === '"' || value[i] === "\\" ? `\\${value[i]}` : value[i];
  return `"${out}"`;
}
