"""Guests with crypto in real locked workers. One host serves a whole process of the suite; each call of ``js`` has a runtime of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import isolate_host as ih

PRELUDE = """
const s = crypto.subtle;
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const utf8 = (text) => Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
const errorOf = async (work) => {
  try { await work(); return "none"; }
  catch (e) { return (e instanceof DOMException || e instanceof TypeError || e instanceof RangeError ? "" : "strange ") + e.name; }
};
"""


def _literal(value: Any) -> str:
    return f'unhex("{value.hex()}")' if isinstance(value, bytes) else json.dumps(value)


class Guests:
    """Runs JavaScript in fresh runtimes, from plain test functions."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.host: ih.IsolateHost = self.loop.run_until_complete(self._open())

    async def _open(self) -> ih.IsolateHost:
        return await ih.create_isolate_host()

    def __call__(self, source: str, limits: ih.Limits | None = None, /, **values: Any) -> Any:
        """The value of ``source``, in which ``s`` is ``crypto.subtle`` and each keyword a constant. Bytes are a Uint8Array."""
        constants = "".join(f"const {name} = {_literal(value)};\n" for name, value in values.items())

        async def run() -> Any:
            async with self.host.create_runtime(limits=limits) as runtime:
                return await runtime.eval(PRELUDE + constants + source)

        return self.loop.run_until_complete(run())

    def error(self, source: str, **values: Any) -> str:
        """The name of what ``source`` throws or rejects with, or ``none``."""
        return str(self(f"await errorOf(async () => {{ {source} }})", **values))

    def close(self) -> None:
        self.loop.run_until_complete(self.host.close())
        self.loop.close()


@pytest.fixture(scope="session")
def js() -> Iterator[Guests]:
    guests = Guests()
    yield guests
    guests.close()


@pytest.fixture(scope="session")
def rsa_key() -> Any:
    """A key of the oracle."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def der() -> Callable[[Any], bytes]:
    """PKCS #8 of a private key, SPKI of a public one."""
    from cryptography.hazmat.primitives import serialization as form

    def encode(key: Any) -> bytes:
        if hasattr(key, "private_bytes"):
            return bytes(key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption()))
        return bytes(key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo))

    return encode
