// Cipheriv and Decipheriv for AES. The service works at once, so the text comes out of final(): joined with what update()
// gave, it is what Node gives.
import Stream from "readable-stream/lib/stream.js";
import { platform } from "../platform";
import { bytesOf, Chunks, encoded } from "./crypto_bytes.mjs";
import { checkString, coded } from "./errors.mjs";

const SIZES = [128, 192, 256];
const MODES = { cbc: 16, ctr: 16, gcm: 12 };
const CIPHERS = SIZES.flatMap((size) => Object.keys(MODES).map((mode) => `aes-${size}-${mode}`));

export const getCiphers = () => [...CIPHERS];
export function getCipherInfo(name) {
  const found = /^aes-(128|192|256)-(cbc|ctr|gcm)$/i.exec(name);
  if (found === null) return undefined;
  const mode = found[2].toLowerCase();
  const info = { mode, name: name.toLowerCase(), keyLength: found[1] / 8, ivLength: MODES[mode] };
  return mode === "cbc" ? { ...info, blockSize: 16 } : info;
}

class AesStream extends Stream.Transform {
  #chunks = new Chunks();
  #info;
  #key;
  #iv;
  #extra = new Chunks();
  #isEncrypting;
  #isDone = false;
  #tag;
  constructor(isEncrypting, name, key, iv, options) {
    super(options);
    checkString(name, "cipher");
    this.#info = getCipherInfo(name);
    if (this.#info === undefined) throw coded(Error, "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher");
    this.#key = bytesOf(key, "key").slice();
    this.#iv = bytesOf(iv, "iv").slice();
    this.#isEncrypting = isEncrypting;
    if (this.#key.length !== this.#info.keyLength) throw coded(RangeError, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
    const isFixed = this.#info.mode !== "gcm";
    if (isFixed ? this.#iv.length !== 16 : this.#iv.length === 0)
      throw coded(TypeError, "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector");
  }
  update(data, inputEncoding, outputEncoding) {
    if (this.#isDone) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    this.#chunks.add(bytesOf(data, "data", true, inputEncoding));
    return encoded(new Uint8Array(0), outputEncoding);
  }
  final(outputEncoding) {
    if (this.#isDone) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    this.#isDone = true;
    return encoded(this.#info.mode === "gcm" ? this.#gcm() : this.#run(this.#chunks.joined()), outputEncoding);
  }
  #run(data) {
    const mode = `AES-${this.#info.mode.toUpperCase()}`;
    const extra = this.#info.mode === "gcm" ? this.#extra.joined() : undefined;
    try {
      return platform.aes(mode, this.#isEncrypting, this.#key, data, this.#iv, extra);
    } catch {
      if (this.#info.mode === "gcm") throw new Error("Unsupported state or unable to authenticate data");
      throw Object.assign(new Error("error:1C800064:Provider routines::bad decrypt"), { code: "ERR_OSSL_BAD_DECRYPT" });
    }
  }
  #gcm() {
    if (!this.#isEncrypting) {
      if (this.#tag === undefined) throw new Error("Unsupported state or unable to authenticate data");
      this.#chunks.add(this.#tag);
      return this.#run(this.#chunks.joined());
    }
    const result = this.#run(this.#chunks.joined());
    this.#tag = result.slice(-16);
    return result.slice(0, -16);
  }
  getAuthTag() {
    if (this.#tag === undefined || !this.#isEncrypting)
      throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state for operation getAuthTag");
    return encoded(this.#tag);
  }
  setAuthTag(tag, encoding) {
    const bytes = bytesOf(tag, "tag", true, encoding);
    if (bytes.length !== 16)
      throw coded(TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG", `Invalid authentication tag length: ${bytes.length}`);
    this.#tag = bytes.slice();
    return this;
  }
  setAAD(data, options) {
    this.#extra.add(bytesOf(data, "buffer", true, options?.encoding));
    return this;
  }
  setAutoPadding(isOn = true) {
    if (!isOn && this.#info.mode === "cbc")
      throw coded(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "AES-CBC is always padded here");
    return this;
  }
  _transform(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }
  _flush(callback) {
    let result;
    try {
      result = this.final();
    } catch (error) {
      return callback(error);
    }
    this.push(result);
    callback();
  }
}

export const createCipheriv = (name, key, iv, options) => new AesStream(true, name, key, iv, options);
export const createDecipheriv = (name, key, iv, options) => new AesStream(false, name, key, iv, options);
