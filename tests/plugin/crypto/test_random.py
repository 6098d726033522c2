"""getRandomValues, randomUUID, and what the interfaces look like."""

import re

import pytest

from isolate_host import GuestError


def test_in_place_and_only_there(js):
    result = js("""
        const buffer = new ArrayBuffer(64), view = new Uint32Array(buffer, 16, 4);
        const same = crypto.getRandomValues(view) === view;
        [same, new Uint8Array(buffer, 0, 16), new Uint8Array(buffer, 16, 16), new Uint8Array(buffer, 32)]""")
    assert result[0] is True
    assert result[1] == bytes(16)
    assert result[3] == bytes(32)
    assert result[2] != bytes(16)


@pytest.mark.parametrize(
    "kind",
    ["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array"],
)
def test_every_integer_array(js, kind):
    assert js(f"crypto.getRandomValues(new {kind}(32)).some((n) => n != 0)") is True


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        ("new Uint8Array(65537)", "QuotaExceededError"),
        ("new Uint32Array(16385)", "QuotaExceededError"),
        ("new Float32Array(4)", "TypeMismatchError"),
        ("new Float64Array(4)", "TypeMismatchError"),
        ("new DataView(new ArrayBuffer(4))", "TypeMismatchError"),
        ("new ArrayBuffer(4)", "TypeError"),
        ("[1, 2]", "TypeError"),
        ("{length: 4, [Symbol.toStringTag]: 'Uint8Array'}", "TypeError"),
        ("Object.create(Uint8Array.prototype)", "TypeError"),
        ("new Uint8Array(new SharedArrayBuffer(4))", "TypeError"),
        ("new Uint8Array(new ArrayBuffer(4, {maxByteLength: 8}))", "TypeError"),
        ("", "TypeError"),
        ("new Uint8Array(65536)", "none"),
        ("new Uint8Array(0)", "none"),
    ],
)
def test_what_is_refused(js, argument, error):
    assert js.error(f"crypto.getRandomValues({argument})") == error


def test_detached_buffer_is_empty(js):
    assert js("const a = new Uint8Array(8); structuredClone(a.buffer, {transfer: [a.buffer]}); crypto.getRandomValues(a).length") == 0


def test_getters_of_the_guest_are_not_asked(js):
    assert js("""
        const a = new Uint8Array(4); let asked = 0;
        for (const name of ["byteLength", "length", "buffer", "byteOffset", "constructor"]) Object.defineProperty(a, name, {get() { asked++; return 70000 }});
        crypto.getRandomValues(a); asked""") == 0


def test_uuid(js):
    found = js("Array.from({length: 200}, () => crypto.randomUUID())")
    assert len(set(found)) == 200
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text) for text in found)


def test_bytes_are_spread_evenly(js):
    data = js("const a = new Uint8Array(65536); crypto.getRandomValues(a)")
    counts = [data.count(value) for value in range(256)]
    assert sum((count - 256) ** 2 / 256 for count in counts) < 400  # chi-squared with 255 degrees: beyond 400 in 1 of 10**7 runs
    assert min(counts) > 0


def test_siblings_share_nothing(js):
    """All workers are forks of one zygote: neither random bytes nor keys nor the nonces of signatures may repeat."""
    drawn = [
        js("""
        const e = await s.generateKey("Ed25519", true, ["sign", "verify"]), c = await s.generateKey({name: "ECDH", namedCurve: "P-256"}, true, ["deriveBits"]);
        [crypto.randomUUID(), (await s.exportKey("jwk", e.privateKey)).d, (await s.exportKey("jwk", c.privateKey)).d]""")
        for _ in range(8)
    ]
    for values in zip(*drawn, strict=True):
        assert len(set(values)) == 8


