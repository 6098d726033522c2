"""Host side of ``kv``. Every call comes from untrusted code: what it sends is checked here, whatever the guest script does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from isolate_host.errors import LimitExceeded, PolicyDenied
from isolate_host.plugin import Capability, CapabilityRequest
from isolate_host.plugin.context import HostCallContext
from isolate_host_kv.store import Store

__all__ = ["KeyValue"]

_PAGE = 100
_KEY_BYTES = 512
_DEFAULT_VALUE_BYTES = 64 * 1024
_DEFAULT_KEYS = 10_000


class KeyValue(Capability):
    """The store as one runtime sees it."""

    def __init__(self, request: CapabilityRequest) -> None:
        policy = request.policy
        self._request = request
        self._value_bytes: int = policy.get("value_bytes", _DEFAULT_VALUE_BYTES)
        self._keys: int = policy.get("keys", _DEFAULT_KEYS)
        self._store = Store(request.base_dir / policy["file"], policy.get("prefix", ""))
        self.guest_options = {"write": policy.get("write", False)}
        self._operations: dict[str, Callable[..., Awaitable[Any]]] = {
            "get": self._get,
            "set": self._set,
            "delete": self._delete,
            "entries": self._entries,
        }

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """Answer one call of the guest."""
        operation = self._operations.get(op)
        if operation is None:
            raise LookupError(f"unknown operation {op!r}")
        return await operation(*args)

    def lend(self, request: CapabilityRequest) -> Capability:
        """A child runtime that was given ``kv`` has the same store, under the same policy."""
        return KeyValue(request)

    async def aclose(self) -> None:
        """The runtime has ended."""
        await asyncio.to_thread(self._store.close)

    async def _get(self, key: Any) -> Any:
        text = await asyncio.to_thread(self._store.get, _checked(key))
        return None if text is None else json.loads(text)

    async def _set(self, key: Any, value: Any) -> None:
        self._may_write(_checked(key))
        text = _to_json(value)
        if len(text.encode()) > self._value_bytes:
            raise LimitExceeded(f"the value of {key!r} is larger than {self._value_bytes} bytes", kind="kv_value", hint=self._hint("value_bytes"))
        if not await asyncio.to_thread(self._store.set, key, text, self._keys):
            raise LimitExceeded(f"there are {self._keys} keys already", kind="kv_keys", hint=self._hint("keys"))

    async def _delete(self, key: Any) -> bool:
        self._may_write(_checked(key))
        return await asyncio.to_thread(self._store.delete, key)

    async def _entries(self, start: Any = "") -> AsyncIterator[list[Any]]:
        """An async iterator crosses as one: the guest draws page after page, as fast as it reads."""
        return self._pages(_checked(start or "", empty=True))

    async def _pages(self, start: str) -> AsyncIterator[list[Any]]:
        last = ""
        while page := await asyncio.to_thread(self._store.after, start, last, _PAGE):
            for key, text in page:
                yield [key, json.loads(text)]
            last = page[-1][0]

    def _may_write(self, key: str) -> None:
        if self._request.policy.get("write", False):
            return
        rule = f"{self._request.key}.write"
        error = PolicyDenied(f"writing {key!r} needs {rule}: true", capability="kv", value=key, rule=rule, hint=self._hint("write"))
        self._request.deny(error)  # raises, unless the mode is audit

    def _hint(self, key: str) -> str:
        return f"set {self._request.key}.{key} ({self._request.origin})"


def _checked(key: Any, *, empty: bool = False) -> str:
    if not isinstance(key, str) or (not key and not empty):
        raise TypeError("a key must be a string that is not empty")
    if len(key.encode("utf-8", "replace")) > _KEY_BYTES or not key.isprintable():
        raise ValueError(f"a key must be printable and at most {_KEY_BYTES} bytes")
    return key


def _to_json(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"a value must be plain JSON data: {error}") from None
