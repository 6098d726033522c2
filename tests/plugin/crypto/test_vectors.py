"""Known answers of NIST and the RFCs."""

import hashlib

import pytest

H = bytes.fromhex


@pytest.mark.parametrize("name", ["SHA-1", "SHA-256", "SHA-384", "SHA-512"])
@pytest.mark.parametrize("data", [b"", b"abc", b"a" * 1000, bytes(range(256)) * 300])
def test_digest(js, name, data):
    assert js("await s.digest(name, data)", name=name, data=data) == hashlib.new(name.replace("-", ""), data).digest()


def test_digest_sees_the_view_alone(js):
    assert js("await s.digest('sha-256', new DataView(data.buffer, 2, 3))", data=b"xxabcxx") == hashlib.sha256(b"abc").digest()
    assert js("await s.digest({name: 'Sha-1'}, new Uint16Array(data.buffer, 2, 2))", data=b"xxabcdxx") == hashlib.sha1(b"abcd").digest()


# RFC 4231, cases 1, 2 and 6
HMAC = [
    (b"\x0b" * 20, b"Hi There", "SHA-256", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "SHA-256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First", "SHA-256",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "data", "name", "mac"), HMAC)
def test_hmac(js, key, data, name, mac):
    assert js(
        """const k = await s.importKey("raw", key, {name: "HMAC", hash}, false, ["sign", "verify"]);
        const mac = await s.sign("HMAC", k, data), bad = new Uint8Array(mac.slice(0)); bad[0] ^= 1;
        [mac, await s.verify("HMAC", k, mac, data), await s.verify("HMAC", k, bad, data), await s.verify("HMAC", k, mac.slice(1), data)]""",
        key=key, data=data, hash=name,
    ) == [H(mac), True, False, False]


