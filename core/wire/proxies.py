"""What stands in Python for a function, a promise or an async iterator of the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from typing import Any, Protocol, Self

from isolate_host.errors import Disposed, ProtocolError

__all__ = ["GuestFunction", "GuestIterator", "GuestPromise", "Proxy", "ProxyPort"]


class ProxyPort(Protocol):
    """The endpoint, as its proxies see it."""

    async def use(self, reference: int, mode: str | None, args: Sequence[Any]) -> Any:
        """Use a reference of the other side and wait for the answer."""

    def give_back(self, reference: int) -> None:
        """Give back its leases."""


class Proxy:
    """Base of the three. The lease ends with :meth:`close`, or when Python collects the object."""

    __slots__ = ("__weakref__", "_closed", "_port", "_reference")

    def __init__(self, port: ProxyPort, reference: int) -> None:
        self._port = port
        self._reference = reference
        self._closed = False

    @property
    def port(self) -> ProxyPort:
        """The endpoint that this reference belongs to."""
        return self._port

    @property
    def reference(self) -> int:
        """Its id there."""
        return self._reference

    async def close(self) -> None:
        """Give the reference back now. Using it afterwards raises ``Disposed``; closing again does nothing."""
        self._release()

    def _release(self) -> None:
        if not self._closed:
            self._closed = True
            self._port.give_back(self._reference)

    def _use(self, mode: str | None, args: Sequence[Any]) -> Any:
        if self._closed:
            raise Disposed(f"this {type(self).__name__} was closed")
        return self._port.use(self._reference, mode, args)


class GuestFunction(Proxy):
    """A function of guest code. Call it and await the result.

    Raises ``GuestError`` when it throws, ``MarshalError`` when an argument or the result cannot cross, ``Disposed`` when
    its runtime has ended. Cancelling the awaiting task aborts the call in the guest.

    >>> add = await runtime.eval("(a, b) => a + b")     # doctest: +SKIP
    >>> await add(1, 2)                                  # doctest: +SKIP
    3
    """

    __slots__ = ("name",)

    def __init__(self, port: ProxyPort, reference: int, name: str = "") -> None:
        super().__init__(port, reference)
        self.name = name

    async def __call__(self, *args: Any) -> Any:
        return await self._use(None, args)

    def __repr__(self) -> str:
        return f"<GuestFunction {self.name or 'anonymous'}>"


class GuestPromise(Proxy):
    """A promise of guest code: await it, as often as you like.

    Only the values *inside* another value arrive this way; what ``eval`` or a function returns was awaited already.
    """

    __slots__ = ("_outcome",)

    def __init__(self, port: ProxyPort, reference: int) -> None:
        super().__init__(port, reference)
        self._outcome: asyncio.Future[Any] | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        return self._settled().__await__()

    async def _settled(self) -> Any:
        if self._outcome is None:
            self._outcome = asyncio.ensure_future(self._use("await", ()))
            # Somebody may stop waiting before it fails; that is no reason for a warning.
            self._outcome.add_done_callback(lambda future: future.cancelled() or future.exception())
        # One impatient waiter must not cancel the others.
        return await asyncio.shield(self._outcome)

    def __repr__(self) -> str:
        return "<GuestPromise>"


class GuestIterator(Proxy):
    """An async iterator of guest code, for ``async for``.

    Leaving the loop early does not end the guest's iterator: call :meth:`aclose` (or use ``contextlib.aclosing``) to run its cleanup at once;
    otherwise that happens when Python collects this object.
    """

    __slots__ = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self.asend(None)

    async def asend(self, value: Any) -> Any:
        """The next item; ``value`` becomes the result of the guest's ``yield``. Raises ``StopAsyncIteration`` at the end."""
        return self._item(await self._step("next", () if value is None else (value,)))

    async def athrow(self, error: BaseException) -> Any:
        """Throw ``error`` at the guest's ``yield``; returns the item that follows."""
        return self._item(await self._step("throw", (error,)))

    async def aclose(self) -> None:
        """Run the guest iterator's cleanup (its ``return``) and give it back. Does nothing when it has ended."""
        if not self._closed:
            try:
                await self._use("return", ())
            finally:
                self._release()

    async def _step(self, mode: str, args: tuple[Any, ...]) -> Any:
        if self._closed:
            raise StopAsyncIteration
        try:
            return await self._use(mode, args)
        except Exception:
            # A throw ends a generator, and a dead runtime ends everything.
            self._release()
            raise

    def _item(self, result: Any) -> Any:
        if type(result) is not dict or type(result.get("done")) is not bool:
            self._release()
            raise ProtocolError("an iterator's answer is no iterator result")
        if result["done"]:
            self._release()
            raise StopAsyncIteration
        return result.get("value")

    def __repr__(self) -> str:
        return "<GuestIterator>"
