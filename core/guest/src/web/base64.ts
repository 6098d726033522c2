// atob and btoa (HTML §8.3; forgiving-base64 of the Infra Standard).
import { fromCharCode, root, stringCharCodeAt, Uint8Array } from "../primordials";
import { DOMException } from "./dom_exception";
import { define, requireArguments } from "./idl";
import lent from "./lend";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 64;
const SPACE = 65;
const WRONG = 66;

const values = new Uint8Array(128);
for (let i = 0; i < 128; i++) values[i] = WRONG;
for (let i = 0; i < 64; i++) values[stringCharCodeAt(ALPHABET, i)] = i;
for (let i = 0; i < 5; i++) values[stringCharCodeAt("\t\n\f\r ", i)] = SPACE;
values[61] = PAD;

const malformed = () => new DOMException("The string is not correctly encoded.", "InvalidCharacterError");

/** The sextets of a text, without white space and padding. */
function sextets(text: string): { data: Uint8Array; length: number } {
  const data = new Uint8Array(text.length);
  let length = 0;
  let pads = 0;
  for (let i = 0; i < text.length; i++) {
    const code = stringCharCodeAt(text, i);
    const value = code < 128 ? (values[code] as number) : WRONG;
    if (value === SPACE) continue;
    if (value === WRONG || (pads > 0 && value !== PAD)) throw malformed();
    if (value === PAD) pads++;
    else data[length++] = value;
  }
  if (length % 4 === 1 || pads > 2 || (pads > 0 && (length + pads) % 4 !== 0)) throw malformed();
  return { data, length };
}

function decode(text: string): string {
  const { data, length } = sextets(text);
  let result = "";
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    bits = ((bits << 6) | (data[i] as number)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    result += fromCharCode((bits >> held) & 0xff);
  }
  return result;
}

/** Of a text whose characters are bytes. */
export function base64Encode(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i += 3) {
    const a = stringCharCodeAt(text, i);
    const b = i + 1 < text.length ? stringCharCodeAt(text, i + 1) : 0;
    const c = i + 2 < text.length ? stringCharCodeAt(text, i + 2) : 0;
    if (a > 255 || b > 255 || c > 255) {
      throw new DOMException("The string contains characters outside of the Latin1 range.", "InvalidCharacterError");
    }
    const group = (a << 16) | (b << 8) | c;
    result += `${ALPHABET[group >> 18]}${ALPHABET[(group >> 12) & 63]}`;
    result += i + 1 < text.length ? ALPHABET[(group >> 6) & 63] : "=";
    result += i + 2 < text.length ? ALPHABET[group & 63] : "=";
  }
  return result;
}

const methods = {
  atob(data: unknown): string {
    requireArguments(arguments.length, 1, "atob");
    return decode(`${data}`);
  },
  btoa(data: unknown): string {
    requireArguments(arguments.length, 1, "btoa");
    return base64Encode(`${data}`);
  },
};

lent.atob = methods.atob;

export function installBase64(): void {
  define(root, "atob", methods.atob);
  define(root, "btoa", methods.btoa);
}
