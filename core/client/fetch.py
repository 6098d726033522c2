"""``Bindings.fetch``: the caller's own way to the network."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any

from isolate_host.client.callables import positional_capacity
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.streams import ByteSource, ByteStream
from isolate_host.wire.web import Request, Response

__all__ = ["answer_fetch"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NULL_BODY = frozenset({101, 103, 204, 205, 304})


async def answer_fetch(function: Callable[..., Any], args: list[Any], ctx: HostCallContext) -> dict[str, Any]:
    """Answer one ``fetch()`` of a guest with what ``function(request, ctx)`` returns: a ``Response``, or one of aiohttp."""
    message = args[0] if args and isinstance(args[0], dict) else {}
    request = _request(message)
    answer = function(request, ctx) if positional_capacity(function) >= 2 else function(request)
    if inspect.isawaitable(answer):
        answer = await answer
    status, reason, headers, body = _parts(answer)
    refused = message.get("redirect") == "error" and status in _REDIRECTS
    if refused or request.method == "HEAD" or status in _NULL_BODY:
        await _discard(answer, body)
        body = None
    if refused:
        raise TypeError("the answer is a redirect")
    return {
        "status": status,
        "statusText": reason,
        "url": str(getattr(answer, "url", "") or request.url).partition("#")[0],
        "redirected": bool(getattr(answer, "history", ())),
        "headers": [[name, value] for name, value in headers],
        "body": body if body is None or isinstance(body, bytes) else ByteSource(_watched(body, ctx)),
    }


def _request(message: dict[str, Any]) -> Request:
    """The request, as the guest described it: the broker has looked at it, but a client need not rely on that."""
    method, url, headers, body = (message.get(key) for key in ("method", "url", "headers", "body"))
    if not isinstance(method, str) or not isinstance(url, str) or not isinstance(headers, list):
        raise TypeError("not a request")
    if body is not None and not isinstance(body, (bytes, ByteStream)):
        raise TypeError("a body must be bytes or a stream")
    redirect = message.get("redirect")
    known = redirect if redirect in ("manual", "error") else "follow"
    return Request(method, url, [(str(name), str(value)) for name, value in headers], body, redirect=known)


def _parts(answer: Any) -> tuple[int, str, Iterable[tuple[str, str]], bytes | AsyncIterable[bytes] | None]:
    if isinstance(answer, Response):
        # bytes as bytes, for they need no stream
        body = answer._body  # noqa: SLF001 (of the same house)
        return answer.status, answer.status_text, answer.headers.pairs(), body
    raw = getattr(answer, "raw_headers", None)
    if raw is None or not hasattr(answer, "content"):
        raise TypeError(f"Bindings.fetch must return a Response or an aiohttp.ClientResponse, not a {type(answer).__name__}")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
    return answer.status, answer.reason or "", headers, _aiohttp_body(answer)


def _aiohttp_body(answer: Any) -> AsyncIterator[bytes]:
    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.content.iter_any():
                yield chunk
        finally:
            answer.close()

    body = chunks()
    # A generator that never began has no end either.
    weakref.finalize(body, answer.close).atexit = False
    return body


async def _watched(body: AsyncIterable[bytes], ctx: HostCallContext) -> AsyncIterator[bytes]:
    """``body``; when the guest loses interest before its end, the call's signal tells whoever still listens, and the body is closed."""
    over = False
    try:
        async for chunk in body:
            yield chunk
        over = True
    except Exception:
        over = True
        raise
    finally:
        if not over:
            ctx.abort("the guest no longer wants the body")
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()


async def _discard(answer: Any, body: Any) -> None:
    """A body that nobody will read."""
    for close in (getattr(answer, "close", None), getattr(body, "aclose", None)):
        if close is not None:
            closing = close()
            if inspect.isawaitable(closing):
                await closing
