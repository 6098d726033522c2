"""AES in the four modes of WebCrypto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import keywrap, padding
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from isolate_host.worker.crypto.common import Buffers, Order, Refused

__all__ = ["OPERATIONS"]

_BLOCK = 16


def _context(key: memoryview, mode: modes.CBC | modes.CTR, *, encrypt: bool) -> CipherContext:
    cipher = Cipher(algorithms.AES(bytes(key)), mode)
    return cipher.encryptor() if encrypt else cipher.decryptor()


def _cbc(order: Order, buffers: Buffers) -> bytes:
    key, data, iv = buffers
    context = _context(key, modes.CBC(bytes(iv)), encrypt=order["encrypt"])
    pad = padding.PKCS7(8 * _BLOCK)
    if order["encrypt"]:
        rest = len(data) - len(data) % _BLOCK
        padder = pad.padder()
        last = padder.update(bytes(data[rest:])) + padder.finalize()
        return b"".join((context.update(data[:rest]), context.update(last), context.finalize()))
    if not data or len(data) % _BLOCK:
        raise Refused("OperationError", "the length of the data is not a positive multiple of 16")
    plain = context.update(data) + context.finalize()
    unpadder = pad.unpadder()
    return plain[:-_BLOCK] + unpadder.update(plain[-_BLOCK:]) + unpadder.finalize()


def _ctr(order: Order, buffers: Buffers) -> bytes:
    """The counter is the low ``bits`` of the block and wraps around inside them; OpenSSL's is all 128 bits."""
    key, data, block = buffers
    bits, start = order["bits"], int.from_bytes(block, "big")
    size = 1 << bits
    if -(-len(data) // _BLOCK) > size:
        raise Refused("OperationError", "the data is longer than the counter can count")
    before_wrap = (size - start % size) * _BLOCK
    first = _context(key, modes.CTR(bytes(block)), encrypt=True).update(data[:before_wrap])
    if len(data) <= before_wrap:
        return first
    again = (start - start % size).to_bytes(_BLOCK, "big")
    return first + _context(key, modes.CTR(again), encrypt=True).update(data[before_wrap:])


def _gcm(order: Order, buffers: Buffers) -> bytes:
    key, data, iv, extra = buffers
    tag_size = order["tag"] // 8
    cipher = algorithms.AES(bytes(key))
    if order["encrypt"]:
        encryptor = Cipher(cipher, modes.GCM(bytes(iv))).encryptor()
        encryptor.authenticate_additional_data(extra)
        return b"".join((encryptor.update(data), encryptor.finalize(), encryptor.tag[:tag_size]))
    if len(data) < tag_size:
        raise Refused("OperationError", "the data is shorter than its tag")
    split = len(data) - tag_size
    decryptor = Cipher(cipher, modes.GCM(bytes(iv), bytes(data[split:]), min_tag_length=4)).decryptor()
    decryptor.authenticate_additional_data(extra)
    return decryptor.update(data[:split]) + decryptor.finalize()


_MODES = {"AES-CBC": _cbc, "AES-CTR": _ctr, "AES-GCM": _gcm}


def _aes(order: Order, buffers: Buffers) -> bytes:
    run = _MODES[order["mode"]]
    return run(order, buffers if run is _gcm else buffers[:3])


def _wrap(_order: Order, buffers: Buffers) -> bytes:
    return keywrap.aes_key_wrap(bytes(buffers[0]), bytes(buffers[1]))


def _unwrap(_order: Order, buffers: Buffers) -> bytes:
    return keywrap.aes_key_unwrap(bytes(buffers[0]), bytes(buffers[1]))


OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {"aes": _aes, "wrap": _wrap, "unwrap": _unwrap}
