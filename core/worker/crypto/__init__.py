"""The arithmetic of WebCrypto, on ``cryptography``: bytes in, bytes out.

Names, usages, formats of dictionaries and the order of checks are the guest script's (``plugins/crypto``). Everything here runs in the
locked worker, in the middle of a turn: it opens nothing, starts no thread, and keys never leave the process (docs/adr/0011).
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Callable
from typing import Any

from isolate_host.worker.crypto import aes, asymmetric, hashing, jwk, keys
from isolate_host.worker.crypto.common import HASH_NAMES, Buffers, Order, Refused

__all__ = ["run", "warm_up"]

_OPERATIONS: dict[str, Callable[[Order, Buffers], Any]] = {
    **hashing.OPERATIONS,
    **aes.OPERATIONS,
    **asymmetric.OPERATIONS,
    **keys.OPERATIONS,
    **jwk.OPERATIONS,
}


def run(order: bytes, buffers: list[memoryview]) -> bytes | str:
    """Do ``{"op": …}``; ``buffer``, ``offset`` and ``size`` say which part of one buffer is meant.

    Bytes are the result itself; text is ``=`` and JSON, or ``!Name:message`` when the operation fails.
    """
    try:
        parsed = json.loads(order)
        if "buffer" in parsed:
            index, start = parsed["buffer"], parsed["offset"]
            buffers[index] = buffers[index][start : start + parsed["size"]]
        result = _OPERATIONS[parsed["op"]](parsed, buffers)
    except Refused as refused:
        return f"!{refused.name}:{refused}"
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - the caller is V8: nothing may be raised through it, not even a Rust panic
        return f"!OperationError:the operation failed ({type(error).__name__})"
    return result if isinstance(result, bytes) else "=" + json.dumps(result)


def warm_up() -> None:
    """Have everything imported and looked up before the lock: a worker that opens a file dies. What OpenSSL finds is shared by all.

    Nothing here draws random numbers: the generator is seeded in each worker, never in their common parent.
    """
    # The library imports this when a key is made; and a warning would read its source line.
    importlib.import_module("cryptography.hazmat.backends.openssl.backend")
    warnings.simplefilter("ignore")
    key, data = memoryview(bytes(32)), memoryview(bytes(16))
    for name in HASH_NAMES:
        run(b'{"op":"digest","hash":"%s"}' % name.encode(), [data])
    run(b'{"op":"hmac","hash":"SHA-256"}', [key, data])
    for mode in ("AES-CBC", "AES-CTR", "AES-GCM"):
        run(b'{"op":"aes","mode":"%s","encrypt":true,"bits":64,"tag":128}' % mode.encode(), [key, data, data, data])
    for name in ("P-256", "P-384", "P-521"):
        run(b'{"op":"derive_public","curve":"%s"}' % name.encode(), [key])
    run(b'{"op":"pbkdf2","hash":"SHA-256","iterations":1,"bytes":32}', [key, data])
    run(b'{"op":"scrypt","n":2,"r":1,"p":1,"bytes":32}', [key, data])
    run(b'{"op":"hkdf","hash":"SHA-256","bytes":32}', [key, data, data])
