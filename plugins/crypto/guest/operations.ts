// What is done with keys. Names and usages were checked before.
import type { Slots } from "./crypto_key";
import { type Algorithm, requireType } from "./normalize";
import { bytes, fail, type Order, p, typeError, value } from "./platform";
import { bytesOf, notSupported, prefix, sizeOf, type Window } from "./webidl";

/** The bytes of `data` are not copied: the operation ends before guest code runs again. */
function at(order: Order, index: number, data: Window): Order {
  return { ...order, buffer: index, offset: data.offset, size: data.length };
}

export function digest(hash: string, data: Window): ArrayBuffer {
  return bytes(at({ op: "digest", hash }, 0, data), data.buffer);
}

function operationError(message: string): never {
  return fail("OperationError", message);
}

function need16(buffer: ArrayBuffer, what: string): void {
  if (sizeOf(buffer) !== 16) operationError(`${what} does not have 16 bytes`);
}

// ------------------------------------------------------------------ encrypt, decrypt
const TAGS = [32, 64, 96, 104, 112, 120, 128];

function tagBits(given: number | undefined): number {
  const bits = given ?? 128;
  for (let i = 0; i < TAGS.length; i++) if (TAGS[i] === bits) return bits;
  return operationError("a tag of this length does not exist");
}

export function cipher(encrypt: boolean, algorithm: Algorithm, key: Slots, data: Window): ArrayBuffer {
  const mode = algorithm.name;
  const order = at({ op: "aes", mode, encrypt }, 1, data);
  switch (mode) {
    case "AES-CBC":
      need16(algorithm.iv as ArrayBuffer, "the initialisation vector");
      return bytes(order, key.data, data.buffer, algorithm.iv);
    case "AES-CTR": {
      const bits = algorithm.length as number;
      need16(algorithm.counter as ArrayBuffer, "the counter block");
      if (bits === 0 || bits > 128) operationError("a counter has 1 to 128 bits");
      return bytes({ ...order, bits }, key.data, data.buffer, algorithm.counter);
    }
    case "AES-GCM": {
      const extra = algorithm.additionalData ?? new p.ArrayBuffer(0);
      return bytes({ ...order, tag: tagBits(algorithm.tagLength) }, key.data, data.buffer, algorithm.iv, extra);
    }
    default:
      return oaep(encrypt, algorithm, key, data);
  }
}

function oaep(encrypt: boolean, algorithm: Algorithm, key: Slots, data: Window): ArrayBuffer {
  requireType(key, encrypt ? "public" : "private");
  const order: Order = { op: encrypt ? "rsa_encrypt" : "rsa_decrypt", hash: key.hash };
  return bytes(at(order, 1, data), key.data, data.buffer, algorithm.label ?? new p.ArrayBuffer(0));
}

export function wrap(key: Slots, data: ArrayBuffer): ArrayBuffer {
  if (sizeOf(data) % 8 !== 0 || sizeOf(data) < 16) operationError("AES-KW wraps multiples of 64 bits, and at least 128");
  return bytes({ op: "wrap" }, key.data, data);
}

export function unwrap(key: Slots, data: ArrayBuffer): ArrayBuffer {
  return bytes({ op: "unwrap" }, key.data, data);
}

// ------------------------------------------------------------------ sign, verify
/** The library below signs without a context alone, which is what an empty one means. */
function requireNoContext(context: ArrayBuffer | undefined): void {
  if (context === undefined || sizeOf(context) === 0) return;
  if (sizeOf(context) > 255) operationError("a context has at most 255 bytes");
  notSupported("Ed448 is offered without a context: leave 'context' out");
}

function signatureOrder(verb: string, algorithm: Algorithm, key: Slots): Order {
  switch (algorithm.name) {
    case "HMAC":
      return { op: verb === "sign" ? "hmac" : "hmac_verify", hash: key.hash };
    case "ECDSA":
      return { op: `ecdsa_${verb}`, hash: algorithm.hash };
    case "Ed25519":
      return { op: `eddsa_${verb}`, kind: "Ed25519" };
    case "Ed448":
      requireNoContext(algorithm.context);
      return { op: `eddsa_${verb}`, kind: "Ed448" };
    default:
      return { op: `rsa_${verb}`, hash: key.hash, salt: algorithm.saltLength };
  }
}

export function sign(algorithm: Algorithm, key: Slots, data: Window): ArrayBuffer {
  if (key.type !== "secret") requireType(key, "private");
  return bytes(at(signatureOrder("sign", algorithm, key), 1, data), key.data, data.buffer);
}

export function verify(algorithm: Algorithm, key: Slots, signature: ArrayBuffer, data: Window): boolean {
  if (key.type !== "secret") requireType(key, "public");
  return value(at(signatureOrder("verify", algorithm, key), 1, data), key.data, data.buffer, signature);
}

// ------------------------------------------------------------------ derive
/** `length` in bits; `null` = all that there is, which only key agreement can say. */
export function derive(algorithm: Algorithm, key: Slots, length: number | null): ArrayBuffer {
  if (isAgreement(algorithm.name)) return agree(algorithm, key, length);
  const { hash, salt, info, iterations } = algorithm;
  if (length === null || length % 8 !== 0) operationError("the length is not a multiple of 8");
  if (iterations === 0) operationError("there is no iteration");
  if (length === 0) return new p.ArrayBuffer(0);
  const order: Order = { op: algorithm.name === "HKDF" ? "hkdf" : "pbkdf2", hash, iterations, bytes: length / 8 };
  return bytes(order, key.data, salt, info);
}

export const isAgreement = (name: string): boolean => name === "ECDH" || name === "X25519" || name === "X448";

function agree(algorithm: Algorithm, key: Slots, length: number | null): ArrayBuffer {
  const other = algorithm.public ?? typeError("the algorithm lacks 'public'");
  requireType(key, "private");
  requireType(other, "public");
  if (other.name !== key.name || other.curve !== key.curve) fail("InvalidAccessError", "the public key is of another kind");
  const secret = bytes({ op: "agree", kind: key.curve === undefined ? key.name : "EC" }, key.data, other.data);
  if (length === null) return secret;
  const size: number = p.floor((length + 7) / 8);
  if (size > sizeOf(secret)) operationError("the shared secret is shorter than that");
  const result = prefix(secret, size);
  const rest = length % 8;
  const view = bytesOf(result);
  if (rest !== 0) view[size - 1] = (view[size - 1] as number) & (0xff << (8 - rest));
  return result;
}
