"""Each way to fail has the name that the specification gives it."""

import pytest

AES = 'const k = await s.importKey("raw", new Uint8Array(16), {name}, true, {usages}); '
GCM = AES.format(name='"AES-GCM"', usages='["encrypt", "decrypt"]')
CBC = AES.format(name='"AES-CBC"', usages='["encrypt", "decrypt", "wrapKey", "unwrapKey"]')
CTR = AES.format(name='"AES-CTR"', usages='["encrypt"]')
KW = AES.format(name='"AES-KW"', usages='["wrapKey", "unwrapKey"]')
HKDF = 'const k = await s.importKey("raw", new Uint8Array(16), "HKDF", false, ["deriveBits", "deriveKey"]); const e = new Uint8Array(); '
PBKDF2 = HKDF.replace('"HKDF"', '"PBKDF2"')
DERIVE = '{name: "HKDF", hash: "SHA-1", salt: e, info: e}'
ED = 'const k = await s.generateKey("Ed25519", false, ["sign", "verify"]); '
ECDH = """const p256 = {name: "ECDH", namedCurve: "P-256"}, a = await s.generateKey(p256, true, ["deriveBits"]), b = await s.generateKey(p256, true, ["deriveBits"]);
const c = await s.generateKey({name: "ECDH", namedCurve: "P-384"}, true, ["deriveBits"]), x = await s.generateKey("X25519", true, ["deriveBits"]);
const bits = (mine, other, n = null) => s.deriveBits({name: "ECDH", public: other.publicKey}, mine.privateKey, n); """
B16 = "new Uint8Array(16)"
CBC_WRAPPED = CBC + f'const w = await s.wrapKey("raw", k, k, {{name: "AES-CBC", iv: {B16}}}); '
OCT = '{kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA"'

RSA = 'const k = await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1])}, true, ["sign"]); '

