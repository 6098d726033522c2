"""The key material of JSON Web Keys (RFC 7517, 7518, 8037). Their other members (``use``, ``key_ops``, ``alg`` …) are the guest script's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519

from isolate_host.worker.crypto.common import CURVES, Buffers, Order, Refused, from_base64url, to_base64url
from isolate_host.worker.crypto.keys import private_der, private_key, public_der, public_key, validated_private

__all__ = ["OPERATIONS"]

_OKP: dict[str, Any] = {
    "Ed25519": (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey),
    "Ed448": (ed448.Ed448PublicKey, ed448.Ed448PrivateKey),
    "X25519": (x25519.X25519PublicKey, x25519.X25519PrivateKey),
    "X448": (x448.X448PublicKey, x448.X448PrivateKey),
}


def _integer(jwk: Mapping[str, Any], name: str) -> int:
    data = from_base64url(jwk.get(name))
    if not data:
        raise Refused("DataError", f"{name!r} of the JSON Web Key is empty")
    return int.from_bytes(data, "big")


def _coordinate(jwk: Mapping[str, Any], name: str, size: int) -> int:
    data = from_base64url(jwk.get(name))
    if len(data) != size:
        raise Refused("DataError", f"{name!r} of the JSON Web Key has {len(data)} bytes, not {size}")
    return int.from_bytes(data, "big")


def _import_rsa(jwk: Mapping[str, Any]) -> bytes:
    public = rsa.RSAPublicNumbers(_integer(jwk, "e"), _integer(jwk, "n"))
    if "d" not in jwk:
        return public_der(public.public_key())
    p, q, d, dp, dq, qi = (_integer(jwk, name) for name in ("p", "q", "d", "dp", "dq", "qi"))
    unproved = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key(unsafe_skip_rsa_key_validation=True)
    return private_der(validated_private(private_der(unproved)))


def _import_ec(jwk: Mapping[str, Any], curve_name: str) -> bytes:
    curve = CURVES[curve_name]
    size = (curve.key_size + 7) // 8
    public = ec.EllipticCurvePublicNumbers(_coordinate(jwk, "x", size), _coordinate(jwk, "y", size), curve)
    if "d" not in jwk:
        return public_der(public.public_key())
    return private_der(ec.EllipticCurvePrivateNumbers(_coordinate(jwk, "d", size), public).private_key())


def _import_okp(jwk: Mapping[str, Any], kind: str) -> bytes:
    public_class, private_class = _OKP[kind]
    public = from_base64url(jwk.get("x"))
    if "d" not in jwk:
        return public_der(public_class.from_public_bytes(public))
    private = private_class.from_private_bytes(from_base64url(jwk["d"]))
    if private.public_key().public_bytes_raw() != public:
        raise Refused("DataError", "'x' and 'd' of the JSON Web Key do not belong together")
    return private_der(private)


def _import(order: Order, _buffers: Buffers) -> bytes:
    jwk, kind = order["jwk"], order["kind"]
    try:
        if kind == "RSA":
            return _import_rsa(jwk)
        return _import_ec(jwk, order["curve"]) if kind == "EC" else _import_okp(jwk, kind)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("DataError", "the JSON Web Key is not a key of this algorithm") from None


def _number(value: int, size: int = 0) -> str:
    return to_base64url(value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big"))


def _export_rsa(private: Any, public: Any) -> dict[str, str]:
    numbers = public.public_numbers()
    fields = {"n": _number(numbers.n), "e": _number(numbers.e)}
    if private is not None:
        secret = private.private_numbers()
        values = {"d": secret.d, "p": secret.p, "q": secret.q, "dp": secret.dmp1, "dq": secret.dmq1, "qi": secret.iqmp}
        fields |= {name: _number(value) for name, value in values.items()}
    return fields


def _export_ec(private: Any, public: Any) -> dict[str, str]:
    numbers, size = public.public_numbers(), (public.curve.key_size + 7) // 8
    fields = {"x": _number(numbers.x, size), "y": _number(numbers.y, size)}
    return fields if private is None else {**fields, "d": _number(private.private_numbers().private_value, size)}


def _export(order: Order, buffers: Buffers) -> dict[str, str]:
    private = private_key(buffers[0]) if order["private"] else None
    public = private.public_key() if private is not None else public_key(buffers[0])
    if order["kind"] == "RSA":
        return _export_rsa(private, public)
    if order["kind"] == "EC":
        return _export_ec(private, public)
    fields = {"x": to_base64url(public.public_bytes_raw())}
    return fields if private is None else {**fields, "d": to_base64url(private.private_bytes_raw())}


def _import_secret(order: Order, _buffers: Buffers) -> bytes:
    return from_base64url(order["k"])


def _export_secret(_order: Order, buffers: Buffers) -> str:
    return to_base64url(bytes(buffers[0]))


def _encode_text(order: Order, _buffers: Buffers) -> bytes:
    return str(order["text"]).encode()


def _decode_text(_order: Order, buffers: Buffers) -> str:
    try:
        return bytes(buffers[0]).decode()
    except UnicodeDecodeError:
        raise Refused("DataError", "the JSON Web Key is not UTF-8") from None


OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {
    "import_jwk": _import,
    "export_jwk": _export,
    "import_secret": _import_secret,
    "export_secret": _export_secret,
    "encode_text": _encode_text,
    "decode_text": _decode_text,
}
