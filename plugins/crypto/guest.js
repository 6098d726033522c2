"use strict";
(() => {
  // ../../plugins/crypto/guest/platform.ts
  var p;
  var sdk;
  var DOMExceptionClass;
  function lend(given) {
    sdk = given;
    p = given.primordials;
    DOMExceptionClass = p.root.DOMException;
  }
  function fail(name, message) {
    throw new DOMExceptionClass(message, name);
  }
  function typeError(message) {
    throw new p.TypeError(message);
  }
  function text(order) {
    const names = p.keys(order);
    let result = "";
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const value2 = order[name];
      if (value2 === void 0) continue;
      const shown = typeof value2 === "string" ? p.jsonStringify(value2) : typeof value2 === "object" ? text(value2) : `${value2}`;
      result += `${result === "" ? "" : ","}${p.jsonStringify(name)}:${shown}`;
    }
    return `{${result}}`;
  }
  function answer(order, buffers) {
    const result = sdk.compute(
      text(order),
      buffers[0],
      buffers[1],
      buffers[2],
      buffers[3]
    );
    if (result === void 0) fail("OperationError", "there is not enough memory for the result");
    if (typeof result !== "string" || p.stringStartsWith(result, "=")) return result;
    const colon = p.stringIndexOf(result, ":");
    return fail(p.stringSlice(result, 1, colon), p.stringSlice(result, colon + 1));
  }
  function bytes(order, a, b, c, d) {
    return answer(order, [a, b, c, d]);
  }
  function value(order, a, b, c, d) {
    return p.jsonParse(p.stringSlice(answer(order, [a, b, c, d]), 1));
  }
  function random(size) {
    return sdk.random(size) ?? fail("OperationError", "there is not enough memory for the result");
  }
  var Returner = class {
    constructor(object) {
      return object;
    }
  };
  function makeBrand() {
    return class Brand extends Returner {
      #state;
      constructor(object, state) {
        super(object);
        this.#state = state;
      }
      static of(object) {
        return typeof object === "object" && object !== null && #state in object ? object.#state : void 0;
      }
    };
  }

  // ../../plugins/crypto/guest/webidl.ts
  function isArrayBuffer(value2) {
    try {
      p.arrayBufferByteLength(value2);
      return true;
    } catch {
      return false;
    }
  }
  function bufferOf(value2) {
    if (p.typedArrayKind(value2) !== void 0) return p.typedArrayBuffer(value2);
    if (isArrayBuffer(value2)) return value2;
    try {
      return p.dataViewBuffer(value2);
    } catch {
      return void 0;
    }
  }
  function isBufferSource(value2) {
    return typeof value2 === "object" && value2 !== null && bufferOf(value2) !== void 0;
  }
  function bufferSource(value2, what) {
    if (!isBufferSource(value2)) typeError(`${what} is not an ArrayBuffer or a view of one`);
    const buffer = bufferOf(value2);
    if (!isArrayBuffer(buffer)) typeError(`${what} is shared memory`);
    if (p.arrayBufferResizable(buffer)) typeError(`${what} is a resizable ArrayBuffer`);
    return value2;
  }
  function windowOf(source) {
    const buffer = bufferOf(source);
    if (p.arrayBufferDetached(buffer)) return { buffer, offset: 0, length: 0 };
    if (p.typedArrayKind(source) !== void 0) {
      return { buffer, offset: p.typedArrayOffset(source), length: p.typedArrayByteLength(source) };
    }
    if (source === buffer) return { buffer, offset: 0, length: p.arrayBufferByteLength(source) };
    return { buffer, offset: p.dataViewOffset(source), length: p.dataViewByteLength(source) };
  }
  function copyOf(source) {
    const { buffer, offset, length } = windowOf(source);
    const copy = new p.Uint8Array(length);
    if (length > 0) p.typedArraySet(copy, new p.Uint8Array(buffer, offset, length));
    return p.typedArrayBuffer(copy);
  }
  function sizeOf(buffer) {
    return p.arrayBufferByteLength(buffer);
  }
  function bytesOf(buffer) {
    return new p.Uint8Array(buffer);
  }
  function prefix(buffer, size) {
    return size === sizeOf(buffer) ? buffer : copyOf(new p.Uint8Array(buffer, 0, size));
  }
  function enforceRange(value2, most, what) {
    const number = +value2;
    if (!p.isFinite(number)) typeError(`${what} is not a finite number`);
    const whole = p.trunc(number);
    if (whole < 0 || whole > most) typeError(`${what} is outside of 0 to ${most}`);
    return whole + 0;
  }
  function isObject(value2) {
    return typeof value2 === "object" && value2 !== null || typeof value2 === "function";
  }
  function asciiLower(text2) {
    let result = "";
    for (let i = 0; i < text2.length; i++) {
      const code = p.stringCharCodeAt(text2, i);
      result += code >= 65 && code <= 90 ? p.fromCharCode(code + 32) : text2[i];
    }
    return result;
  }
  function needArguments(count, needed, where) {
    if (count < needed) typeError(`${where}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${count} present.`);
  }
  function forEachString(value2, what, take) {
    if (!isObject(value2) || typeof value2[p.iteratorSymbol] !== "function") {
      typeError(`${what} is not a sequence`);
    }
    for (const item of value2) take(`${item}`);
  }
  function notSupported(message) {
    return fail("NotSupportedError", message);
  }

  // ../../plugins/crypto/guest/usages.ts
  var ENCRYPT = 1;
  var DECRYPT = 2;
  var SIGN = 4;
  var VERIFY = 8;
  var DERIVE_KEY = 16;
  var DERIVE_BITS = 32;
  var WRAP_KEY = 64;
  var UNWRAP_KEY = 128;
  var NAMES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];
  function usageBit(name) {
    for (let i = 0; i < NAMES.length; i++) if (NAMES[i] === name) return 1 << i;
    return 0;
  }
  function toUsages(value2, where) {
    let usages = 0;
    forEachString(value2, `${where}: keyUsages`, (name) => {
      const bit = usageBit(name);
      if (bit === 0) typeError(`${where}: '${name}' is not a key usage`);
      usages |= bit;
    });
    return usages;
  }
  function usageNames(usages) {
    const names = [];
    for (let i = 0; i < NAMES.length; i++) if (usages & 1 << i) p.define(names, names.length, NAMES[i], 7);
    return names;
  }
  function checkUsages(usages, allowed) {
    if (usages & ~allowed) fail("SyntaxError", "the algorithm does not allow one of the key usages");
  }
  var CIPHER = { secret: ENCRYPT | DECRYPT | WRAP_KEY | UNWRAP_KEY, public: 0 };
  var DERIVATION = { secret: DERIVE_KEY | DERIVE_BITS, public: 0 };
  var SIGNATURE = { secret: SIGN, public: VERIFY };
  var ALLOWED = {
    __proto__: null,
    "AES-CBC": CIPHER,
    "AES-CTR": CIPHER,
    "AES-GCM": CIPHER,
    "AES-KW": { secret: WRAP_KEY | UNWRAP_KEY, public: 0 },
    HMAC: { secret: SIGN | VERIFY, public: 0 },
    HKDF: DERIVATION,
    PBKDF2: DERIVATION,
    ECDH: DERIVATION,
    X25519: DERIVATION,
    X448: DERIVATION,
    "RSASSA-PKCS1-v1_5": SIGNATURE,
    "RSA-PSS": SIGNATURE,
    ECDSA: SIGNATURE,
    Ed25519: SIGNATURE,
    Ed448: SIGNATURE,
    "RSA-OAEP": { secret: DECRYPT | UNWRAP_KEY, public: ENCRYPT | WRAP_KEY }
  };
  function allowedUsages(name) {
    return ALLOWED[name];
  }

  // ../../plugins/crypto/guest/crypto_key.ts
  var Brand = makeBrand();
  function keySlots(value2, where) {
    return Brand.of(value2) ?? typeError(`${where}: not a CryptoKey`);
  }
  function isKey(value2) {
    return Brand.of(value2) !== void 0;
  }
  function mine(self) {
    return Brand.of(self) ?? typeError("Illegal invocation");
  }
  var CryptoKey = class {
    constructor() {
      typeError("Illegal constructor");
    }
    get type() {
      return mine(this).type;
    }
    get extractable() {
      return mine(this).extractable;
    }
    get algorithm() {
      const slots = mine(this);
      slots.shownAlgorithm ??= showAlgorithm(slots);
      return slots.shownAlgorithm;
    }
    get usages() {
      const slots = mine(this);
      slots.shownUsages ??= usageNames(slots.usages);
      return slots.shownUsages;
    }
  };
  function showAlgorithm(key) {
    const shown = {};
    p.define(shown, "name", key.name, 7);
    if (key.exponent !== void 0) {
      p.define(shown, "modulusLength", key.length, 7);
      p.define(shown, "publicExponent", bytesOf(copyOf(key.exponent)), 7);
    }
    if (key.hash !== void 0) p.define(shown, "hash", hashObject(key.hash), 7);
    if (key.curve !== void 0) p.define(shown, "namedCurve", key.curve, 7);
    if (key.exponent === void 0 && key.length !== void 0) p.define(shown, "length", key.length, 7);
    return shown;
  }
  function hashObject(name) {
    const hash = {};
    p.define(hash, "name", name, 7);
    return hash;
  }
  function makeKey(material2, extractable, usages) {
    const key = p.create(CryptoKey.prototype);
    const slots = { __proto__: null, ...material2, extractable, usages, shownAlgorithm: void 0, shownUsages: void 0 };
    new Brand(key, slots);
    return key;
  }
  function cloneKey(key) {
    const slots = Brand.of(key);
    return makeKey(slots, slots.extractable, slots.usages);
  }
  function finishKey(material2, extractable, usages) {
    if (material2.type !== "public" && usages === 0) fail("SyntaxError", "the key would have no usage");
    return makeKey(material2, extractable, usages);
  }

  // ../../plugins/crypto/guest/jwk.ts
  var MEMBERS = ["alg", "crv", "d", "dp", "dq", "e", "ext", "k", "key_ops", "kty", "n", "oth", "p", "q", "qi", "use", "x", "y"];
  function readJwk(source, own) {
    const input = {
      members: { __proto__: null },
      operations: void 0,
      repeated: false,
      ext: void 0,
      otherPrimes: false
    };
    for (let i = 0; i < MEMBERS.length; i++) {
      const name = MEMBERS[i];
      if (own && !p.hasOwn(source, name)) continue;
      const member = source[name];
      if (member === void 0) continue;
      if (name === "ext") input.ext = !!member;
      else if (name === "oth") input.otherPrimes = isObject(member) || typeError("'oth' is not a sequence");
      else if (name === "key_ops") readOperations(input, member, own);
      else input.members[name] = `${member}`;
    }
    return input;
  }
  function readOperations(input, given, own) {
    const seen = new p.Set();
    input.operations = 0;
    const take = (name) => {
      if (p.setHas(seen, name)) input.repeated = true;
      p.setAdd(seen, name);
      input.operations = input.operations | usageBit(name);
    };
    if (!own) return forEachString(given, "key_ops", take);
    if (!p.isArray(given)) typeError("key_ops is not a sequence");
    const list = given;
    for (let i = 0; i < list.length; i++) take(`${list[i]}`);
  }
  function checkJwk(jwk, expected) {
    const { kty, use, alg } = jwk.members;
    const refuse = (name) => fail("DataError", `'${name}' of the JSON Web Key does not fit`);
    if (kty !== expected.kty) refuse("kty");
    if (expected.usages !== 0 && use !== void 0 && use !== expected.use) refuse("use");
    if (jwk.operations !== void 0 && (jwk.repeated || (jwk.operations & expected.usages) !== expected.usages)) refuse("key_ops");
    if (jwk.ext === false && expected.extractable) refuse("ext");
    if (alg !== void 0 && expected.alg !== void 0 && alg !== expected.alg) refuse("alg");
  }
  function jwkObject(jwk) {
    const result = {};
    const names = p.keys(jwk.members);
    for (let i = 0; i < names.length; i++) p.define(result, names[i], jwk.members[names[i]], 7);
    p.define(result, "key_ops", usageNames(jwk.usages), 7);
    p.define(result, "ext", jwk.extractable, 7);
    return result;
  }
  function jwkBytes(jwk) {
    const names = p.keys(jwk.members);
    let text2 = "";
    for (let i = 0; i < names.length; i++) {
      text2 += `${p.jsonStringify(names[i])}:${p.jsonStringify(jwk.members[names[i]])},`;
    }
    const usages = usageNames(jwk.usages);
    let list = "";
    for (let i = 0; i < usages.length; i++) list += `${i > 0 ? "," : ""}"${usages[i]}"`;
    return bytes({ op: "encode_text", text: `{${text2}"key_ops":[${list}],"ext":${jwk.extractable}}` });
  }
  function parseJwk(data) {
    let parsed;
    try {
      parsed = p.jsonParse(value({ op: "decode_text" }, data));
    } catch {
      fail("DataError", "the unwrapped data is not JSON");
    }
    if (!isObject(parsed)) fail("DataError", "the unwrapped data is not a JSON object");
    const jwk = readJwk(parsed, true);
    if (jwk.members.kty === void 0) fail("DataError", "the unwrapped data is not a JSON Web Key");
    return jwk;
  }

  // ../../plugins/crypto/guest/normalize.ts
  var HASH = ["hash", "hash", true];
  var CURVE = [["namedCurve", "text", true]];
  var LENGTH = [["length", "u16", true]];
  var HMAC = [HASH, ["length", "u32", false]];
  var NONE = [];
  var CBC = [["iv", "buffer", true]];
  var CTR = [
    ["counter", "buffer", true],
    ["length", "u8", true]
  ];
  var GCM = [
    ["additionalData", "buffer", false],
    ["iv", "buffer", true],
    ["tagLength", "u8", false]
  ];
  var OAEP = [["label", "buffer", false]];
  var CONTEXT = [["context", "buffer", false]];
  var PSS = [["saltLength", "u32", true]];
  var PUBLIC = [["public", "key", true]];
  var HKDF = [HASH, ["info", "buffer", true], ["salt", "buffer", true]];
  var PBKDF2 = [HASH, ["iterations", "u32", true], ["salt", "buffer", true]];
  var RSA = [["modulusLength", "u32", true], ["publicExponent", "integer", true], HASH];
  var CIPHERS = { "AES-CBC": CBC, "AES-CTR": CTR, "AES-GCM": GCM, "RSA-OAEP": OAEP };
  var SIGNATURES = { "RSASSA-PKCS1-v1_5": NONE, "RSA-PSS": PSS, ECDSA: [HASH], HMAC: NONE, Ed25519: NONE, Ed448: CONTEXT };
  var AES = { "AES-CBC": LENGTH, "AES-CTR": LENGTH, "AES-GCM": LENGTH, "AES-KW": LENGTH };
  var PAIRS = { ECDSA: CURVE, ECDH: CURVE, Ed25519: NONE, Ed448: NONE, X25519: NONE, X448: NONE };
  var RSA_IMPORT = { "RSASSA-PKCS1-v1_5": [HASH], "RSA-PSS": [HASH], "RSA-OAEP": [HASH] };
  var AES_IMPORT = { "AES-CBC": NONE, "AES-CTR": NONE, "AES-GCM": NONE, "AES-KW": NONE };
  var OPERATIONS = {
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
    getKeyLength: { ...AES, HMAC, HKDF: NONE, PBKDF2: NONE }
  };
  function identifier(value2) {
    return isObject(value2) ? value2 : `${value2}`;
  }
  function registered(table, name) {
    const names = p.keys(table);
    const wanted = asciiLower(name);
    for (let i = 0; i < names.length; i++) if (asciiLower(names[i]) === wanted) return names[i];
    return void 0;
  }
  function normalizeIfKnown(operation, given) {
    const table = OPERATIONS[operation];
    const source = typeof given === "string" ? void 0 : given;
    const asked = source === void 0 ? given : source.name;
    if (asked === void 0) typeError("the algorithm has no name");
    const name = registered(table, `${asked}`);
    if (name === void 0) return void 0;
    const algorithm = { __proto__: null, name };
    const members = table[name];
    const read = [];
    for (let i = 0; i < members.length; i++) p.define(read, i, readMember(source, members[i]), 7);
    for (let i = 0; i < members.length; i++) finishMember(algorithm, members[i], read[i]);
    return algorithm;
  }
  function normalize(operation, given) {
    return normalizeIfKnown(operation, given) ?? notSupported(`${operation} does not support this algorithm`);
  }
  function readMember(source, member) {
    const name = member[0];
    const value2 = source?.[name];
    if (value2 === void 0) return member[2] ? typeError(`the algorithm lacks '${name}'`) : void 0;
    switch (member[1]) {
      case "buffer":
        return bufferSource(value2, `'${name}'`);
      case "integer":
        return p.typedArrayKind(value2) === "Uint8Array" ? bufferSource(value2, `'${name}'`) : typeError(`'${name}' is not a Uint8Array`);
      case "hash":
        return identifier(value2);
      case "text":
        return `${value2}`;
      case "key":
        return keySlots(value2, `'${name}'`);
      case "u8":
        return enforceRange(value2, 255, `'${name}'`);
      case "u16":
        return enforceRange(value2, 65535, `'${name}'`);
      case "u32":
        return enforceRange(value2, 4294967295, `'${name}'`);
    }
  }
  function finishMember(algorithm, member, read) {
    if (read === void 0) return;
    const kind = member[1];
    const value2 = kind === "hash" ? normalize("digest", read).name : read;
    algorithm[member[0]] = kind === "buffer" || kind === "integer" ? copyOf(value2) : value2;
  }
  function requireName(key, algorithm) {
    if (key.name !== algorithm.name) fail("InvalidAccessError", `the key is for ${key.name}, not for ${algorithm.name}`);
  }
  function requireUsage(key, bit, name) {
    if ((key.usages & bit) === 0) fail("InvalidAccessError", `the key's usages do not permit ${name}`);
  }
  function requireType(key, type) {
    if (key.type !== type) fail("InvalidAccessError", `this needs a ${type} key, not a ${key.type} one`);
  }

  // ../../plugins/crypto/guest/operations.ts
  function at(order, index, data) {
    return { ...order, buffer: index, offset: data.offset, size: data.length };
  }
  function digest(hash, data) {
    return bytes(at({ op: "digest", hash }, 0, data), data.buffer);
  }
  function operationError(message) {
    return fail("OperationError", message);
  }
  function need16(buffer, what) {
    if (sizeOf(buffer) !== 16) operationError(`${what} does not have 16 bytes`);
  }
  var TAGS = [32, 64, 96, 104, 112, 120, 128];
  function tagBits(given) {
    const bits = given ?? 128;
    for (let i = 0; i < TAGS.length; i++) if (TAGS[i] === bits) return bits;
    return operationError("a tag of this length does not exist");
  }
  function cipher(encrypt, algorithm, key, data) {
    const mode = algorithm.name;
    const order = at({ op: "aes", mode, encrypt }, 1, data);
    switch (mode) {
      case "AES-CBC":
        need16(algorithm.iv, "the initialisation vector");
        return bytes(order, key.data, data.buffer, algorithm.iv);
      case "AES-CTR": {
        const bits = algorithm.length;
        need16(algorithm.counter, "the counter block");
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
  function oaep(encrypt, algorithm, key, data) {
    requireType(key, encrypt ? "public" : "private");
    const order = { op: encrypt ? "rsa_encrypt" : "rsa_decrypt", hash: key.hash };
    return bytes(at(order, 1, data), key.data, data.buffer, algorithm.label ?? new p.ArrayBuffer(0));
  }
  function wrap(key, data) {
    if (sizeOf(data) % 8 !== 0 || sizeOf(data) < 16) operationError("AES-KW wraps multiples of 64 bits, and at least 128");
    return bytes({ op: "wrap" }, key.data, data);
  }
  function unwrap(key, data) {
    return bytes({ op: "unwrap" }, key.data, data);
  }
  function requireNoContext(context) {
    if (context === void 0 || sizeOf(context) === 0) return;
    if (sizeOf(context) > 255) operationError("a context has at most 255 bytes");
    notSupported("Ed448 is offered without a context: leave 'context' out");
  }
  function signatureOrder(verb, algorithm, key) {
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
  function sign(algorithm, key, data) {
    if (key.type !== "secret") requireType(key, "private");
    return bytes(at(signatureOrder("sign", algorithm, key), 1, data), key.data, data.buffer);
  }
  function verify(algorithm, key, signature, data) {
    if (key.type !== "secret") requireType(key, "public");
    return value(at(signatureOrder("verify", algorithm, key), 1, data), key.data, data.buffer, signature);
  }
  function derive(algorithm, key, length) {
    if (isAgreement(algorithm.name)) return agree(algorithm, key, length);
    const { hash, salt, info, iterations } = algorithm;
    if (length === null || length % 8 !== 0) operationError("the length is not a multiple of 8");
    if (iterations === 0) operationError("there is no iteration");
    if (length === 0) return new p.ArrayBuffer(0);
    const order = { op: algorithm.name === "HKDF" ? "hkdf" : "pbkdf2", hash, iterations, bytes: length / 8 };
    return bytes(order, key.data, salt, info);
  }
  var isAgreement = (name) => name === "ECDH" || name === "X25519" || name === "X448";
  function agree(algorithm, key, length) {
    const other = algorithm.public ?? typeError("the algorithm lacks 'public'");
    requireType(key, "private");
    requireType(other, "public");
    if (other.name !== key.name || other.curve !== key.curve) fail("InvalidAccessError", "the public key is of another kind");
    const secret2 = bytes({ op: "agree", kind: key.curve === void 0 ? key.name : "EC" }, key.data, other.data);
    if (length === null) return secret2;
    const size = p.floor((length + 7) / 8);
    if (size > sizeOf(secret2)) operationError("the shared secret is shorter than that");
    const result = prefix(secret2, size);
    const rest = length % 8;
    const view = bytesOf(result);
    if (rest !== 0) view[size - 1] = view[size - 1] & 255 << 8 - rest;
    return result;
  }

  // ../../plugins/crypto/guest/key_pairs.ts
  function kindOf(name) {
    if (p.stringStartsWith(name, "RSA")) return "RSA";
    return name === "ECDSA" || name === "ECDH" ? "EC" : name;
  }
  function isCurve(name) {
    return name === "P-256" || name === "P-384" || name === "P-521";
  }
  function material(type, algorithm, data) {
    const { name } = algorithm;
    const kind = kindOf(name);
    if (kind === "EC") return { type, name, data, curve: algorithm.namedCurve };
    if (kind !== "RSA") return { type, name, data };
    const { bits, exponent } = value({ op: "describe", private: type === "private" }, data);
    const list = new p.Uint8Array(exponent.length);
    for (let i = 0; i < exponent.length; i++) list[i] = exponent[i];
    return { type, name, data, hash: algorithm.hash, length: bits, exponent: p.typedArrayBuffer(list) };
  }
  function exponentOf(given) {
    const digits = bytesOf(given);
    const length = sizeOf(given);
    let exponent = 0;
    for (let i = 0; i < length; i++) exponent = exponent * 256 + digits[i];
    if (exponent !== 3 && exponent !== 65537) fail("OperationError", "the public exponent is neither 3 nor 65537");
    return exponent;
  }
  var RSA_BITS_MOST = 16384;
  function generatePair(algorithm, usages) {
    const { name, modulusLength, namedCurve, publicExponent } = algorithm;
    const allowed = allowedUsages(name);
    const kind = kindOf(name);
    checkUsages(usages, allowed.secret | allowed.public);
    if (kind === "EC" && !isCurve(namedCurve)) notSupported("the named curve is not supported");
    const exponent = kind === "RSA" ? exponentOf(publicExponent) : void 0;
    if (modulusLength !== void 0 && (modulusLength < 1024 || modulusLength > RSA_BITS_MOST)) {
      fail("OperationError", `the modulus has less than 1024 or more than ${RSA_BITS_MOST} bits`);
    }
    if ((usages & allowed.secret) === 0) fail("SyntaxError", "the private key would have no usage");
    const secret2 = bytes({ op: "generate", kind, curve: namedCurve, bits: modulusLength, exponent });
    const open = bytes({ op: "public_of" }, secret2);
    return { publicKey: material("public", algorithm, open), privateKey: material("private", algorithm, secret2) };
  }
  function importPair(given) {
    const { algorithm, format, data, usages } = given;
    if (format === "jwk") return importJwk(given);
    const kind = kindOf(algorithm.name);
    const allowed = allowedUsages(algorithm.name);
    if (format === "raw" && kind === "RSA") notSupported("RSA keys have no raw format");
    const type = format === "pkcs8" ? "private" : "public";
    checkUsages(usages, type === "private" ? allowed.secret : allowed.public);
    checkCurve(algorithm, kind);
    const found = bytes({ op: `import_${format}`, kind, curve: algorithm.namedCurve }, data);
    return material(type, algorithm, found);
  }
  function checkCurve(algorithm, kind) {
    if (kind === "EC" && !isCurve(algorithm.namedCurve)) fail("DataError", "the named curve is not supported");
  }
  var MEMBERS2 = {
    __proto__: null,
    RSA: ["n", "e", "d", "p", "q", "dp", "dq", "qi"],
    EC: ["x", "y", "d"]
  };
  var OKP = ["x", "d"];
  function importJwk(given) {
    const { algorithm, usages, extractable } = given;
    const jwk = given.jwk;
    const { name, namedCurve } = algorithm;
    const kind = kindOf(name);
    const type = jwk.members.d === void 0 ? "public" : "private";
    const allowed = allowedUsages(name);
    checkUsages(usages, type === "private" ? allowed.secret : allowed.public);
    const use = name === "RSA-OAEP" || isAgreement(name) ? "enc" : "sig";
    checkJwk(jwk, { kty: familyType(kind), use, alg: void 0, usages, extractable });
    checkName(jwk.members.alg, name, algorithm.hash, namedCurve);
    if (kind !== "RSA" && jwk.members.crv !== (namedCurve ?? name)) fail("DataError", "'crv' of the JSON Web Key does not fit");
    checkCurve(algorithm, kind);
    if (jwk.otherPrimes) notSupported("RSA keys of more than two primes are not supported");
    const members = { __proto__: null };
    const names = MEMBERS2[kind] ?? OKP;
    for (let i = 0; i < names.length; i++) {
      const member = jwk.members[names[i]];
      if (member !== void 0) members[names[i]] = member;
    }
    return material(type, algorithm, bytes({ op: "import_jwk", kind, curve: namedCurve, jwk: members }));
  }
  function familyType(kind) {
    return kind === "RSA" || kind === "EC" ? kind : "OKP";
  }
  function registeredName(name, hash, curve) {
    const suffix = hash === void 0 ? "" : p.stringSlice(hash, 4);
    if (name === "RSASSA-PKCS1-v1_5") return `RS${suffix}`;
    if (name === "RSA-PSS") return `PS${suffix}`;
    if (name === "RSA-OAEP") return suffix === "1" ? name : `${name}-${suffix}`;
    if (name === "ECDSA") return curve === "P-256" ? "ES256" : curve === "P-384" ? "ES384" : "ES512";
    return isEdwards(name) ? name : void 0;
  }
  var isEdwards = (name) => name === "Ed25519" || name === "Ed448";
  function checkName(alg, name, hash, curve) {
    const wanted = registeredName(name, hash, curve);
    if (alg === void 0 || wanted === void 0 || alg === wanted || isEdwards(name) && alg === "EdDSA") return;
    fail("DataError", "'alg' of the JSON Web Key does not fit");
  }
  function pairJwk(key) {
    const kind = kindOf(key.name);
    const jwk = { __proto__: null, kty: familyType(kind) };
    if (kind !== "RSA") jwk.crv = key.curve ?? key.name;
    const alg = key.curve === void 0 ? registeredName(key.name, key.hash, void 0) : void 0;
    if (alg !== void 0) jwk.alg = alg;
    const found = value({ op: "export_jwk", kind, private: key.type === "private" }, key.data);
    const names = p.keys(found);
    for (let i = 0; i < names.length; i++) jwk[names[i]] = found[names[i]];
    return jwk;
  }
  function exportPublicBytes(key) {
    const kind = kindOf(key.name);
    if (kind === "RSA") notSupported("RSA keys have no raw format");
    return bytes({ op: "export_raw", kind }, key.data);
  }

  // ../../plugins/crypto/guest/secret_keys.ts
  var secret = "secret";
  function isAesLength(bits) {
    return bits === 128 || bits === 192 || bits === 256;
  }
  function blockBits(hash) {
    return hash === "SHA-384" || hash === "SHA-512" ? 1024 : 512;
  }
  function keyLength(algorithm) {
    const { name, length, hash } = algorithm;
    if (name === "HKDF" || name === "PBKDF2") return null;
    if (name === "HMAC") {
      if (length === 0) typeError("'length' is 0");
      return length ?? blockBits(hash);
    }
    if (!isAesLength(length)) fail("OperationError", "an AES key has 128, 192 or 256 bits");
    return length;
  }
  function generateSecret(algorithm, usages) {
    const { name, hash } = algorithm;
    checkUsages(usages, allowedUsages(name).secret);
    const length = name === "HMAC" ? algorithm.length ?? blockBits(hash) : algorithm.length;
    if (name === "HMAC" ? length === 0 : !isAesLength(length)) fail("OperationError", "a key cannot have this length");
    if (usages === 0) fail("SyntaxError", "the key would have no usage");
    const data = random(p.floor((length + 7) / 8));
    return hash === void 0 ? { type: secret, name, length, data } : { type: secret, name, hash, length, data };
  }
  function importSecret(given) {
    const { algorithm } = given;
    if (algorithm.name === "HKDF" || algorithm.name === "PBKDF2") return importInput(given);
    checkUsages(given.usages, allowedUsages(algorithm.name).secret);
    return algorithm.name === "HMAC" ? importHmac(given) : importAes(given);
  }
  function importInput({ algorithm, format, data, extractable, usages }) {
    if (format !== "raw") notSupported(`${algorithm.name} keys are imported as raw`);
    checkUsages(usages, allowedUsages(algorithm.name).secret);
    if (extractable) fail("SyntaxError", `${algorithm.name} keys cannot be extractable`);
    return { type: secret, name: algorithm.name, data };
  }
  function secretBytes(given, use, alg) {
    const { format, data, jwk, usages, extractable } = given;
    if (format === "raw") return data;
    if (format !== "jwk") return notSupported(`${given.algorithm.name} keys are imported as raw or jwk`);
    const input = jwk;
    if (input.members.kty !== "oct" || input.members.k === void 0) fail("DataError", "the JSON Web Key is not a secret");
    const found = bytes({ op: "import_secret", k: input.members.k });
    checkJwk(input, { kty: "oct", use, alg: alg(found), usages, extractable });
    return found;
  }
  function importAes(given) {
    const { name } = given.algorithm;
    const data = secretBytes(given, "enc", (found) => aesName(name, 8 * sizeOf(found)));
    const length = 8 * sizeOf(data);
    if (!isAesLength(length)) fail("DataError", "an AES key has 128, 192 or 256 bits");
    return { type: secret, name, length, data };
  }
  function importHmac(given) {
    const { algorithm } = given;
    const hash = algorithm.hash;
    const data = secretBytes(given, "sig", () => hmacName(hash));
    const bits = 8 * sizeOf(data);
    const length = algorithm.length ?? bits;
    if (bits === 0) fail("DataError", "the key is empty");
    if (length > bits || length <= bits - 8) fail("DataError", "'length' does not fit the key");
    return { type: secret, name: "HMAC", hash, length, data };
  }
  function aesName(name, bits) {
    return `A${bits}${p.stringSlice(name, 4)}`;
  }
  function hmacName(hash) {
    return `HS${p.stringSlice(hash, 4)}`;
  }
  function secretJwk(key) {
    const alg = key.name === "HMAC" ? hmacName(key.hash) : aesName(key.name, key.length);
    return { __proto__: null, kty: "oct", k: value({ op: "export_secret" }, key.data), alg };
  }

  // ../../plugins/crypto/guest/keys.ts
  function isSecret(name) {
    return p.stringStartsWith(name, "AES") || name === "HMAC" || name === "HKDF" || name === "PBKDF2";
  }
  function importKey(given) {
    const material2 = isSecret(given.algorithm.name) ? importSecret(given) : importPair(given);
    return finishKey(material2, given.extractable, given.usages);
  }
  function generateKey(algorithm, extractable, usages) {
    if (isSecret(algorithm.name)) return makeKey(generateSecret(algorithm, usages), extractable, usages);
    const pair = generatePair(algorithm, usages);
    const allowed = allowedUsages(algorithm.name);
    const result = {};
    p.define(result, "publicKey", makeKey(pair.publicKey, true, usages & allowed.public), 7);
    p.define(result, "privateKey", makeKey(pair.privateKey, extractable, usages & allowed.secret), 7);
    return result;
  }
  function exported(format, key) {
    if (key.name === "HKDF" || key.name === "PBKDF2") notSupported(`${key.name} keys cannot be exported`);
    if (!key.extractable) fail("InvalidAccessError", "the key is not extractable");
    const secret2 = key.type === "secret";
    if (format === "jwk") {
      return { members: secret2 ? secretJwk(key) : pairJwk(key), usages: key.usages, extractable: key.extractable };
    }
    if (secret2) return format === "raw" ? copyOf(key.data) : notSupported(`secret keys are exported as raw or jwk`);
    requireType(key, format === "pkcs8" ? "private" : "public");
    return format === "raw" ? exportPublicBytes(key) : copyOf(key.data);
  }
  function isJwk(result) {
    return p.hasOwn(result, "members");
  }
  function exportKey(format, key) {
    const result = exported(format, key);
    return isJwk(result) ? jwkObject(result) : result;
  }
  function exportBytes(format, key) {
    const result = exported(format, key);
    return isJwk(result) ? jwkBytes(result) : result;
  }

  // ../../plugins/crypto/guest/subtle.ts
  var Brand2 = makeBrand();
  function promised(self, args, needed, name, work) {
    return new p.Promise((resolve, reject) => {
      try {
        if (Brand2.of(self) === void 0) typeError("Illegal invocation");
        const where = `SubtleCrypto.${name}`;
        needArguments(args.length, needed, where);
        resolve(work(where));
      } catch (error) {
        reject(error);
      }
    });
  }
  function toFormat(value2, where) {
    const format = `${value2}`;
    if (format === "raw" || format === "pkcs8" || format === "spki" || format === "jwk") return format;
    return typeError(`${where}: '${format}' is not a key format`);
  }
  function toKeyData(value2, where) {
    if (isBufferSource(value2)) return bufferSource(value2, where);
    if (value2 !== void 0 && value2 !== null && !isObject(value2)) typeError(`${where}: the key data is not an object`);
    return readJwk(value2 ?? p.create(null), false);
  }
  function toLength(value2) {
    return value2 === null || value2 === void 0 ? null : value2 >>> 0;
  }
  function ofSize(buffer) {
    return { buffer, offset: 0, length: sizeOf(buffer) };
  }
  function cipherMethod(encrypt, given, keyGiven, dataGiven, where) {
    const asked = identifier(given);
    const key = keySlots(keyGiven, where);
    const data = bufferSource(dataGiven, where);
    const algorithm = normalize(encrypt ? "encrypt" : "decrypt", asked);
    requireName(key, algorithm);
    requireUsage(key, encrypt ? ENCRYPT : DECRYPT, encrypt ? "encrypt" : "decrypt");
    return cipher(encrypt, algorithm, key, windowOf(data));
  }
  function wrapping(operation, given) {
    const own = normalizeIfKnown(operation, given);
    return own ?? normalize(operation === "wrapKey" ? "encrypt" : "decrypt", given);
  }
  var SubtleCrypto = class {
    constructor() {
      typeError("Illegal constructor");
    }
    encrypt(algorithm, key, data) {
      return promised(this, arguments, 3, "encrypt", (where) => cipherMethod(true, algorithm, key, data, where));
    }
    decrypt(algorithm, key, data) {
      return promised(this, arguments, 3, "decrypt", (where) => cipherMethod(false, algorithm, key, data, where));
    }
    sign(algorithm, key, data) {
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
    verify(algorithm, key, signature, data) {
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
    digest(algorithm, data) {
      return promised(this, arguments, 2, "digest", (where) => {
        const asked = identifier(algorithm);
        const source = bufferSource(data, where);
        return digest(normalize("digest", asked).name, windowOf(source));
      });
    }
    generateKey(algorithm, extractable, keyUsages) {
      return promised(this, arguments, 3, "generateKey", (where) => {
        const asked = identifier(algorithm);
        const usages = toUsages(keyUsages, where);
        return generateKey(normalize("generateKey", asked), !!extractable, usages);
      });
    }
    deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
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
        return importKey({ algorithm: target, format: "raw", data, jwk: void 0, extractable: !!extractable, usages });
      });
    }
    deriveBits(algorithm, baseKey, length = null) {
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
    importKey(format, keyData, algorithm, extractable, keyUsages) {
      return promised(this, arguments, 5, "importKey", (where) => {
        const kind = toFormat(format, where);
        const given = toKeyData(keyData, where);
        const asked = identifier(algorithm);
        const usages = toUsages(keyUsages, where);
        const normal = normalize("importKey", asked);
        const isBytes = isBufferSource(given);
        if (isBytes === (kind === "jwk")) typeError(`${where}: the key data does not fit the format '${kind}'`);
        const data = isBytes ? copyOf(given) : void 0;
        const jwk = isBytes ? void 0 : given;
        return importKey({ algorithm: normal, format: kind, data, jwk, extractable: !!extractable, usages });
      });
    }
    exportKey(format, key) {
      return promised(this, arguments, 2, "exportKey", (where) => exportKey(toFormat(format, where), keySlots(key, where)));
    }
    wrapKey(format, key, wrappingKey, wrapAlgorithm) {
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
    unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
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
        const data = algorithm.name === "AES-KW" ? unwrap(outer, copyOf(wrapped)) : cipher(false, algorithm, outer, windowOf(wrapped));
        const jwk = kind === "jwk" ? parseJwk(data) : void 0;
        return importKey({ algorithm: target, format: kind, data, jwk, extractable: !!extractable, usages });
      });
    }
  };
  function makeSubtle() {
    const subtle = p.create(SubtleCrypto.prototype);
    new Brand2(subtle, true);
    return subtle;
  }

  // ../../plugins/crypto/guest/crypto.ts
  var Brand3 = makeBrand();
  var MOST = 65536;
  var HEX = "0123456789abcdef";
  function mine2(self) {
    return Brand3.of(self) ?? typeError("Illegal invocation");
  }
  function isIntegerArray(kind) {
    if (kind === void 0) return false;
    return p.stringStartsWith(kind, "Int") || p.stringStartsWith(kind, "Uint") || p.stringStartsWith(kind, "Big");
  }
  var Crypto = class {
    constructor() {
      typeError("Illegal constructor");
    }
    get subtle() {
      return mine2(this);
    }
    getRandomValues(array) {
      mine2(this);
      needArguments(arguments.length, 1, "Crypto.getRandomValues");
      const kind = p.typedArrayKind(array);
      if (!isIntegerArray(kind)) return refuseArray(array, kind);
      const buffer = p.typedArrayBuffer(array);
      if (isShared(buffer)) typeError("Crypto.getRandomValues: the array lies in shared memory");
      if (p.arrayBufferResizable(buffer)) typeError("Crypto.getRandomValues: the array's buffer is resizable");
      const length = p.typedArrayByteLength(array);
      if (length > MOST) fail("QuotaExceededError", `getRandomValues gives at most ${MOST} bytes, not ${length}`);
      if (length > 0) p.typedArraySet(new p.Uint8Array(buffer, p.typedArrayOffset(array), length), bytesOf(random(length)));
      return array;
    }
    randomUUID() {
      mine2(this);
      const digits = bytesOf(random(16));
      digits[6] = digits[6] & 15 | 64;
      digits[8] = digits[8] & 63 | 128;
      let text2 = "";
      for (let i = 0; i < 16; i++) {
        const byte = digits[i];
        if (i === 4 || i === 6 || i === 8 || i === 10) text2 += "-";
        text2 += `${HEX[byte >> 4]}${HEX[byte & 15]}`;
      }
      return text2;
    }
  };
  function isShared(buffer) {
    try {
      p.arrayBufferByteLength(buffer);
      return false;
    } catch {
      return true;
    }
  }
  function refuseArray(array, kind) {
    if (kind === void 0 && !isDataView(array)) typeError("Crypto.getRandomValues: the argument is not a view");
    return fail("TypeMismatchError", `getRandomValues fills typed arrays of integers, not ${kind ?? "a DataView"}`);
  }
  function isDataView(value2) {
    try {
      p.dataViewBuffer(value2);
      return true;
    } catch {
      return false;
    }
  }
  function makeCrypto() {
    const crypto = p.create(Crypto.prototype);
    new Brand3(crypto, makeSubtle());
    return crypto;
  }

  // ../../plugins/crypto/guest/index.ts
  var attribute;
  function prepare(sdk2) {
    lend(sdk2);
    sdk2.shapeInterface(Crypto, "Crypto");
    sdk2.shapeInterface(CryptoKey, "CryptoKey");
    sdk2.shapeInterface(SubtleCrypto, "SubtleCrypto");
    sdk2.registerCloner(isKey, cloneKey);
    const crypto = makeCrypto();
    const holder = {
      get crypto() {
        if (this !== void 0 && this !== sdk2.primordials.root) typeError("Illegal invocation");
        return crypto;
      }
    };
    attribute = sdk2.primordials.getOwnPropertyDescriptor(holder, "crypto");
  }
  function install(sdk2) {
    sdk2.defineGlobal("Crypto", Crypto);
    sdk2.defineGlobal("CryptoKey", CryptoKey);
    sdk2.defineGlobal("SubtleCrypto", SubtleCrypto);
    sdk2.primordials.defineProperty(sdk2.primordials.root, "crypto", attribute);
  }
  var capability = { prepare, install };
  registerCapability("crypto", capability);
})();
