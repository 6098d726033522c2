"""Content codings, undone piece by piece: whatever the compression, one step never makes more than a bounded piece."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final, Protocol

from isolate_host.plugins.fetch.messages import NetworkFailure

__all__ = ["ACCEPT_ENCODING", "Decoder", "decoder_for"]

ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"
#: Most that one step gives.
PIECE: Final = 256 * 1024
#: A window of 8 MiB is what a zstd decoder on the web must hold (RFC 9659).
_ZSTD_WINDOW_LOG: Final = 23
_MAX_CODINGS: Final = 3
_GZIP_MAGIC: Final = 0x1F


class Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that ``data`` completes. Raises :class:`NetworkFailure` for what is not so coded."""

    def finish(self) -> None:
        """No more data. Raises :class:`NetworkFailure` when some is missing."""


class _Inflate:
    """gzip (also several members in a row) and deflate (with and without its header)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip, self._started = gzip, False
        self._inner = zlib.decompressobj(31 if gzip else zlib.MAX_WBITS)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and self._begin(data):
            try:
                piece = self._inner.decompress(data, PIECE)
            except zlib.error:
                raise _bad("gzip" if self._gzip else "deflate") from None
            if piece:
                yield piece
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail

    def _begin(self, data: bytes) -> bool:
        """Get ready for ``data``; false when it lies behind the end."""
        if not self._started:
            self._started = True
            # Many servers send deflate without the zlib header, and browsers take it.
            if not self._gzip and data[0] & 0x0F != zlib.DEFLATED:
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
        elif self._inner.eof:
            if not self._gzip or data[0] != _GZIP_MAGIC:
                return False
            self._inner = zlib.decompressobj(31)
        return True

    def finish(self) -> None:
        if self._started and not self._inner.eof:
            raise _bad("gzip" if self._gzip else "deflate", "is cut off")


class _Brotli:
    def __init__(self) -> None:
        brotli: Any = import_module("brotli")
        self._inner: Any = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._started = self._started or bool(data)
        try:
            piece = self._inner.process(data, output_buffer_limit=PIECE)
            while piece or not self._inner.can_accept_more_data():
                if piece:
                    yield piece
                if self._inner.is_finished():
                    return
                piece = self._inner.process(b"", output_buffer_limit=PIECE)
        except self._error:
            raise _bad("br") from None

    def finish(self) -> None:
        if self._started and not self._inner.is_finished():
            raise _bad("br", "is cut off")


class _Zstd:
    def __init__(self) -> None:
        zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
        self._error: type[Exception] = zstd.ZstdError
        self._make: Any = lambda: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
        self._inner = self._make()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or (self._started and not self._inner.eof and not self._inner.needs_input):
            self._started = True
            if self._inner.eof:
                self._inner = self._make()
            try:
                piece = self._inner.decompress(data, PIECE)
            except self._error:
                raise _bad("zstd") from None
            data = self._inner.unused_data if self._inner.eof else b""
            if piece:
                yield piece

    def finish(self) -> None:
        if self._started and not self._inner.eof:
            raise _bad("zstd", "is cut off")


class _Chain:
    """Several codings, the last one applied undone first."""

    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.feed(data):
            yield from self._inner.feed(piece)

    def finish(self) -> None:
        self._outer.finish()
        self._inner.finish()


def decoder_for(content_encoding: str) -> Decoder | None:
    """The decoder of a ``Content-Encoding``, or ``None`` when there is nothing to undo or one coding is unknown: the body then stays as it is."""
    codings = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    if len(codings) > _MAX_CODINGS:
        raise NetworkFailure(f"more than {_MAX_CODINGS} content codings")
    decoder: Decoder | None = None
    for name in codings:
        if name not in ("gzip", "x-gzip", "deflate", "br", "zstd", "identity"):
            return None
        if name == "identity":
            continue
        this: Decoder = _Brotli() if name == "br" else _Zstd() if name == "zstd" else _Inflate(gzip=name != "deflate")
        decoder = this if decoder is None else _Chain(this, decoder)
    return decoder


def _bad(coding: str, what: str = "is damaged") -> NetworkFailure:
    return NetworkFailure(f"the {coding} coding of the response {what}")
