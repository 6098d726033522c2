// Import, export and generation, for all algorithms.
import { type CryptoKey, finishKey, makeKey, type Slots } from "./crypto_key";
import { jwkBytes, jwkObject, type JwkOutput } from "./jwk";
import { exportPublicBytes, generatePair, importPair, pairJwk } from "./key_pairs";
import type { Algorithm } from "./normalize";
import { requireType } from "./normalize";
import { fail, p } from "./platform";
import { type Format, generateSecret, type Import, importSecret, secretJwk } from "./secret_keys";
import { allowedUsages } from "./usages";
import { copyOf, notSupported } from "./webidl";

function isSecret(name: string): boolean {
  return p.stringStartsWith(name, "AES") || name === "HMAC" || name === "HKDF" || name === "PBKDF2";
}

export function importKey(given: Import): CryptoKey {
  const material = isSecret(given.algorithm.name) ? importSecret(given) : importPair(given);
  return finishKey(material, given.extractable, given.usages);
}

export function generateKey(algorithm: Algorithm, extractable: boolean, usages: number): object {
  if (isSecret(algorithm.name)) return makeKey(generateSecret(algorithm, usages), extractable, usages);
  const pair = generatePair(algorithm, usages);
  const allowed = allowedUsages(algorithm.name);
  const result = {};
  p.define(result, "publicKey", makeKey(pair.publicKey, true, usages & allowed.public), 7);
  p.define(result, "privateKey", makeKey(pair.privateKey, extractable, usages & allowed.secret), 7);
  return result;
}

/** Whether and how a key leaves; the caller has the bytes or the JSON Web Key that this returns. */
function exported(format: Format, key: Slots): ArrayBuffer | JwkOutput {
  if (key.name === "HKDF" || key.name === "PBKDF2") notSupported(`${key.name} keys cannot be exported`);
  if (!key.extractable) fail("InvalidAccessError", "the key is not extractable");
  const secret = key.type === "secret";
  if (format === "jwk") {
    return { members: secret ? secretJwk(key) : pairJwk(key), usages: key.usages, extractable: key.extractable };
  }
  if (secret) return format === "raw" ? copyOf(key.data) : notSupported(`secret keys are exported as raw or jwk`);
  requireType(key, format === "pkcs8" ? "private" : "public");
  return format === "raw" ? exportPublicBytes(key) : copyOf(key.data);
}

function isJwk(result: ArrayBuffer | JwkOutput): result is JwkOutput {
  return p.hasOwn(result, "members");
}

export function exportKey(format: Format, key: Slots): object {
  const result = exported(format, key);
  return isJwk(result) ? jwkObject(result) : result;
}

/** What `wrapKey` encrypts. */
export function exportBytes(format: Format, key: Slots): ArrayBuffer {
  const result = exported(format, key);
  return isJwk(result) ? jwkBytes(result) : result;
}
