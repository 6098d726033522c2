// Keys that are bytes: AES, HMAC, and the input of HKDF and PBKDF2.
import type { KeyType, Material, Slots } from "./crypto_key";
import { checkJwk, type Jwk, type JwkInput } from "./jwk";
import type { Algorithm } from "./normalize";
import { bytes, fail, p, random, typeError, value } from "./platform";
import { allowedUsages, checkUsages } from "./usages";
import { notSupported, sizeOf } from "./webidl";

export type Format = "raw" | "pkcs8" | "spki" | "jwk";
export interface Import {
  algorithm: Algorithm;
  format: Format;
  /** Bytes, or for the format `jwk` a JSON Web Key. */
  data: ArrayBuffer | undefined;
  jwk: JwkInput | undefined;
  extractable: boolean;
  usages: number;
}

const secret: KeyType = "secret";

function isAesLength(bits: number): boolean {
  return bits === 128 || bits === 192 || bits === 256;
}

/** What HMAC uses when no length is asked for: the block of its hash. */
function blockBits(hash: string | undefined): number {
  return hash === "SHA-384" || hash === "SHA-512" ? 1024 : 512;
}

/** "Get key length": how many bits `deriveKey` needs; `null` = as many as there are. */
export function keyLength(algorithm: Algorithm): number | null {
  const { name, length, hash } = algorithm;
  if (name === "HKDF" || name === "PBKDF2") return null;
  if (name === "HMAC") {
    if (length === 0) typeError("'length' is 0");
    return length ?? blockBits(hash);
  }
  if (!isAesLength(length as number)) fail("OperationError", "an AES key has 128, 192 or 256 bits");
  return length as number;
}

export function generateSecret(algorithm: Algorithm, usages: number): Material {
  const { name, hash } = algorithm;
  checkUsages(usages, allowedUsages(name).secret);
  const length = name === "HMAC" ? (algorithm.length ?? blockBits(hash)) : (algorithm.length as number);
  if (name === "HMAC" ? length === 0 : !isAesLength(length)) fail("OperationError", "a key cannot have this length");
  if (usages === 0) fail("SyntaxError", "the key would have no usage");
  const data = random(p.floor((length + 7) / 8));
  return hash === undefined ? { type: secret, name, length, data } : { type: secret, name, hash, length, data };
}

export function importSecret(given: Import): Material {
  const { algorithm } = given;
  if (algorithm.name === "HKDF" || algorithm.name === "PBKDF2") return importInput(given);
  checkUsages(given.usages, allowedUsages(algorithm.name).secret);
  return algorithm.name === "HMAC" ? importHmac(given) : importAes(given);
}

function importInput({ algorithm, format, data, extractable, usages }: Import): Material {
  if (format !== "raw") notSupported(`${algorithm.name} keys are imported as raw`);
  checkUsages(usages, allowedUsages(algorithm.name).secret);
  if (extractable) fail("SyntaxError", `${algorithm.name} keys cannot be extractable`);
  return { type: secret, name: algorithm.name, data: data as ArrayBuffer };
}

/** The bytes of a raw or a JSON Web Key; `alg` gives the name that the latter may have. */
function secretBytes(given: Import, use: string, alg: (data: ArrayBuffer) => string | undefined): ArrayBuffer {
  const { format, data, jwk, usages, extractable } = given;
  if (format === "raw") return data as ArrayBuffer;
  if (format !== "jwk") return notSupported(`${given.algorithm.name} keys are imported as raw or jwk`);
  const input = jwk as JwkInput;
  if (input.members.kty !== "oct" || input.members.k === undefined) fail("DataError", "the JSON Web Key is not a secret");
  const found = bytes({ op: "import_secret", k: input.members.k });
  checkJwk(input, { kty: "oct", use, alg: alg(found), usages, extractable });
  return found;
}

function importAes(given: Import): Material {
  const { name } = given.algorithm;
  const data = secretBytes(given, "enc", (found) => aesName(name, 8 * sizeOf(found)));
  const length = 8 * sizeOf(data);
  if (!isAesLength(length)) fail("DataError", "an AES key has 128, 192 or 256 bits");
  return { type: secret, name, length, data };
}

function importHmac(given: Import): Material {
  const { algorithm } = given;
  const hash = algorithm.hash as string;
  const data = secretBytes(given, "sig", () => hmacName(hash));
  const bits = 8 * sizeOf(data);
  const length = algorithm.length ?? bits;
  if (bits === 0) fail("DataError", "the key is empty");
  if (length > bits || length <= bits - 8) fail("DataError", "'length' does not fit the key");
  return { type: secret, name: "HMAC", hash, length, data };
}

/** `A256GCM`, `A128KW` … */
function aesName(name: string, bits: number): string {
  return `A${bits}${p.stringSlice(name, 4)}`;
}

function hmacName(hash: string): string {
  return `HS${p.stringSlice(hash, 4)}`;
}

export function secretJwk(key: Slots): Jwk {
  const alg = key.name === "HMAC" ? hmacName(key.hash as string) : aesName(key.name, key.length as number);
  return { __proto__: null as never, kty: "oct", k: value({ op: "export_secret" }, key.data), alg };
}