def test_interfaces(js):
    assert js("""
        const own = (object) => Object.getOwnPropertyNames(object).sort();
        const d = Object.getOwnPropertyDescriptor(globalThis, "crypto");
        [typeof d.get, d.set, d.enumerable, d.configurable, String(crypto), String(s), own(Crypto.prototype), own(SubtleCrypto.prototype),
         own(CryptoKey.prototype), own(crypto), own(s), crypto.subtle === crypto.subtle, crypto instanceof Crypto]""") == [
        "function", None, True, True, "[object Crypto]", "[object SubtleCrypto]",
        ["constructor", "getRandomValues", "randomUUID", "subtle"],
        ["constructor", "decrypt", "deriveBits", "deriveKey", "digest", "encrypt", "exportKey", "generateKey", "importKey", "sign", "unwrapKey",
         "verify", "wrapKey"],
        ["algorithm", "constructor", "extractable", "type", "usages"], [], [], True, True,
    ]


def test_lengths_of_functions(js):
    assert js("[...Object.getOwnPropertyNames(SubtleCrypto.prototype)].sort().map((n) => SubtleCrypto.prototype[n].length)") == [
        0, 3, 2, 5, 2, 3, 2, 3, 5, 3, 7, 4, 4,
    ]
    assert js("[crypto.getRandomValues.length, crypto.randomUUID.length, Crypto.length, CryptoKey.length]") == [1, 0, 0, 0]


@pytest.mark.parametrize("source", ["new Crypto()", "new CryptoKey()", "new SubtleCrypto()", "Crypto()"])
def test_not_constructible(js, source):
    assert js.error(source) == "TypeError"


@pytest.mark.parametrize(
    "source",
    [
        "Crypto.prototype.randomUUID.call({})", "Crypto.prototype.getRandomValues.call(s, new Uint8Array(1))", "Crypto.prototype.subtle",
        "Object.create(crypto).randomUUID()", "CryptoKey.prototype.type", "(0, s.digest)('SHA-1', new Uint8Array())",
        "await s.digest.call(crypto, 'SHA-1', new Uint8Array())",
    ],
)
def test_brands(js, source):
    assert js.error(source if "s.digest" not in source else f"await {source}") == "TypeError"


def test_methods_of_subtle_reject_and_never_throw(js):
    assert js("""
        const names = Object.getOwnPropertyNames(SubtleCrypto.prototype).filter((n) => n !== "constructor");
        const promises = names.flatMap((n) => [s[n](), s[n].call(null), s[n](Symbol(), Symbol(), Symbol(), Symbol(), Symbol(), Symbol(), Symbol())]);
        (await Promise.allSettled(promises)).every((r) => r.status === "rejected" && r.reason instanceof TypeError)""") is True




async def test_a_sandbox_has_to_name_it(host_from_yaml):
    text = "version: 1\nplugins: [crypto]\nsandboxes: {with: {policies: {crypto: {}}}, without: {policies: {}}}\n"
    async with host_from_yaml(text) as host:
        async with host.create_runtime(sandbox="with") as runtime:
            assert await runtime.eval("typeof crypto.subtle.digest") == "function"
        async with host.create_runtime(sandbox="without") as runtime:
            assert await runtime.eval("[typeof globalThis.crypto, typeof globalThis.CryptoKey]") == ["undefined", "undefined"]


async def test_keys_do_not_cross(host_from_yaml):
    async with host_from_yaml("version: 1\nplugins: [crypto]\nsandboxes: {a: {policies: {crypto: {}}}}\n") as host, host.create_runtime(sandbox="a") as rt:
        with pytest.raises(GuestError, match="DataCloneError"):
            await rt.eval("({key: await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['encrypt'])})")


def test_the_attribute_belongs_to_the_global_object(js):
    assert js('const { get } = Object.getOwnPropertyDescriptor(globalThis, "crypto"); [get.call(globalThis) === crypto, get.call(undefined) === crypto]') == [True, True]
    assert js.error('Object.getOwnPropertyDescriptor(globalThis, "crypto").get.call({})') == "TypeError"
