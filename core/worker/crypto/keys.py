"""Asymmetric keys: formats in, one canonical form inside (SPKI or PKCS #8 in DER), formats out.

``kind`` is ``RSA``, ``EC`` (then ``curve`` names it), ``Ed25519``, ``Ed448``, ``X25519`` or ``X448``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from isolate_host.worker.crypto.common import CURVES, Buffers, Order, Refused

__all__ = ["OPERATIONS", "private_der", "private_key", "public_der", "public_key", "validated_private"]

_PUBLIC: dict[str, Any] = {
    "RSA": rsa.RSAPublicKey, "EC": ec.EllipticCurvePublicKey, "Ed25519": ed25519.Ed25519PublicKey, "X25519": x25519.X25519PublicKey,
    "Ed448": ed448.Ed448PublicKey, "X448": x448.X448PublicKey,
}
_PRIVATE: dict[str, Any] = {
    "RSA": rsa.RSAPrivateKey, "EC": ec.EllipticCurvePrivateKey, "Ed25519": ed25519.Ed25519PrivateKey, "X25519": x25519.X25519PrivateKey,
    "Ed448": ed448.Ed448PrivateKey, "X448": x448.X448PrivateKey,
}
#: ``rsaEncryption``. WebCrypto takes no key that is bound to PSS or OAEP by another identifier.
_RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")
_HEAD = 48


# Parsing costs more than most operations. The cache is the process's, and the process has one tenant.
@lru_cache(maxsize=64)
def _parsed_public(der: bytes) -> Any:
    return load_der_public_key(der)


@lru_cache(maxsize=64)
def _parsed_private(der: bytes) -> Any:
    return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)


@lru_cache(maxsize=64)
def validated_private(der: bytes) -> Any:
    """A key from outside. OpenSSL asks whether the factors of an RSA key are primes, which takes 30 ms for 2048 bits and 200 ms for 4096;
    one that has passed is not asked again. Raises what ``cryptography`` does.
    """
    return load_der_private_key(der, None)


def public_key(der: memoryview) -> Any:
    """A key that was imported or generated before."""
    return _parsed_public(bytes(der))


def private_key(der: memoryview) -> Any:
    """A key that was imported or generated before, and validated then."""
    return _parsed_private(bytes(der))


def public_der(key: Any) -> bytes:
    """The canonical form."""
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def private_der(key: Any) -> bytes:
    """The canonical form."""
    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _fitting(key: Any, order: Order, data: bytes, classes: dict[str, Any]) -> Any:
    kind = order["kind"]
    if not isinstance(key, classes[kind]) or (kind == "RSA" and _RSA_ENCRYPTION not in data[:_HEAD]):
        raise Refused("DataError", "the key is of another algorithm")
    if kind == "EC" and not isinstance(key.curve, type(CURVES[order["curve"]])):
        raise Refused("DataError", "the key is on another curve")
    return key


def _import_spki(order: Order, buffers: Buffers) -> bytes:
    data = bytes(buffers[0])
    try:
        return public_der(_fitting(load_der_public_key(data), order, data, _PUBLIC))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("DataError", "the data is not a SubjectPublicKeyInfo of this algorithm") from None


def _import_pkcs8(order: Order, buffers: Buffers) -> bytes:
    data = bytes(buffers[0])
    try:
        return private_der(_fitting(validated_private(data), order, data, _PRIVATE))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("DataError", "the data is not a PrivateKeyInfo of this algorithm") from None


def _import_raw(order: Order, buffers: Buffers) -> bytes:
    data = bytes(buffers[0])
    try:
        if order["kind"] == "EC":
            return public_der(ec.EllipticCurvePublicKey.from_encoded_point(CURVES[order["curve"]], data))
        return public_der(_PUBLIC[order["kind"]].from_public_bytes(data))
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("DataError", "the data is not a public key of this algorithm") from None


def _export_raw(order: Order, buffers: Buffers) -> bytes:
    key = public_key(buffers[0])
    if order["kind"] == "EC":
        return bytes(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return bytes(key.public_bytes_raw())


def _public_of(_order: Order, buffers: Buffers) -> bytes:
    return public_der(private_key(buffers[0]).public_key())


def _describe(order: Order, buffers: Buffers) -> dict[str, Any]:
    """What an RSA key's ``algorithm`` shows."""
    key = private_key(buffers[0]).public_key() if order["private"] else public_key(buffers[0])
    exponent = key.public_numbers().e
    return {"bits": key.key_size, "exponent": list(exponent.to_bytes((exponent.bit_length() + 7) // 8, "big"))}


def _generate(order: Order, _buffers: Buffers) -> bytes:
    """A fresh private key. RSA takes only the exponents 3 and 65537; others are an ``OperationError``."""
    kind = order["kind"]
    if kind == "RSA":
        return private_der(rsa.generate_private_key(order["exponent"], order["bits"]))
    if kind == "EC":
        return private_der(ec.generate_private_key(CURVES[order["curve"]]))
    return private_der(_PRIVATE[kind].generate())


def _derive_public(order: Order, buffers: Buffers) -> bytes:
    """The public point of a scalar."""
    secret = 1 + int.from_bytes(buffers[0], "big")
    return public_der(ec.derive_private_key(secret, CURVES[order["curve"]]).public_key())


OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {
    "import_spki": _import_spki,
    "import_pkcs8": _import_pkcs8,
    "import_raw": _import_raw,
    "export_raw": _export_raw,
    "public_of": _public_of,
    "describe": _describe,
    "generate": _generate,
    "derive_public": _derive_public,
}
