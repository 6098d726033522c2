"""What a redirect makes of a request, as the Fetch standard has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from isolate_host.plugins.fetch.messages import FetchRequest, NetworkFailure
from isolate_host.plugins.fetch.targets import BadTargetError

__all__ = ["MAX_REDIRECTS", "REDIRECTS", "redirected"]

MAX_REDIRECTS: Final = 20
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: They describe a body; without the body they go too.
_BODY_HEADERS: Final = frozenset({"content-encoding", "content-language", "content-location", "content-type"})
#: They are meant for the origin that the guest named, and for no other.
_ORIGIN_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


def redirected(request: FetchRequest, status: int, location: str) -> FetchRequest:
    """The request that follows a redirect. Raises :class:`NetworkFailure` when there is none."""
    try:
        target = request.target.join(location)
    except BadTargetError as error:
        raise NetworkFailure(f"the redirect leads nowhere: {error}") from None
    if target.scheme not in ("http", "https"):
        raise NetworkFailure(f"a redirect to {target.scheme}: is not followed")
    if request.body is not None and not isinstance(request.body, bytes) and status != 303:
        raise NetworkFailure("a redirect would need the streamed body a second time")
    dropped: frozenset[str] = frozenset()
    method, body = request.method, request.body
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method, body, dropped = "GET", None, _BODY_HEADERS
    if target.origin != request.target.origin:
        dropped |= _ORIGIN_HEADERS
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in dropped)
    return replace(request, method=method, target=target, headers=headers, body=body)
