"""Signatures, encryption and keys, against Python's ``cryptography`` in both directions."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key, load_der_public_key

HASHES = {"SHA-1": hashes.SHA1(), "SHA-256": hashes.SHA256(), "SHA-384": hashes.SHA384(), "SHA-512": hashes.SHA512()}
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
DATA = b"signed by one, checked by the other"


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("name", HASHES)
def test_ecdsa(js, der, curve, name):
    key, size = ec.generate_private_key(CURVES[curve]), (CURVES[curve].key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(DATA, ec.ECDSA(HASHES[name])))
    ours = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    theirs, verdicts = js(
        """const how = {name: "ECDSA", namedCurve: curve}, alg = {name: "ECDSA", hash};
        const k = await s.importKey("pkcs8", secret, how, false, ["sign"]), p = await s.importKey("spki", open, how, true, ["verify"]);
        const other = ours.slice(); other[5] ^= 1;
        const check = (mark) => s.verify(alg, p, mark, data);
        [await s.sign(alg, k, data), [await check(ours), await check(other), await check(ours.subarray(1)), await check(new Uint8Array(ours.length))]]""",
        curve=curve, hash=name, secret=der(key), open=der(key.public_key()), ours=ours, data=DATA,
    )  # fmt: skip
    assert verdicts == [True, False, False, False]
    parts = int.from_bytes(theirs[:size], "big"), int.from_bytes(theirs[size:], "big")
    key.public_key().verify(encode_dss_signature(*parts), DATA, ec.ECDSA(HASHES[name]))


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("scheme", ["RSASSA-PKCS1-v1_5", "RSA-PSS"])
def test_rsa_signatures(js, rsa_key, der, scheme, name):
    how = padding.PKCS1v15() if scheme != "RSA-PSS" else padding.PSS(padding.MGF1(HASHES[name]), 17)
    theirs, verdicts = js(
        """const alg = {name: scheme, saltLength: 17};
        const k = await s.importKey("pkcs8", secret, {name: scheme, hash}, false, ["sign"]);
        const p = await s.importKey("spki", open, {name: scheme, hash}, true, ["verify"]);
        [await s.sign(alg, k, data), [await s.verify(alg, p, ours, data), await s.verify(alg, p, ours, utf8("x")), await s.verify(alg, p, ours.subarray(1), data)]]""",
        scheme=scheme, hash=name, secret=der(rsa_key), open=der(rsa_key.public_key()), ours=rsa_key.sign(DATA, how, HASHES[name]), data=DATA,
    )  # fmt: skip
    assert verdicts == [True, False, False]
    rsa_key.public_key().verify(theirs, DATA, how, HASHES[name])
    with pytest.raises(InvalidSignature):
        rsa_key.public_key().verify(theirs, b"x", how, HASHES[name])


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("label", [None, b"a label"])
def test_rsa_oaep(js, rsa_key, der, name, label):
    how = padding.OAEP(padding.MGF1(HASHES[name]), HASHES[name], label)
    theirs, plain = js(
        """const alg = {name: "RSA-OAEP", ...(label ? {label} : {})};
        const k = await s.importKey("pkcs8", secret, {name: "RSA-OAEP", hash}, false, ["decrypt"]);
        const p = await s.importKey("spki", open, {name: "RSA-OAEP", hash}, true, ["encrypt"]);
        [await s.encrypt(alg, p, data), await s.decrypt(alg, k, ours)]""",
        hash=name, label=label, secret=der(rsa_key), open=der(rsa_key.public_key()), ours=rsa_key.public_key().encrypt(DATA, how), data=DATA,
    )  # fmt: skip
    assert plain == DATA
    assert rsa_key.decrypt(theirs, how) == DATA


MONTGOMERY = {"X25519": x25519.X25519PrivateKey, "X448": x448.X448PrivateKey}


@pytest.mark.parametrize("curve", [*CURVES, *MONTGOMERY])
def test_key_agreement(js, der, curve):
    if curve in MONTGOMERY:
        mine, other = MONTGOMERY[curve].generate(), MONTGOMERY[curve].generate()
        shared = mine.exchange(other.public_key())
    else:
        mine, other = ec.generate_private_key(CURVES[curve]), ec.generate_private_key(CURVES[curve])
        shared = mine.exchange(ec.ECDH(), other.public_key())
    whole, part, derived = js(
        """const how = curve.startsWith("X") ? curve : {name: "ECDH", namedCurve: curve}, name = how.name ?? how;
        const k = await s.importKey("pkcs8", secret, how, false, ["deriveBits", "deriveKey"]), p = await s.importKey("spki", open, how, true, []);
        const alg = {name, public: p};
        const aes = await s.deriveKey(alg, k, {name: "AES-GCM", length: 256}, true, ["encrypt"]);
        [await s.deriveBits(alg, k), await s.deriveBits(alg, k, 128), await s.exportKey("raw", aes)]""",
        curve=curve, secret=der(mine), open=der(other.public_key()),
    )  # fmt: skip
    assert (whole, part, derived) == (shared, shared[:16], shared[:32])


def _b64(value, size=0):
    data = value if isinstance(value, bytes) else value.to_bytes(size or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


ALGORITHMS = {
    "P-256": '{name: "ECDSA", namedCurve: "P-256"}', "P-384": '{name: "ECDSA", namedCurve: "P-384"}', "P-521": '{name: "ECDSA", namedCurve: "P-521"}',
    "Ed25519": '"Ed25519"', "Ed448": '"Ed448"', "RSA": '{name: "RSA-PSS", hash: "SHA-256"}',
}  # fmt: skip


EDWARDS = {"Ed25519": ed25519.Ed25519PrivateKey, "Ed448": ed448.Ed448PrivateKey}


@pytest.fixture(params=ALGORITHMS)
def pair(request, rsa_key):
    """(algorithm as JavaScript, the oracle's key, its private JSON Web Key)."""
    kind = request.param
    if kind == "RSA":
        n = rsa_key.private_numbers()
        pub = n.public_numbers
        jwk = {"kty": "RSA", "alg": "PS256", "n": _b64(pub.n), "e": "AQAB", "d": _b64(n.d), "p": _b64(n.p), "q": _b64(n.q), "dp": _b64(n.dmp1), "dq": _b64(n.dmq1), "qi": _b64(n.iqmp)}
        return ALGORITHMS[kind], rsa_key, jwk
    if kind in EDWARDS:
        key = EDWARDS[kind].generate()
        return ALGORITHMS[kind], key, {"kty": "OKP", "crv": kind, "alg": kind, "x": _b64(key.public_key().public_bytes_raw()), "d": _b64(key.private_bytes_raw())}
    key = ec.generate_private_key(CURVES[kind])
    n, size = key.private_numbers(), (CURVES[kind].key_size + 7) // 8
    pub = n.public_numbers
    return ALGORITHMS[kind], key, {"kty": "EC", "crv": kind, "x": _b64(pub.x, size), "y": _b64(pub.y, size), "d": _b64(n.private_value, size)}


def test_formats_of_private_keys(js, der, pair):
    algorithm, key, jwk = pair
    pkcs8, out, again = js(
        f"""const alg = {algorithm}, k = await s.importKey("jwk", jwk, alg, true, ["sign"]), l = await s.importKey("pkcs8", secret, alg, true, ["sign"]);
        [await s.exportKey("pkcs8", k), await s.exportKey("jwk", l), await s.exportKey("pkcs8", l)]""",
        jwk=jwk, secret=der(key),
    )  # fmt: skip
    assert out == {**jwk, "key_ops": ["sign"], "ext": True}
    assert again == pkcs8 == der(key)
    assert der(load_der_private_key(pkcs8, None)) == der(key)


def test_formats_of_public_keys(js, der, pair):
    algorithm, key, jwk = pair
    public = {name: value for name, value in jwk.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}
    spki, out = js(
        f"""const alg = {algorithm}, k = await s.importKey("jwk", jwk, alg, true, ["verify"]), l = await s.importKey("spki", open, alg, true, ["verify"]);
        [await s.exportKey("spki", k), await s.exportKey("jwk", l)]""",
        jwk=public, open=der(key.public_key()),
    )  # fmt: skip
    assert out == {**public, "key_ops": ["verify"], "ext": True}
    assert der(load_der_public_key(spki)) == der(key.public_key())


def test_raw_public_keys(js, pair):
    algorithm, key, jwk = pair
    if jwk["kty"] == "RSA":
        assert js.error(f'await s.importKey("raw", new Uint8Array(65), {algorithm}, true, ["verify"])') == "NotSupportedError"
        return
    point = key.public_key().public_bytes_raw() if jwk["kty"] == "OKP" else key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert js(f'await s.exportKey("raw", await s.importKey("raw", point, {algorithm}, true, ["verify"]))', point=point) == point


def test_generated_keys_are_keys(js, pair):
    algorithm, _key, jwk = pair
    more = ", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1])}" if jwk["kty"] == "RSA" else "}"
    source = algorithm.removesuffix("}") + more if algorithm.endswith("}") else algorithm
    secret, public, shown = js(f"""
        const pair = await s.generateKey({source}, true, ["verify", "sign"]);
        const show = (k) => [k.type, k.extractable, k.usages, k.algorithm.name];
        [await s.exportKey("pkcs8", pair.privateKey), await s.exportKey("spki", pair.publicKey), [show(pair.privateKey), show(pair.publicKey)]]""")
    assert load_der_private_key(secret, None).public_key() == load_der_public_key(public)
    name = shown[0][3]
    assert shown == [["private", True, ["sign"], name], ["public", True, ["verify"], name]]
