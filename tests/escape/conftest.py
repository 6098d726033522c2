"""Servers that no guest may reach."""

from tests.support.fetching import fetcher, names, serve

__all__ = ["fetcher", "names", "serve"]