# SP 800-38A F.2.1, F.2.5 (with the padding block cut off), F.5.1; McGrew and Viega, case 4
KEY128, KEY256 = H("2b7e151628aed2a6abf7158809cf4f3c"), H("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
BLOCKS = H("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
IV = bytes(range(16))
CBC = [
    (KEY128, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"),
    (KEY256, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"),
]
IMPORT = 'const k = await s.importKey("raw", key, alg.name, false, ["encrypt", "decrypt"]);'


@pytest.mark.parametrize(("key", "expected"), CBC)
def test_aes_cbc(js, key, expected):
    found = js(f'const alg = {{name: "AES-CBC", iv}}; {IMPORT} const c = await s.encrypt(alg, k, data); [c, await s.decrypt(alg, k, c)]',
               key=key, iv=IV, data=BLOCKS)  # fmt: skip
    assert found[0][:32] == H(expected)
    assert len(found[0]) == 48
    assert found[1] == BLOCKS


def test_aes_ctr(js):
    found = js(f'const alg = {{name: "AES-CTR", counter, length: 128}}; {IMPORT} const c = await s.encrypt(alg, k, data); [c, await s.decrypt(alg, k, c)]',
               key=KEY128, counter=H("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), data=BLOCKS)  # fmt: skip
    assert found == [H("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"), BLOCKS]


@pytest.mark.parametrize("bits", [1, 4, 8, 13, 64, 128])
def test_the_counter_wraps_inside_its_bits(js, bits):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    start = (0xABCD << 112) | ((1 << bits) - 1 if bits < 112 else (1 << 128) - 1)
    start &= (1 << 128) - 1
    blocks = min(2, 1 << bits)
    size = 1 << bits
    counters = [(start - start % size + (start + i) % size).to_bytes(16, "big") for i in range(blocks)]
    encryptor = Cipher(algorithms.AES(KEY128), modes.ECB()).encryptor()
    stream = encryptor.update(b"".join(counters))
    data = bytes(range(16 * blocks - 3))
    found = js(f'const alg = {{name: "AES-CTR", counter, length}}; {IMPORT} await s.encrypt(alg, k, data)',
               key=KEY128, counter=start.to_bytes(16, "big"), length=bits, data=data)  # fmt: skip
    assert found == bytes(a ^ b for a, b in zip(data, stream, strict=False))


def test_aes_gcm(js):
    plain = H("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    cipher = H("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091")
    tag = H("5bc94fbc3221a5db94fae95ae7121a47")
    found = js(
        f"""const alg = {{name: "AES-GCM", iv, additionalData: extra}}; {IMPORT}
        const c = await s.encrypt(alg, k, data), short = await s.encrypt({{...alg, tagLength: 96}}, k, data);
        [c, await s.decrypt(alg, k, c), short, await s.decrypt({{...alg, tagLength: 96}}, k, short)]""",
        key=H("feffe9928665731c6d6a8f9467308308"), iv=H("cafebabefacedbaddecaf888"), data=plain,
        extra=H("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )  # fmt: skip
    assert found == [cipher + tag, plain, cipher + tag[:12], plain]


def test_aes_kw(js):
    """RFC 3394 §4.1."""
    assert js(
        """const kek = await s.importKey("raw", key, "AES-KW", false, ["wrapKey", "unwrapKey"]);
        const inner = await s.importKey("raw", data, "AES-CBC", true, ["encrypt"]);
        const wrapped = await s.wrapKey("raw", inner, kek, "AES-KW");
        const back = await s.unwrapKey("raw", wrapped, kek, "AES-KW", {name: "HMAC", hash: "SHA-1"}, true, ["sign"]);
        [wrapped, await s.exportKey("raw", back)]""",
        key=bytes(range(16)), data=H("00112233445566778899aabbccddeeff"),
    ) == [H("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"), H("00112233445566778899aabbccddeeff")]


def test_hkdf(js):
    """RFC 5869, case 1."""
    assert js(
        """const k = await s.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
        await s.deriveBits({name: "HKDF", hash: "SHA-256", salt, info}, k, 8 * 42)""",
        ikm=b"\x0b" * 22, salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)),
    ) == H("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")


@pytest.mark.parametrize(("rounds", "expected"), [(1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"), (4096, "4b007901b765489abead49d926f721d065a429c1")])
def test_pbkdf2(js, rounds, expected):
    """RFC 6070."""
    assert js(
        """const k = await s.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits"]);
        await s.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: utf8("salt"), iterations}, k, 160)""",
        iterations=rounds,
    ) == H(expected)


@pytest.mark.parametrize("name", ["HKDF", "PBKDF2"])
def test_no_bits_are_no_bytes(js, name):
    alg = {"name": name, "hash": "SHA-256", "iterations": 1}
    assert js('const e = new Uint8Array(); const k = await s.importKey("raw", e, alg.name, false, ["deriveBits"]);'
              "await s.deriveBits({...alg, salt: e, info: e}, k, 0)", alg=alg) == b""  # fmt: skip


def test_ed25519(js):
    """RFC 8032 §7.1, test 2."""
    secret, public = (
        H("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        H("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    )
    signature = H("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    assert js(
        """const k = await s.importKey("pkcs8", secret, "ed25519", false, ["sign"]), p = await s.importKey("raw", open, "Ed25519", true, ["verify"]);
        const mark = await s.sign("Ed25519", k, data);
        [mark, await s.verify("Ed25519", p, mark, data), await s.verify("Ed25519", p, mark, utf8("x")), await s.verify("Ed25519", p, new Uint8Array(3), data)]""",
        secret=H("302e020100300506032b657004220420") + secret, open=public, data=b"\x72",
    ) == [signature, True, False, False]


@pytest.mark.parametrize(
    ("secret", "public", "data", "signature"),
    [
        (
            "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            "",
            ("533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980"
            "ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"),
        ),
        (
            "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
            "03",
            ("26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd77980"
            "5e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"),
        ),
    ],
    ids=["blank", "1 octet"],
)
def test_ed448(js, secret, public, data, signature):
    """RFC 8032 §7.4."""
    mark, verdicts = js(
        """const k = await s.importKey("pkcs8", secret, "ed448", false, ["sign"]), p = await s.importKey("raw", open, "Ed448", true, ["verify"]);
        const mark = await s.sign({name: "Ed448", context: new Uint8Array()}, k, data), check = (mark, data) => s.verify("Ed448", p, mark, data);
        [mark, [await check(mark, data), await check(mark, utf8("x")), await check(new Uint8Array(3), data), await check(new Uint8Array(115), data)]]""",
        secret=H("3047020100300506032b6571043b0439") + H(secret), open=H(public), data=H(data),
    )  # fmt: skip
    assert (mark, verdicts) == (H(signature), [True, False, False, False])


def test_ed448_has_no_context(js):
    """What the library cannot sign with is refused, never left out."""
    code = """const {privateKey, publicKey} = await s.generateKey("Ed448", false, ["sign", "verify"]), data = new Uint8Array(3);
        const how = (size) => ({name: "Ed448", context: new Uint8Array(size)});
        [await errorOf(() => s.sign(how(1), privateKey, data)), await errorOf(() => s.verify(how(1), publicKey, data, data)),
         await errorOf(() => s.sign(how(256), privateKey, data)), await errorOf(() => s.sign({name: "Ed448", context: 1}, privateKey, data))]"""
    assert js(code) == ["NotSupportedError", "NotSupportedError", "OperationError", "TypeError"]


def test_x448(js):
    """RFC 7748 §6.2."""
    secret = H("9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b")
    public = H("3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609")
    shared = H("07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d")
    assert js(
        """const k = await s.importKey("pkcs8", secret, "X448", false, ["deriveBits"]), other = await s.importKey("raw", open, "X448", true, []);
        const alg = {name: "X448", public: other};
        [await s.deriveBits(alg, k), await s.deriveBits(alg, k, 448), await s.deriveBits(alg, k, 12)]""",
        secret=H("3046020100300506032b656f043a0438") + secret, open=public,
    ) == [shared, shared, bytes([shared[0], shared[1] & 0xF0])]


def test_x25519(js):
    """RFC 7748 §6.1."""
    secret = H("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    public = H("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    shared = H("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
    assert js(
        """const k = await s.importKey("pkcs8", secret, "X25519", false, ["deriveBits"]), other = await s.importKey("raw", open, "X25519", true, []);
        const alg = {name: "X25519", public: other};
        [await s.deriveBits(alg, k), await s.deriveBits(alg, k, 256), await s.deriveBits(alg, k, 12)]""",
        secret=H("302e020100300506032b656e04220420") + secret, open=public,
    ) == [shared, shared, bytes([shared[0], shared[1] & 0xF0])]


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 1 | 1 << 255], ids=["4", "1", "2", "4-long", "1-long", "1-signed"])
def test_ed25519_refuses_points_of_small_order(js, y):
    """With the neutral point as key and as first half, and 0 as second half, the equation holds for every text."""
    point, neutral = y.to_bytes(32, "little"), (1).to_bytes(32, "little")
    code = """const p = await s.importKey("raw", key, "Ed25519", true, ["verify"]).catch(() => null);
        p === null ? [false] : [await s.verify("Ed25519", p, mark, data), await s.verify("Ed25519", p, other, data)]"""
    assert not any(js(code, key=point, mark=neutral + bytes(32), other=point + bytes(32), data=b"any"))


P448 = 2**448 - 2**224 - 1


@pytest.mark.parametrize("y", [0, 1, P448 - 1, P448, P448 + 1, 1 | 1 << 455], ids=["4", "1", "2", "4-long", "1-long", "1-signed"])
def test_ed448_refuses_points_of_small_order(js, y):
    point, neutral = y.to_bytes(57, "little"), (1).to_bytes(57, "little")
    code = """const p = await s.importKey("raw", key, "Ed448", true, ["verify"]).catch(() => null);
        p === null ? [false] : [await s.verify("Ed448", p, mark, data), await s.verify("Ed448", p, other, data)]"""
    assert not any(js(code, key=point, mark=neutral + bytes(57), other=point + bytes(57), data=b"any"))
