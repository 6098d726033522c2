"""CryptoKey: what it shows, what it hides, how it is copied and wrapped."""

import pytest

GCM = 'const k = await s.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["decrypt", "encrypt", "encrypt"]); '


def test_attributes(js):
    assert js(GCM + "[k.type, k.extractable, k.algorithm, k.usages, k.usages === k.usages, k.algorithm === k.algorithm, Object.keys(k)]") == [
        "secret", True, {"name": "AES-GCM", "length": 128}, ["encrypt", "decrypt"], True, True, [],
    ]


@pytest.mark.parametrize(
    ("algorithm", "shown"),
    [
        ('{name: "hmac", hash: "sha-384"}', {"name": "HMAC", "hash": {"name": "SHA-384"}, "length": 1024}),
        ('{name: "HMAC", hash: {name: "SHA-1"}, length: 13}', {"name": "HMAC", "hash": {"name": "SHA-1"}, "length": 13}),
    ],
)
def test_algorithm_of_hmac(js, algorithm, shown):
    assert js(f'(await s.generateKey({algorithm}, true, ["sign"])).algorithm') == shown


def test_algorithm_of_rsa(js):
    found = js("""const k = await s.generateKey({name: "rsa-oaep", hash: "SHA-1", modulusLength: 1024, publicExponent: new Uint8Array([0, 1, 0, 1])},
        true, ["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
        [k.publicKey.algorithm, k.publicKey.usages, k.privateKey.usages, k.publicKey.algorithm.publicExponent instanceof Uint8Array]""")
    assert found == [
        {"name": "RSA-OAEP", "modulusLength": 1024, "publicExponent": b"\x01\x00\x01", "hash": {"name": "SHA-1"}},
        ["encrypt", "wrapKey"], ["decrypt", "unwrapKey"], True,
    ]  # fmt: skip


def test_what_is_shown_does_not_count(js):
    """The shown objects belong to the guest. Changing them changes nothing."""
    assert js("""
        const k = await s.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt"]);
        k.usages.push("decrypt"); k.algorithm.name = "AES-CBC";
        try { Object.defineProperty(k, "extractable", {value: true}); } catch {}
        [await errorOf(() => s.decrypt({name: "AES-GCM", iv: new Uint8Array(12)}, k, new Uint8Array(32))),
         await errorOf(() => s.encrypt({name: "AES-CBC", iv: new Uint8Array(16)}, k, new Uint8Array(32))),
         await errorOf(() => s.exportKey("raw", k)), await errorOf(() => s.encrypt({name: "AES-GCM", iv: new Uint8Array(12)}, k, new Uint8Array(32)))]
        """) == ["InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "none"]


@pytest.mark.parametrize(
    "forged",
    [
        "{}", "null", "Object.create(CryptoKey.prototype)", "Object.create(k)", "new Proxy(k, {})", "{...k}", "JSON.parse(JSON.stringify(k))",
        "{type: 'secret', extractable: true, algorithm: k.algorithm, usages: k.usages, [Symbol.toStringTag]: 'CryptoKey', __proto__: CryptoKey.prototype}",
    ],
)
def test_forged_keys(js, forged):
    assert js.error(f'{GCM} await s.exportKey("raw", {forged})') == "TypeError"


def test_a_key_with_another_prototype_is_a_key(js):
    assert js(GCM + "Object.setPrototypeOf(k, null); (await s.exportKey('raw', k)).byteLength") == 16


def test_structured_clone(js):
    assert js("""
        const pair = await s.generateKey("Ed25519", false, ["sign", "verify"]), data = new Uint8Array(5);
        const copy = structuredClone({again: pair, list: [pair.privateKey]});
        const mark = await s.sign("Ed25519", copy.list[0], data);
        [copy.again.privateKey === copy.list[0], copy.list[0] === pair.privateKey, copy.list[0] instanceof CryptoKey,
         copy.list[0].extractable, copy.list[0].usages, await s.verify("Ed25519", pair.publicKey, mark, data),
         await errorOf(() => s.exportKey("jwk", copy.list[0])), await errorOf(() => structuredClone(Object.create(CryptoKey.prototype)))]
        """) == [True, False, True, False, ["sign"], True, "InvalidAccessError", "DataCloneError"]


WRAPPERS = {
    "AES-KW": '"AES-KW"', "AES-GCM": '{name: "AES-GCM", iv: new Uint8Array(12)}', "AES-CBC": '{name: "AES-CBC", iv: new Uint8Array(16)}',
    "AES-CTR": '{name: "AES-CTR", counter: new Uint8Array(16), length: 32}', "RSA-OAEP": '"RSA-OAEP"',
}  # fmt: skip


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("form", ["raw", "jwk"])
def test_wrap_and_unwrap(js, wrapper, form):
    if (wrapper, form) == ("AES-KW", "jwk"):
        pytest.skip("the length of a JSON Web Key is no multiple of 8 unless by chance")
    make = f'{{name: "{wrapper}", length: 256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-1"}}'
    assert js(f"""
        const how = {WRAPPERS[wrapper]}, made = await s.generateKey({make}, false, ["wrapKey", "unwrapKey"]);
        const inner = await s.generateKey({{name: "HMAC", hash: "SHA-256", length: 256}}, true, ["sign", "verify"]);
        const wrapped = await s.wrapKey("{form}", inner, made.publicKey ?? made, how);
        const back = await s.unwrapKey("{form}", wrapped, made.privateKey ?? made, how, {{name: "HMAC", hash: "SHA-256"}}, false, ["verify"]);
        [await s.verify("HMAC", back, await s.sign("HMAC", inner, wrapped), wrapped), back.extractable, back.usages]""") == [True, False, ["verify"]]


def test_private_keys_are_wrapped_too(js):
    assert js("""
        const how = {name: "AES-GCM", iv: new Uint8Array(12)}, outer = await s.generateKey({name: "AES-GCM", length: 128}, false, ["wrapKey", "unwrapKey"]);
        const {privateKey, publicKey} = await s.generateKey({name: "ECDSA", namedCurve: "P-384"}, true, ["sign", "verify"]);
        const results = [];
        for (const form of ["pkcs8", "jwk"]) {
          const wrapped = await s.wrapKey(form, privateKey, outer, how);
          const back = await s.unwrapKey(form, wrapped, outer, how, {name: "ECDSA", namedCurve: "P-384"}, true, ["sign"]);
          const alg = {name: "ECDSA", hash: "SHA-384"}; results.push(await s.verify(alg, publicKey, await s.sign(alg, back, wrapped), wrapped));
        }
        results""") == [True, True]


def test_derived_keys_work(js):
    assert js("""
        const k = await s.importKey("raw", utf8("secret"), "PBKDF2", false, ["deriveKey"]), salt = new Uint8Array(8);
        const derive = (type, usages) => s.deriveKey({name: "PBKDF2", hash: "SHA-256", salt, iterations: 10}, k, type, true, usages);
        const mac = await derive({name: "HMAC", hash: "SHA-512"}, ["sign"]), aes = await derive({name: "AES-CBC", length: 192}, ["encrypt"]);
        const input = await errorOf(() => derive("HKDF", ["deriveBits"]));
        [mac.algorithm.length, aes.algorithm.length, input]""") == [1024, 192, "OperationError"]
