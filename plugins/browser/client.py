"""The half of the plugin that runs in the client: answers for the browser that the caller bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from isolate_host.client.answering import AnswererRequest, GuestPort
from isolate_host.client.bindings import BrowserBinding
from isolate_host.plugins.browser.handler import BrowserOperation, PlaywrightSessionHandler
from isolate_host.plugins.browser.lanes import ClientLanes
from isolate_host.plugins.browser.plugin import need_playwright
from isolate_host.wire.context import HostCallContext

__all__ = ["BoundBrowserClient", "open_client"]


def open_client(request: AnswererRequest) -> BoundBrowserClient:
    """What ``core/client`` finds by the entry point."""
    need_playwright()
    return BoundBrowserClient(request)


class BoundBrowserClient:
    """Passes operations to the caller's handler, or to one of ours that uses the caller's factories."""

    def __init__(self, request: AnswererRequest) -> None:
        self._request = request
        self._own: PlaywrightSessionHandler | None = None
        self._handler: Callable[[BrowserOperation], Awaitable[Any]] | None = None
        self._ready: asyncio.Future[Any] | None = None
        self._lanes: ClientLanes | None = None

    def attach(self, port: GuestPort, request: AnswererRequest) -> None:
        former, self._request = self._handler, request
        if request.binding.handler is not None:
            self._own, self._handler = None, request.binding.handler
        else:
            self._own = _own_handler(request.binding, self._own)
            self._handler = self._own.handler
        if former is not None and former != self._handler:
            # What the former handler opened, only that one can use.
            asyncio.ensure_future(former(BrowserOperation("close", [], request.runtime_id))).add_done_callback(_ignore)
        self._lanes = ClientLanes(self._handler, port, request)
        self._ready = asyncio.ensure_future(self._handler(BrowserOperation("attach", [], request.runtime_id, port=port, request=request)))

    async def _attached(self) -> Callable[[BrowserOperation], Awaitable[Any]]:
        if self._ready is None or self._handler is None:
            raise LookupError("nobody is attached")
        if not self._ready.done():
            await asyncio.shield(self._ready)
        self._ready.result()
        return self._handler

    async def _handle(self, op: str, args: list[Any], ctx: HostCallContext | None = None) -> Any:
        return await (await self._attached())(BrowserOperation(op, args, self._request.runtime_id, ctx))

    async def call(self, op: str, args: list[Any], ctx: HostCallContext) -> Any:
        if op in ("attach", "detach", "close", "note"):
            raise LookupError(f"unknown operation {op!r}")
        if op == "lane" and self._lanes is not None:
            await self._attached()
            return await self._lanes.call(args, ctx)
        return await self._handle(op, args, ctx)

    def note(self, op: str, args: list[Any]) -> None:
        if op == "lane":
            if self._lanes is not None:
                self._lanes.note(args)
            return
        task = asyncio.ensure_future(self._handle("note", [op, args]))
        task.add_done_callback(_ignore)

    def detach(self) -> None:
        self._close_lanes()
        asyncio.ensure_future(self._handle("detach", [])).add_done_callback(_ignore)

    def diagnostics(self) -> Mapping[str, Any]:
        return {} if self._own is None else self._own.diagnostics(self._request.runtime_id)

    def _close_lanes(self) -> list[asyncio.Future[Any]]:
        return [] if self._lanes is None else self._lanes.close()

    async def aclose(self) -> None:
        await asyncio.gather(*self._close_lanes(), return_exceptions=True)
        await self._handle("close", [])


def _own_handler(binding: BrowserBinding, present: PlaywrightSessionHandler | None) -> PlaywrightSessionHandler:
    if binding.create_context is None:
        raise TypeError("BrowserBinding needs create_context, or a handler")
    if present is not None:
        present.use(binding)
        return present
    return PlaywrightSessionHandler(
        create_context=binding.create_context, create_page=binding.create_page, create_persistent_context=binding.create_persistent_context,
        read_file=binding.read_file, write_file=binding.write_file, timeout_s=None,
    )


def _ignore(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
