// "Normalize an algorithm" (Web Cryptography §18.4): each member is read once and copied, before anything is decided by it.
import { keySlots, type Slots } from "./crypto_key";
import { fail, p, typeError } from "./platform";
import { asciiLower, bufferSource, copyOf, enforceRange, isObject, notSupported } from "./webidl";

/** A normalised algorithm. Which members there are is a matter of operation and name. */
export interface Algorithm {
  name: string;
  iv?: ArrayBuffer;
  counter?: ArrayBuffer;
  additionalData?: ArrayBuffer;
  context?: ArrayBuffer;
  label?: ArrayBuffer;
  salt?: ArrayBuffer;
  info?: ArrayBuffer;
  publicExponent?: ArrayBuffer;
  hash?: string;
  namedCurve?: string;
  length?: number;
  tagLength?: number;
  modulusLength?: number;
  saltLength?: number;
  iterations?: number;
  public?: Slots;
}

type Kind = "buffer" | "integer" | "hash" | "text" | "key" | "u8" | "u16" | "u32";
type Member = readonly [name: keyof Algorithm, kind: Kind, required: boolean];

const HASH: Member = ["hash", "hash", true];
const CURVE: Member[] = [["namedCurve", "text", true]];
const LENGTH: Member[] = [["length", "u16", true]];
const HMAC: Member[] = [HASH, ["length", "u32", false]];
const NONE: Member[] = [];
const CBC: Member[] = [["iv", "buffer", true]];
const CTR: Member[] = [
  ["counter", "buffer", true],
  ["length", "u8", true],
];
const GCM: Member[] = [
  ["additionalData", "buffer", false],
  ["iv", "buffer", true],
  ["tagLength", "u8", false],
];
const OAEP: Member[] = [["label", "buffer", false]];
const CONTEXT: Member[] = [["context", "buffer", false]];
const PSS: Member[] = [["saltLength", "u32", true]];
const PUBLIC: Member[] = [["public", "key", true]];
const HKDF: Member[] = [HASH, ["info", "buffer", true], ["salt", "buffer", true]];
const PBKDF2: Member[] = [HASH, ["iterations", "u32", true], ["salt", "buffer", true]];
const RSA: Member[] = [["modulusLength", "u32", true], ["publicExponent", "integer", true], HASH];

const CIPHERS = { "AES-CBC": CBC, "AES-CTR": CTR, "AES-GCM": GCM, "RSA-OAEP": OAEP };
const SIGNATURES = { "RSASSA-PKCS1-v1_5": NONE, "RSA-PSS": PSS, ECDSA: [HASH], HMAC: NONE, Ed25519: NONE, Ed448: CONTEXT };
const AES = { "AES-CBC": LENGTH, "AES-CTR": LENGTH, "AES-GCM": LENGTH, "AES-KW": LENGTH };
const PAIRS = { ECDSA: CURVE, ECDH: CURVE, Ed25519: NONE, Ed448: NONE, X25519: NONE, X448: NONE };
const RSA_IMPORT = { "RSASSA-PKCS1-v1_5": [HASH], "RSA-PSS": [HASH], "RSA-OAEP": [HASH] };
const AES_IMPORT = { "AES-CBC": NONE, "AES-CTR": NONE, "AES-GCM": NONE, "AES-KW": NONE };

/** Which algorithms each operation knows, and the members of their dictionaries in the order in which Web IDL reads them. */
const OPERATIONS = {
  digest: { "SHA-1": NONE, "SHA-256": NONE, "SHA-384": NONE, "SHA-512": NONE },
  encrypt: CIPHERS,
  decrypt: CIPHERS,
  sign: SIGNATURES,
  verify: SIGNATURES,
  deriveBits: { HKDF, PBKDF2, ECDH: PUBLIC, X25519: PUBLIC, X448: PUBLIC },
  wrapKey: { "AES-KW": NONE },
  unwrapKey: { "AES-KW": NONE },
  generateKey: { "RSASSA-PKCS1-v1_5": RSA, "RSA-PSS": RSA, "RSA-OAEP": RSA, ...PAIRS, ...AES, HMAC },
  importKey: { ...RSA_IMPORT, ...PAIRS, ...AES_IMPORT, HMAC, HKDF: NONE, PBKDF2: NONE },
  getKeyLength: { ...AES, HMAC, HKDF: NONE, PBKDF2: NONE },
};
export type Operation = keyof typeof OPERATIONS;