CASES = {
    # algorithms
    "unknown digest": ('await s.digest("MD5", e16)', "NotSupportedError"),
    "digest with Kelvin sign": ('await s.importKey("raw", e16, "H\\u212adf", false, ["deriveBits"])', "NotSupportedError"),
    "digest is no cipher": ('await s.encrypt("SHA-1", (await s.importKey("raw", e16, "AES-GCM", true, ["encrypt"])), e16)', "NotSupportedError"),
    "no name": ("await s.digest({}, e16)", "TypeError"),
    "name is a symbol": ("await s.digest({name: Symbol()}, e16)", "TypeError"),
    "digest of text": ('await s.digest("SHA-1", "abc")', "TypeError"),
    "digest of shared memory": ('await s.digest("SHA-1", new Uint8Array(new SharedArrayBuffer(4)))', "TypeError"),
    "digest of a resizable buffer": ('await s.digest("SHA-1", new ArrayBuffer(4, {maxByteLength: 8}))', "TypeError"),
    # import
    "unknown format": ('await s.importKey("der", e16, "AES-GCM", true, ["encrypt"])', "TypeError"),
    "unknown usage": ('await s.importKey("raw", e16, "AES-GCM", true, ["dance"])', "TypeError"),
    "usages are no sequence": ('await s.importKey("raw", e16, "AES-GCM", true, 5)', "TypeError"),
    "no usages": ('await s.importKey("raw", e16, "AES-GCM", true, [])', "SyntaxError"),
    "a usage of others": ('await s.importKey("raw", e16, "AES-GCM", true, ["encrypt", "sign"])', "SyntaxError"),
    "usage before length": ('await s.importKey("raw", new Uint8Array(3), "AES-GCM", true, ["sign"])', "SyntaxError"),
    "wrong length": ('await s.importKey("raw", new Uint8Array(17), "AES-GCM", true, ["encrypt"])', "DataError"),
    "wrong format": ('await s.importKey("spki", e16, "AES-GCM", true, ["encrypt"])', "NotSupportedError"),
    "jwk from bytes": ('await s.importKey("jwk", e16, "AES-GCM", true, ["encrypt"])', "TypeError"),
    "raw from jwk": (f'await s.importKey("raw", {OCT}}}, "AES-GCM", true, ["encrypt"])', "TypeError"),
    "empty hmac": ('await s.importKey("raw", new Uint8Array(), {name: "HMAC", hash: "SHA-1"}, true, ["sign"])', "DataError"),
    "hmac without hash": ('await s.importKey("raw", e16, "HMAC", true, ["sign"])', "TypeError"),
    "hmac too long": ('await s.importKey("raw", e16, {name: "HMAC", hash: "SHA-1", length: 129}, true, ["sign"])', "DataError"),
    "hmac too short": ('await s.importKey("raw", e16, {name: "HMAC", hash: "SHA-1", length: 120}, true, ["sign"])', "DataError"),
    "hmac a bit short": ('await s.importKey("raw", e16, {name: "HMAC", hash: "SHA-1", length: 121}, true, ["sign"])', "none"),
    "extractable input": ('await s.importKey("raw", e16, "PBKDF2", true, ["deriveBits"])', "SyntaxError"),
    "input as jwk": (f'await s.importKey("jwk", {OCT}}}, "HKDF", false, ["deriveBits"])', "NotSupportedError"),
    "bad point": ('await s.importKey("raw", new Uint8Array(65).fill(4), {name: "ECDH", namedCurve: "P-256"}, true, [])', "DataError"),
    "bad curve": ('await s.importKey("raw", new Uint8Array(65), {name: "ECDH", namedCurve: "P-1"}, true, [])', "DataError"),
    "short Ed25519": ('await s.importKey("raw", new Uint8Array(31), "Ed25519", true, ["verify"])', "DataError"),
    "junk pkcs8": ('await s.importKey("pkcs8", e16, "Ed25519", true, ["sign"])', "DataError"),
    "private usage of a public key": ('await s.importKey("raw", new Uint8Array(32), "Ed25519", true, ["sign"])', "SyntaxError"),
    "pkcs8 of another kind": (ED.replace("false", "true") + 'await s.importKey("pkcs8", await s.exportKey("pkcs8", k.privateKey), "X25519", true, ["deriveBits"])', "DataError"),
    # json web keys
    "jwk of another type": ('await s.importKey("jwk", {kty: "RSA", k: "AAAA"}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk without key": ('await s.importKey("jwk", {kty: "oct"}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk is nothing": ('await s.importKey("jwk", null, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk with padding": ('await s.importKey("jwk", {kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA=="}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk not extractable": (f'await s.importKey("jwk", {OCT}, ext: false}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk for another algorithm": (f'await s.importKey("jwk", {OCT}, alg: "A128CBC"}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk for this algorithm": (f'await s.importKey("jwk", {OCT}, alg: "A128GCM"}}, "AES-GCM", true, ["encrypt"])', "none"),
    "jwk for another use": (f'await s.importKey("jwk", {OCT}, use: "sig"}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk for fewer operations": (f'await s.importKey("jwk", {OCT}, key_ops: ["decrypt"]}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk repeats an operation": (f'await s.importKey("jwk", {OCT}, key_ops: ["encrypt", "encrypt"]}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "jwk of more primes": ('await s.importKey("jwk", {kty: "RSA", n: "AQAB", e: "AQAB", oth: []}, {name: "RSA-PSS", hash: "SHA-1"}, true, ["verify"])', "NotSupportedError"),
    "jwk with d alone": ('await s.importKey("jwk", {kty: "RSA", n: "AQAB", e: "AQAB", d: "AQAB"}, {name: "RSA-PSS", hash: "SHA-1"}, true, ["sign"])', "DataError"),
    "jwk off the curve": ('await s.importKey("jwk", {kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43)}, {name: "ECDSA", namedCurve: "P-256"}, true, ["verify"])', "DataError"),
    "jwk of another curve": ('await s.importKey("jwk", {kty: "EC", crv: "P-384", x: "A", y: "A"}, {name: "ECDSA", namedCurve: "P-256"}, true, ["verify"])', "DataError"),
    # generate
    "aes of 100 bits": ('await s.generateKey({name: "AES-GCM", length: 100}, true, ["encrypt"])', "OperationError"),
    "aes of a million bits": ('await s.generateKey({name: "AES-GCM", length: 1e6}, true, ["encrypt"])', "TypeError"),
    "aes of no use": ('await s.generateKey({name: "AES-GCM", length: 128}, true, [])', "SyntaxError"),
    "hmac of no bits": ('await s.generateKey({name: "HMAC", hash: "SHA-1", length: 0}, true, ["sign"])', "OperationError"),
    "pair without private use": ('await s.generateKey("Ed25519", true, ["verify"])', "SyntaxError"),
    "unknown curve": ('await s.generateKey({name: "ECDSA", namedCurve: "P-512"}, true, ["sign"])', "NotSupportedError"),
    "even exponent": ('await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 2048, publicExponent: new Uint8Array([4])}, true, ["sign"])', "OperationError"),
    "exponent is no Uint8Array": ('await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 2048, publicExponent: new Int8Array([3])}, true, ["sign"])', "TypeError"),
    "tiny modulus": ('await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 64, publicExponent: new Uint8Array([3])}, true, ["sign"])', "OperationError"),
    "huge modulus": ('await s.generateKey({name: "RSA-PSS", hash: "SHA-1", modulusLength: 1e9, publicExponent: new Uint8Array([3])}, true, ["sign"])', "OperationError"),
    "hkdf is not made": ('await s.generateKey("HKDF", false, ["deriveBits"])', "NotSupportedError"),
    # export
    "not extractable": ('await s.exportKey("raw", await s.importKey("raw", e16, "AES-GCM", false, ["encrypt"]))', "InvalidAccessError"),
    "input is not exported": (HKDF + 'await s.exportKey("raw", k)', "NotSupportedError"),
    "public as pkcs8": (ED + 'await s.exportKey("pkcs8", k.publicKey)', "InvalidAccessError"),
    "private as raw": (ED.replace("false", "true") + 'await s.exportKey("raw", k.privateKey)', "InvalidAccessError"),
    "secret as spki": (GCM + 'await s.exportKey("spki", k)', "NotSupportedError"),
    # encrypt
    "key of another name": (GCM + f'await s.encrypt({{name: "AES-CBC", iv: {B16}}}, k, e16)', "InvalidAccessError"),
    "usage not granted": (CTR + f'await s.decrypt({{name: "AES-CTR", counter: {B16}, length: 64}}, k, e16)', "InvalidAccessError"),
    "iv missing": (GCM + 'await s.encrypt("AES-GCM", k, e16)', "TypeError"),
    "iv of 15": (CBC + 'await s.encrypt({name: "AES-CBC", iv: new Uint8Array(15)}, k, e16)', "OperationError"),
    "gcm iv of 0": (GCM + 'await s.encrypt({name: "AES-GCM", iv: new Uint8Array(0)}, k, e16)', "OperationError"),
    "tag of 33": (GCM + f'await s.encrypt({{name: "AES-GCM", iv: {B16}, tagLength: 33}}, k, e16)', "OperationError"),
    "tag of 300": (GCM + f'await s.encrypt({{name: "AES-GCM", iv: {B16}, tagLength: 300}}, k, e16)', "TypeError"),
    "tag is not there": (GCM + f'await s.decrypt({{name: "AES-GCM", iv: {B16}}}, k, new Uint8Array(15))', "OperationError"),
    "tag is wrong": (GCM + f'await s.decrypt({{name: "AES-GCM", iv: {B16}}}, k, new Uint8Array(32))', "OperationError"),
    "bad padding": (CBC + f'await s.decrypt({{name: "AES-CBC", iv: {B16}}}, k, e16)', "OperationError"),
    "odd cbc": (CBC + f'await s.decrypt({{name: "AES-CBC", iv: {B16}}}, k, new Uint8Array(15))', "OperationError"),
    "empty cbc": (CBC + f'await s.decrypt({{name: "AES-CBC", iv: {B16}}}, k, new Uint8Array())', "OperationError"),
    "counter of 0 bits": (CTR + f'await s.encrypt({{name: "AES-CTR", counter: {B16}, length: 0}}, k, e16)', "OperationError"),
    "counter of 129 bits": (CTR + f'await s.encrypt({{name: "AES-CTR", counter: {B16}, length: 129}}, k, e16)', "OperationError"),
    "counter runs out": (CTR + f'await s.encrypt({{name: "AES-CTR", counter: {B16}, length: 1}}, k, new Uint8Array(33))', "OperationError"),
    # sign
    "sign with a public key": (ED + 'await s.sign("Ed25519", k.publicKey, e16)', "InvalidAccessError"),
    "verify with a private key": (ED + 'await s.verify("Ed25519", k.privateKey, e16, e16)', "InvalidAccessError"),
    "ecdsa without hash": ('const k = await s.generateKey({name: "ECDSA", namedCurve: "P-256"}, true, ["sign"]); await s.sign("ECDSA", k.privateKey, e16)', "TypeError"),
    "salt too long": (RSA + 'await s.sign({name: "RSA-PSS", saltLength: 4000000000}, k.privateKey, e16)', "OperationError"),
    # derive
    "hkdf without length": (HKDF + f"await s.deriveBits({DERIVE}, k)", "OperationError"),
    "hkdf of 9 bits": (HKDF + f"await s.deriveBits({DERIVE}, k, 9)", "OperationError"),
    "hkdf of too many bits": (HKDF + f"await s.deriveBits({DERIVE}, k, 8 * 20 * 256)", "OperationError"),
    "hkdf without info": (HKDF + 'await s.deriveBits({name: "HKDF", hash: "SHA-1", salt: e}, k, 8)', "TypeError"),
    "pbkdf2 of no rounds": (PBKDF2 + 'await s.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: e, iterations: 0}, k, 8)', "OperationError"),
    "pbkdf2 of 2**31 rounds": (PBKDF2 + 'await s.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: e, iterations: 2 ** 31}, k, 8)', "OperationError"),
    "pbkdf2 of 2**32 rounds": (PBKDF2 + 'await s.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: e, iterations: 2 ** 32}, k, 8)', "TypeError"),
    "derived key of no use": (HKDF + f'await s.deriveKey({DERIVE}, k, {{name: "AES-GCM", length: 128}}, true, [])', "SyntaxError"),
    "derived key of 100 bits": (HKDF + f'await s.deriveKey({DERIVE}, k, {{name: "AES-GCM", length: 100}}, true, ["encrypt"])', "OperationError"),
    "derived hmac of 0 bits": (HKDF + f'await s.deriveKey({DERIVE}, k, {{name: "HMAC", hash: "SHA-1", length: 0}}, true, ["sign"])', "TypeError"),
    "agreement with itself": (ECDH + "await bits(a, b)", "none"),
    "agreement across curves": (ECDH + "await bits(a, c)", "InvalidAccessError"),
    "agreement across kinds": (ECDH + "await bits(a, x)", "InvalidAccessError"),
    "agreement of two private keys": (ECDH + 'await s.deriveBits({name: "ECDH", public: b.privateKey}, a.privateKey, 8)', "InvalidAccessError"),
    "agreement of two public keys": (ECDH + 'await s.deriveBits({name: "ECDH", public: b.publicKey}, a.publicKey, 8)', "InvalidAccessError"),
    "agreement with an object": (ECDH + 'await s.deriveBits({name: "ECDH", public: {}}, a.privateKey, 8)', "TypeError"),
    "agreement on too much": (ECDH + "await bits(a, b, 264)", "OperationError"),
    "x25519 with zero": (
        ECDH + 'await s.deriveBits({name: "X25519", public: await s.importKey("raw", new Uint8Array(32), "X25519", true, [])}, x.privateKey)',
        "OperationError"),
    # wrap
    "wrap what may not leave": (KW + 'await s.wrapKey("raw", await s.importKey("raw", e16, "AES-GCM", false, ["encrypt"]), k, "AES-KW")', "InvalidAccessError"),
    "wrap without the usage": (GCM + f'await s.wrapKey("raw", k, k, {{name: "AES-GCM", iv: {B16}}})', "InvalidAccessError"),
    "wrap by a digest": (KW + 'await s.wrapKey("raw", k, k, "SHA-1")', "NotSupportedError"),
    "wrap 20 bytes": (KW + 'await s.wrapKey("raw", await s.importKey("raw", new Uint8Array(20), {name: "HMAC", hash: "SHA-1"}, true, ["sign"]), k, "AES-KW")', "OperationError"),
    "unwrap junk": (KW + 'await s.unwrapKey("raw", new Uint8Array(24), k, "AES-KW", "AES-GCM", true, ["encrypt"])', "OperationError"),
    "unwrap what is no json": (CBC_WRAPPED + f'await s.unwrapKey("jwk", w, k, {{name: "AES-CBC", iv: {B16}}}, "AES-GCM", true, ["encrypt"])', "DataError"),
    "unwrap to no use": (KW + 'await s.unwrapKey("raw", await s.wrapKey("raw", k, k, "AES-KW"), k, "AES-KW", "AES-GCM", true, [])', "SyntaxError"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_name_of_the_error(js, case):
    source, name = CASES[case]
    assert js.error(f"const e16 = {B16}; {source}") == name
