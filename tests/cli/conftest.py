"""Servers for the verbs that learn from real requests."""

from tests.support.fetching import serve

__all__ = ["serve"]