/** `AlgorithmIdentifier`: an object as it is, anything else as a string. */
export function identifier(value: unknown): object | string {
  return isObject(value) ? value : `${value as string}`;
}

/** The registered spelling of a name, or `undefined`. */
function registered(table: Record<string, Member[]>, name: string): string | undefined {
  const names: string[] = p.keys(table);
  const wanted = asciiLower(name);
  for (let i = 0; i < names.length; i++) if (asciiLower(names[i] as string) === wanted) return names[i];
  return undefined;
}

/** Like `normalize`, but `undefined` when the operation does not know the algorithm's name. */
export function normalizeIfKnown(operation: Operation, given: object | string): Algorithm | undefined {
  const table: Record<string, Member[]> = OPERATIONS[operation];
  const source: Record<string, unknown> | undefined = typeof given === "string" ? undefined : (given as Record<string, unknown>);
  const asked = source === undefined ? given : source.name;
  if (asked === undefined) typeError("the algorithm has no name");
  const name = registered(table, `${asked as string}`);
  if (name === undefined) return undefined;
  const algorithm: Algorithm = { __proto__: null, name } as never;
  const members = table[name] as Member[];
  const read: unknown[] = [];
  for (let i = 0; i < members.length; i++) p.define(read, i, readMember(source, members[i] as Member), 7);
  for (let i = 0; i < members.length; i++) finishMember(algorithm, members[i] as Member, read[i]);
  return algorithm;
}

export function normalize(operation: Operation, given: object | string): Algorithm {
  return normalizeIfKnown(operation, given) ?? notSupported(`${operation} does not support this algorithm`);
}

/** Conversion by Web IDL; may run guest code. */
function readMember(source: Record<string, unknown> | undefined, member: Member): unknown {
  const name = member[0];
  const value = source?.[name];
  if (value === undefined) return member[2] ? typeError(`the algorithm lacks '${name}'`) : undefined;
  switch (member[1]) {
    case "buffer":
      return bufferSource(value, `'${name}'`);
    case "integer":
      return p.typedArrayKind(value) === "Uint8Array"
        ? bufferSource(value, `'${name}'`)
        : typeError(`'${name}' is not a Uint8Array`);
    case "hash":
      return identifier(value);
    case "text":
      return `${value as string}`;
    case "key":
      return keySlots(value, `'${name}'`);
    case "u8":
      return enforceRange(value, 0xff, `'${name}'`);
    case "u16":
      return enforceRange(value, 0xffff, `'${name}'`);
    case "u32":
      return enforceRange(value, 0xffffffff, `'${name}'`);
  }
}

function finishMember(algorithm: Algorithm, member: Member, read: unknown): void {
  if (read === undefined) return;
  const kind = member[1];
  const value = kind === "hash" ? normalize("digest", read as string).name : read;
  (algorithm as never as Record<string, unknown>)[member[0]] =
    kind === "buffer" || kind === "integer" ? copyOf(value as object) : value;
}

export function requireName(key: Slots, algorithm: Algorithm): void {
  if (key.name !== algorithm.name) fail("InvalidAccessError", `the key is for ${key.name}, not for ${algorithm.name}`);
}

export function requireUsage(key: Slots, bit: number, name: string): void {
  if ((key.usages & bit) === 0) fail("InvalidAccessError", `the key's usages do not permit ${name}`);
}

export function requireType(key: Slots, type: string): void {
  if (key.type !== type) fail("InvalidAccessError", `this needs a ${type} key, not a ${key.type} one`);
}
