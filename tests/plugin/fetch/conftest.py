"""Servers and transports."""

from tests.support.fetching import authority, fetcher, names, raw_server, serve, tls

__all__ = ["authority", "fetcher", "names", "raw_server", "serve", "tls"]
