// Hash and Hmac, as objects, streams, and in one go.
import Stream from "readable-stream/lib/stream.js";
import { platform } from "../platform";
import { Chunks, bytesOf, encoded } from "./crypto_bytes.mjs";
import { checkString, coded, invalidArgType } from "./errors.mjs";

/** Names of OpenSSL → names of the service. */
const NAMES = {
  md5: "MD5",
  sha1: "SHA-1",
  sha224: "SHA-224",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
  "sha512-224": "SHA-512/224",
  "sha512-256": "SHA-512/256",
  "sha3-224": "SHA3-224",
  "sha3-256": "SHA3-256",
  "sha3-384": "SHA3-384",
  "sha3-512": "SHA3-512",
  blake2b512: "BLAKE2b",
  blake2s256: "BLAKE2s",
};

function find(name) {
  const plain = name
    .toLowerCase()
    .replace(/^(rsa-)/, "")
    .replace(/^sha-(\d)/, "sha$1")
    .replace("sha512/", "sha512-");
  return Object.hasOwn(NAMES, plain) ? NAMES[plain] : undefined;
}

export function hashName(name) {
  checkString(name, "digest");
  const found = find(name);
  if (found === undefined) throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
  return found;
}

export const getHashes = () => Object.keys(NAMES);
const used = () => coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");

class Digest extends Stream.Transform {
  #chunks = new Chunks();
  #compute;
  #result;
  constructor(compute, options) {
    super(options);
    this.#compute = compute;
  }
  update(data, encoding) {
    if (this.#result !== undefined) throw used();
    if (typeof data !== "string" && !ArrayBuffer.isView(data))
      throw invalidArgType("data", ["string", "Buffer", "TypedArray", "DataView"], data);
    this.#chunks.add(bytesOf(data, "data", true, encoding));
    return this;
  }
  digest(encoding) {
    if (this.#result !== undefined) throw used();
    this.#result = this.#compute(this.#chunks.joined());
    return encoded(this.#result, encoding);
  }
  get _chunks() {
    if (this.#result !== undefined) throw used();
    return this.#chunks;
  }
  _transform(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }
  _flush(callback) {
    this.push(this.digest());
    callback();
  }
}

function makeHash(name, options) {
  checkString(name, "algorithm");
  const found = find(name);
  if (found === undefined) throw Object.assign(new Error("Digest method not supported"), { code: "ERR_CRYPTO_INVALID_DIGEST" });
  const hash = Reflect.construct(Digest, [(data) => platform.digest(found, data), options], Hash);
  hash.copy = (settings) => {
    const parts = hash._chunks.joined();
    return makeHash(name, settings).update(parts);
  };
  Object.defineProperty(hash, "copy", { enumerable: false });
  return hash;
}

/** Hash and Hmac can be called and constructed, as in Node. */
export function Hash(name, options) {
  return makeHash(name, options);
}
Object.setPrototypeOf(Hash, Digest);
Hash.prototype = Object.create(Digest.prototype, { constructor: { value: Hash, writable: true, configurable: true } });

export function Hmac(name, key, options) {
  checkString(name, "hmac");
  const found = find(name);
  if (found === undefined) throw coded(Error, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
  const secret = bytesOf(key, "key", true, options?.encoding).slice();
  return Reflect.construct(Digest, [(data) => platform.hmac(found, secret, data), options], Hmac);
}
Object.setPrototypeOf(Hmac, Digest);
Hmac.prototype = Object.create(Digest.prototype, { constructor: { value: Hmac, writable: true, configurable: true } });

export const createHash = (name, options) => new Hash(name, options);
export const createHmac = (name, key, options) => new Hmac(name, key, options);
export const hash = (name, data, encoding = "hex") => createHash(name).update(data).digest(encoding);
