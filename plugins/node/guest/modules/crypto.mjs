// node:crypto: what is synchronous in it, on the worker's native service. Keys and signatures are crypto.subtle's.
import { platform } from "../platform";
import { Buffer } from "./buffer.mjs";
import { createCipheriv, createDecipheriv, getCipherInfo, getCiphers } from "./crypto_ciphers.mjs";
import { createHash, createHmac, getHashes, Hash, Hmac, hash, hashName } from "./crypto_hashes.mjs";
import { random } from "./crypto_random.mjs";
import { bytesOf } from "./crypto_bytes.mjs";
import { CRYPTO } from "./constants_data.mjs";
import { checkFunction, checkInteger, coded } from "./errors.mjs";
import { nextTick } from "./ticks.mjs";

/** The form with a callback of a function that answers at once; arguments are checked at once, too. */
function later(run) {
  return (...args) => {
    const callback = args.pop();
    checkFunction(callback, "callback");
    const result = run(...args);
    nextTick(callback, null, result);
  };
}

function pbkdf2Sync(password, salt, iterations, size, digest) {
  checkInteger(iterations, "iterations", 1, 2 ** 31 - 1);
  checkInteger(size, "keylen", 0, 2 ** 31 - 1);
  if (size === 0) return Buffer.alloc(0);
  const found = hashName(digest);
  return Buffer.from(platform.pbkdf2(found, bytesOf(password, "password"), bytesOf(salt, "salt"), iterations, size).buffer);
}

function hkdfSync(digest, key, salt, info, size) {
  checkInteger(size, "length", 0, 2 ** 31 - 1);
  const found = hashName(digest);
  return platform.hkdf(found, bytesOf(key, "ikm"), bytesOf(salt, "salt"), bytesOf(info, "info"), size).buffer;
}

function scryptSync(password, salt, size, options = {}) {
  const cost = options.N ?? options.cost ?? 16384;
  const blockSize = options.r ?? options.blockSize ?? 8;
  const parallelization = options.p ?? options.parallelization ?? 1;
  const most = options.maxmem ?? 32 * 1024 * 1024;
  checkInteger(size, "keylen", 0, 2 ** 31 - 1);
  if (cost < 2 || (cost & (cost - 1)) !== 0 || 128 * cost * blockSize > most)
    throw coded(RangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params: memory limit exceeded");
  if (size === 0) return Buffer.alloc(0);
  const [secret, seed] = [bytesOf(password, "password"), bytesOf(salt, "salt")];
  return Buffer.from(platform.scrypt(secret, seed, cost, blockSize, parallelization, size).buffer);
}

function timingSafeEqual(a, b) {
  const [left, right] = [bytesOf(a, "buf1", false), bytesOf(b, "buf2", false)];
  if (left.length !== right.length)
    throw coded(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length");
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= left[i] ^ right[i];
  return difference === 0;
}

const refuse = (name) =>
  Object.defineProperty(
    () => {
      throw coded(
        Error,
        "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
        `crypto.${name}() is not available to guest code: use crypto.subtle (policies.crypto)`,
      );
    },
    "name",
    { value: name },
  );
const CLOSED =
  "checkPrime checkPrimeSync createDiffieHellman createDiffieHellmanGroup createECDH createPrivateKey createPublicKey createSecretKey createSign createVerify diffieHellman generateKey generateKeyPair generateKeyPairSync generateKeySync generatePrime generatePrimeSync getDiffieHellman privateDecrypt privateEncrypt publicDecrypt publicEncrypt sign verify";

/** For `instanceof`, and to be named in imports. */
const CLASSES =
  "Certificate Cipher Cipheriv Decipher Decipheriv DiffieHellman DiffieHellmanGroup ECDH KeyObject Sign Verify X509Certificate";
function closedClass(name) {
  function Closed() {
    refuse(name)();
  }
  return Object.defineProperty(Closed, "name", { value: name });
}

const { webcrypto } = platform;
const onlyWith = (use) => {
  if (webcrypto === undefined)
    throw coded(Error, "ERR_ACCESS_DENIED", "Web Cryptography is not granted to this runtime (policies.crypto)");
  return use(webcrypto);
};

export default {
  ...Object.fromEntries(CLOSED.split(" ").map((name) => [name, refuse(name)])),
  ...Object.fromEntries(CLASSES.split(" ").map((name) => [name, closedClass(name)])),
  ...random,
  constants: CRYPTO,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  getCipherInfo,
  getCiphers,
  getCurves: () => [],
  getFips: () => 0,
  getHashes,
  getRandomValues: (array) => onlyWith((web) => web.getRandomValues(array)),
  Hash,
  hash,
  hkdf: later(hkdfSync),
  hkdfSync,
  Hmac,
  pbkdf2: later(pbkdf2Sync),
  pbkdf2Sync,
  scrypt: later(scryptSync),
  scryptSync,
  secureHeapUsed: () => ({ total: 0, used: 0, utilization: 0, min: 0 }),
  setEngine: refuse("setEngine"),
  setFips() {},
  subtle: webcrypto?.subtle,
  timingSafeEqual,
  webcrypto,
};
