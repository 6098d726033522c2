"""Requests that say what the one before them said: a client sends the same header fields with every request on its connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from isolate_host.daemon.apps.request import IncomingRequest

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

__all__ = ["RepeatedHead"]

#: Request lines that mean the same to every parser. Others, and whatever a URL parser would change, go the long way.
_LINE = re.compile(rb"(GET|HEAD|DELETE|OPTIONS|POST|PUT|PATCH) (?![^ ]*/(?:\.|%2[eE]))(/[A-Za-z0-9/_~!$&()*+,;=:@%.?-]*) HTTP/1\.1\r\n")
_MAX_BLOCK = 4096


class RepeatedHead:
    """The last head of one connection without a body, as llhttp and ``read_request`` took it: the same bytes mean the same again.

    Only a block that is equal byte for byte, behind a request line of the plainest kind, in a read of its own, is taken from here.
    Nothing is shared between connections.
    """

    __slots__ = ("_block", "_model", "_request_id", "_trusted")

    def __init__(self) -> None:
        self._block = b""
        self._model: IncomingRequest | None = None
        self._request_id = ""
        self._trusted: tuple[IPv4Network | IPv6Network, ...] = ()

    def learn(self, data: bytes, request: IncomingRequest, trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
        """``data`` was exactly this request; ``trusted`` is what it was read with."""
        line = _LINE.match(data)
        if (
            line is not None and len(data) - line.end() <= _MAX_BLOCK and request.body is None and request.length == 0
            and request.keep_alive and request.http_1_1 and request.websocket is None and not request.expects_continue
        ):
            self._block, self._model, self._trusted = data[line.end() :], request, trusted
            self._request_id = request.request_id

    def read(self, data: bytes, trusted: tuple[IPv4Network | IPv6Network, ...]) -> IncomingRequest | None:
        """The request that ``data`` is, if its header fields are the known ones."""
        model, block = self._model, self._block
        if model is None or not data.endswith(block) or trusted is not self._trusted:
            return None
        line = _LINE.fullmatch(data, 0, len(data) - len(block))
        if line is None:
            return None
        return model.again(line[1].decode(), line[2].decode(), self._request_id)
