"""Signatures, RSA-OAEP and key agreement. The first buffer is always the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from isolate_host.worker.crypto.common import Buffers, Order, Refused, hash_of
from isolate_host.worker.crypto.keys import private_key, public_key

__all__ = ["OPERATIONS"]


class _Edwards(NamedTuple):
    """What tells points of small order: their y is one of few."""

    prime: int
    #: Bits of an encoded y, without the sign of x that follows.
    bits: int
    #: Bytes of an encoded point.
    size: int
    small: frozenset[int]


_PRIME_25519 = 2**255 - 19
#: One of the two y of points of order 8; the other is its negative.
_ORDER_8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
_PRIME_448 = 2**448 - 2**224 - 1
_EDWARDS = {
    # The y of all points whose order divides 8: of order 4, 1, 2 and 8.
    "Ed25519": _Edwards(_PRIME_25519, 255, 32, frozenset({0, 1, _PRIME_25519 - 1, _ORDER_8, _PRIME_25519 - _ORDER_8})),
    # Its cofactor is 4.
    "Ed448": _Edwards(_PRIME_448, 455, 57, frozenset({0, 1, _PRIME_448 - 1})),
}


def _rsa_padding(order: Order) -> Any:
    if "salt" not in order:
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(hash_of(order)), order["salt"])


def _rsa_sign(order: Order, buffers: Buffers) -> bytes:
    return bytes(private_key(buffers[0]).sign(buffers[1], _rsa_padding(order), hash_of(order)))


def _verified(check: Callable[[], None]) -> bool:
    """A signature that cannot be right (of the wrong length, out of range) is wrong, and no error."""
    try:
        check()
    except (InvalidSignature, ValueError):
        return False
    return True


def _rsa_verify(order: Order, buffers: Buffers) -> bool:
    key, data, signature = public_key(buffers[0]), buffers[1], bytes(buffers[2])
    return _verified(lambda: key.verify(signature, data, _rsa_padding(order), hash_of(order)))


def _oaep(order: Order, label: memoryview) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hash_of(order)), hash_of(order), bytes(label) or None)


def _rsa_encrypt(order: Order, buffers: Buffers) -> bytes:
    return bytes(public_key(buffers[0]).encrypt(bytes(buffers[1]), _oaep(order, buffers[2])))


def _rsa_decrypt(order: Order, buffers: Buffers) -> bytes:
    return bytes(private_key(buffers[0]).decrypt(bytes(buffers[1]), _oaep(order, buffers[2])))


def _coordinate_size(key: Any) -> int:
    return int(key.curve.key_size + 7) // 8


def _ecdsa_sign(order: Order, buffers: Buffers) -> bytes:
    """``r`` and ``s`` side by side, as IEEE P1363 has it; OpenSSL speaks DER."""
    key = private_key(buffers[0])
    r, s = decode_dss_signature(key.sign(buffers[1], ec.ECDSA(hash_of(order))))
    size = _coordinate_size(key)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _ecdsa_verify(order: Order, buffers: Buffers) -> bool:
    key, data, signature = public_key(buffers[0]), buffers[1], bytes(buffers[2])
    size = _coordinate_size(key)
    if len(signature) != 2 * size:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    return _verified(lambda: key.verify(der, data, ec.ECDSA(hash_of(order))))


def _eddsa_sign(_order: Order, buffers: Buffers) -> bytes:
    return bytes(private_key(buffers[0]).sign(buffers[1]))


def _has_small_order(point: bytes, curve: _Edwards) -> bool:
    """Whether an encoded point, canonical or not, has an order that divides the cofactor of its curve."""
    y = int.from_bytes(point, "little") & ((1 << curve.bits) - 1)
    return y % curve.prime in curve.small


def _eddsa_verify(order: Order, buffers: Buffers) -> bool:
    """With such a key, or such a first half, a signature says nothing: it would be good for many texts. Web Crypto refuses it, OpenSSL does not."""
    key, data, signature = public_key(buffers[0]), buffers[1], bytes(buffers[2])
    curve = _EDWARDS[order["kind"]]
    if _has_small_order(key.public_bytes_raw(), curve) or _has_small_order(signature[: curve.size], curve):
        return False
    return _verified(lambda: key.verify(signature, data))


def _agree(order: Order, buffers: Buffers) -> bytes:
    """The shared secret of a private and a public key of the same curve."""
    private, public = private_key(buffers[0]), public_key(buffers[1])
    try:
        return bytes(private.exchange(ec.ECDH(), public) if order["kind"] == "EC" else private.exchange(public))
    except ValueError:
        raise Refused("OperationError", "the keys have no usable shared secret") from None


OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {
    "rsa_sign": _rsa_sign,
    "rsa_verify": _rsa_verify,
    "rsa_encrypt": _rsa_encrypt,
    "rsa_decrypt": _rsa_decrypt,
    "ecdsa_sign": _ecdsa_sign,
    "ecdsa_verify": _ecdsa_verify,
    "eddsa_sign": _eddsa_sign,
    "eddsa_verify": _eddsa_verify,
    "agree": _agree,
}
