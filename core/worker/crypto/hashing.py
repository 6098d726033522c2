"""Digests, HMAC, and keys derived from other keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from isolate_host.worker.crypto.common import Buffers, Order, Refused, hash_of

__all__ = ["OPERATIONS"]

#: OpenSSL counts with an ``int``.
_MOST_ITERATIONS = (1 << 31) - 1


def _digest(order: Order, buffers: Buffers) -> bytes:
    digest = hashes.Hash(hash_of(order))
    digest.update(buffers[0])
    return digest.finalize()


def _mac(order: Order, buffers: Buffers) -> HMAC:
    mac = HMAC(bytes(buffers[0]), hash_of(order))
    mac.update(buffers[1])
    return mac


def _hmac(order: Order, buffers: Buffers) -> bytes:
    return _mac(order, buffers).finalize()


def _hmac_verify(order: Order, buffers: Buffers) -> bool:
    try:
        _mac(order, buffers).verify(bytes(buffers[2]))
    except InvalidSignature:
        return False
    return True


def _hkdf(order: Order, buffers: Buffers) -> bytes:
    secret, salt, info = (bytes(buffer) for buffer in buffers)
    return HKDF(hash_of(order), order["bytes"], salt, info).derive(secret)


def _pbkdf2(order: Order, buffers: Buffers) -> bytes:
    """Runs for as long as the guest asked. That is the guest's own time: its limits end the process, nobody else waits."""
    if order["iterations"] > _MOST_ITERATIONS:
        raise Refused("OperationError", f"PBKDF2 does at most {_MOST_ITERATIONS} rounds")
    password, salt = (bytes(buffer) for buffer in buffers)
    return PBKDF2HMAC(hash_of(order), order["bytes"], salt, order["iterations"]).derive(password)


def _scrypt(order: Order, buffers: Buffers) -> bytes:
    """Takes the time and the memory that the guest asked for: both are its own, and limited."""
    password, salt = (bytes(buffer) for buffer in buffers)
    return Scrypt(salt, order["bytes"], order["n"], order["r"], order["p"]).derive(password)


OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {
    "digest": _digest,
    "hmac": _hmac,
    "hmac_verify": _hmac_verify,
    "hkdf": _hkdf,
    "pbkdf2": _pbkdf2,
    "scrypt": _scrypt,
}
