"""What the operations share: hashes, curves, base64url, and how they refuse."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["CURVES", "HASH_NAMES", "Buffers", "Order", "Refused", "from_base64url", "hash_of", "to_base64url"]

Order = dict[str, Any]
Buffers = list[memoryview]

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA-1": hashes.SHA1(),  # noqa: S303 - WebCrypto has it; whether to use it is the guest's choice
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
    # Not of WebCrypto, whose guest script lets no other name than those above through: these are for node:crypto.
    "MD5": hashes.MD5(),  # noqa: S303
    "SHA-224": hashes.SHA224(),
    "SHA-512/224": hashes.SHA512_224(),
    "SHA-512/256": hashes.SHA512_256(),
    "SHA3-224": hashes.SHA3_224(),
    "SHA3-256": hashes.SHA3_256(),
    "SHA3-384": hashes.SHA3_384(),
    "SHA3-512": hashes.SHA3_512(),
    "BLAKE2b": hashes.BLAKE2b(64),
    "BLAKE2s": hashes.BLAKE2s(32),
}
HASH_NAMES = tuple(_HASHES)
CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class Refused(Exception):
    """The operation fails with a ``DOMException`` of this name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def hash_of(order: Order) -> hashes.HashAlgorithm:
    """The hash that ``order`` names."""
    return _HASHES[order["hash"]]


def to_base64url(data: bytes) -> str:
    """As RFC 7515 writes bytes: without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: Any) -> bytes:
    """Strict: another alphabet, padding or an impossible length is a ``DataError``."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise Refused("DataError", "a member of the JSON Web Key is not base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Refused("DataError", "a member of the JSON Web Key is not base64url") from None
