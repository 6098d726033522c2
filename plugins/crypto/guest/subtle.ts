// SubtleCrypto. Every method answers by a promise, whatever goes wrong; the work itself is done before it returns.
import { keySlots } from "./crypto_key";
import { exportBytes, exportKey, generateKey, importKey } from "./keys";
import { type JwkInput, parseJwk, readJwk } from "./jwk";
import { type Algorithm, identifier, normalize, normalizeIfKnown, requireName, requireUsage } from "./normalize";
import { cipher, derive, digest, sign, unwrap, verify, wrap } from "./operations";
import { makeBrand, p, typeError } from "./platform";
import { type Format, keyLength } from "./secret_keys";
import { DECRYPT, DERIVE_BITS, DERIVE_KEY, ENCRYPT, SIGN, toUsages, UNWRAP_KEY, VERIFY, WRAP_KEY } from "./usages";
import { bufferSource, copyOf, isBufferSource, isObject, needArguments, sizeOf, windowOf } from "./webidl";

const Brand = makeBrand<true>();

/** A promise of what `work` returns or throws; a wrong receiver or too few arguments reject it too. */
function promised<T>(self: unknown, args: IArguments, needed: number, name: string, work: (where: string) => T): Promise<T> {
  return new p.Promise((resolve: (value: T) => void, reject: (reason: unknown) => void) => {
    try {
      if (Brand.of(self) === undefined) typeError("Illegal invocation");
      const where = `SubtleCrypto.${name}`;
      needArguments(args.length, needed, where);
      resolve(work(where));
    } catch (error) {
      reject(error);
    }
  });
}

function toFormat(value: unknown, where: string): Format {
  const format = `${value as string}`;
  if (format === "raw" || format === "pkcs8" || format === "spki" || format === "jwk") return format;
  return typeError(`${where}: '${format}' is not a key format`);
}

/** `BufferSource or JsonWebKey`. */
function toKeyData(value: unknown, where: string): object | JwkInput {
  if (isBufferSource(value)) return bufferSource(value, where);
  if (value !== undefined && value !== null && !isObject(value)) typeError(`${where}: the key data is not an object`);
  return readJwk((value ?? p.create(null)) as object, false);
}

/** `unsigned long?` without `[EnforceRange]`. */
function toLength(value: unknown): number | null {
  return value === null || value === undefined ? null : (value as number) >>> 0;
}

function ofSize(buffer: ArrayBuffer) {
  return { buffer, offset: 0, length: sizeOf(buffer) };
}

function cipherMethod(encrypt: boolean, given: unknown, keyGiven: unknown, dataGiven: unknown, where: string): ArrayBuffer {
  const asked = identifier(given);
  const key = keySlots(keyGiven, where);
  const data = bufferSource(dataGiven, where);
  const algorithm = normalize(encrypt ? "encrypt" : "decrypt", asked);
  requireName(key, algorithm);
  requireUsage(key, encrypt ? ENCRYPT : DECRYPT, encrypt ? "encrypt" : "decrypt");
  return cipher(encrypt, algorithm, key, windowOf(data));
}

/** Wrapping is done by an operation of its own or, where an algorithm has none, by encryption. */
function wrapping(operation: "wrapKey" | "unwrapKey", given: object | string): Algorithm {
  const own = normalizeIfKnown(operation, given);
  return own ?? normalize(operation === "wrapKey" ? "encrypt" : "decrypt", given);
}

export class SubtleCrypto {
  constructor() {
    typeError("Illegal constructor");
  }
  encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(this, arguments, 3, "encrypt", (where) => cipherMethod(true, algorithm, key, data, where));
  }
  decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(this, arguments, 3, "decrypt", (where) => cipherMethod(false, algorithm, key, data, where));
  }
  sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(this, arguments, 3, "sign", (where) => {
      const asked = identifier(algorithm);
      const slots = keySlots(key, where);
      const source = bufferSource(data, where);
      const normal = normalize("sign", asked);
      requireName(slots, normal);
      requireUsage(slots, SIGN, "sign");
      return sign(normal, slots, windowOf(source));
    });
  }
  verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    return promised(this, arguments, 4, "verify", (where) => {
      const asked = identifier(algorithm);
      const slots = keySlots(key, where);
      const mark = bufferSource(signature, where);
      const source = bufferSource(data, where);
      const normal = normalize("verify", asked);
      requireName(slots, normal);
      requireUsage(slots, VERIFY, "verify");
      return verify(normal, slots, copyOf(mark), windowOf(source));
    });
  }
  digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    return promised(this, arguments, 2, "digest", (where) => {
      const asked = identifier(algorithm);
      const source = bufferSource(data, where);
      return digest(normalize("digest", asked).name, windowOf(source));
    });
  }
  generateKey(algorithm: unknown, extractable: unknown, keyUsages: unknown): Promise<object> {
    return promised(this, arguments, 3, "generateKey", (where) => {
      const asked = identifier(algorithm);
      const usages = toUsages(keyUsages, where);
      return generateKey(normalize("generateKey", asked), !!extractable, usages);
    });
  }
  deriveKey(
    algorithm: unknown,
    baseKey: unknown,
    derivedKeyType: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<object> {
    return promised(this, arguments, 5, "deriveKey", (where) => {
      const asked = identifier(algorithm);
      const key = keySlots(baseKey, where);
      const wanted = identifier(derivedKeyType);
      const usages = toUsages(keyUsages, where);
      const normal = normalize("deriveBits", asked);
      const target = normalize("importKey", wanted);
      const length = keyLength(normalize("getKeyLength", wanted));
      requireName(key, normal);
      requireUsage(key, DERIVE_KEY, "deriveKey");
      const data = derive(normal, key, length);
      return importKey({ algorithm: target, format: "raw", data, jwk: undefined, extractable: !!extractable, usages });
    });
  }
  deriveBits(algorithm: unknown, baseKey: unknown, length: unknown = null): Promise<ArrayBuffer> {
    return promised(this, arguments, 2, "deriveBits", (where) => {
      const asked = identifier(algorithm);
      const key = keySlots(baseKey, where);
      const bits = toLength(length);
      const normal = normalize("deriveBits", asked);
      requireName(key, normal);
      requireUsage(key, DERIVE_BITS, "deriveBits");
      return derive(normal, key, bits);
    });
  }
  importKey(format: unknown, keyData: unknown, algorithm: unknown, extractable: unknown, keyUsages: unknown): Promise<object> {
    return promised(this, arguments, 5, "importKey", (where) => {
      const kind = toFormat(format, where);
      const given = toKeyData(keyData, where);
      const asked = identifier(algorithm);
      const usages = toUsages(keyUsages, where);
      const normal = normalize("importKey", asked);
      const isBytes = isBufferSource(given);
      if (isBytes === (kind === "jwk")) typeError(`${where}: the key data does not fit the format '${kind}'`);
      const data = isBytes ? copyOf(given) : undefined;
      const jwk = isBytes ? undefined : (given as JwkInput);
      return importKey({ algorithm: normal, format: kind, data, jwk, extractable: !!extractable, usages });
    });
  }
  exportKey(format: unknown, key: unknown): Promise<object> {
    return promised(this, arguments, 2, "exportKey", (where) => exportKey(toFormat(format, where), keySlots(key, where)));
  }
  wrapKey(format: unknown, key: unknown, wrappingKey: unknown, wrapAlgorithm: unknown): Promise<ArrayBuffer> {
    return promised(this, arguments, 4, "wrapKey", (where) => {
      const kind = toFormat(format, where);
      const inner = keySlots(key, where);
      const outer = keySlots(wrappingKey, where);
      const algorithm = wrapping("wrapKey", identifier(wrapAlgorithm));
      requireName(outer, algorithm);
      requireUsage(outer, WRAP_KEY, "wrapKey");
      const data = exportBytes(kind, inner);
      return algorithm.name === "AES-KW" ? wrap(outer, data) : cipher(true, algorithm, outer, ofSize(data));
    });
  }
  unwrapKey(
    format: unknown,
    wrappedKey: unknown,
    unwrappingKey: unknown,
    unwrapAlgorithm: unknown,
    unwrappedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<object> {
    return promised(this, arguments, 7, "unwrapKey", (where) => {
      const kind = toFormat(format, where);
      const wrapped = bufferSource(wrappedKey, where);
      const outer = keySlots(unwrappingKey, where);
      const how = identifier(unwrapAlgorithm);
      const what = identifier(unwrappedKeyAlgorithm);
      const usages = toUsages(keyUsages, where);
      const algorithm = wrapping("unwrapKey", how);
      const target = normalize("importKey", what);
      requireName(outer, algorithm);
      requireUsage(outer, UNWRAP_KEY, "unwrapKey");
      const data =
        algorithm.name === "AES-KW" ? unwrap(outer, copyOf(wrapped)) : cipher(false, algorithm, outer, windowOf(wrapped));
      const jwk = kind === "jwk" ? parseJwk(data) : undefined;
      return importKey({ algorithm: target, format: kind, data, jwk, extractable: !!extractable, usages });
    });
  }
}

export function makeSubtle(): SubtleCrypto {
  const subtle: SubtleCrypto = p.create(SubtleCrypto.prototype);
  new Brand(subtle, true);
  return subtle;
}
