"""Host side of crypto: none. The guest script works with the service ``crypto`` of its worker (docs/adr/0011-where-crypto-runs.md)."""

from __future__ import annotations

from isolate_host.plugin import Capability

__all__ = ["Crypto"]


class Crypto(Capability):
    """Present or absent. A guest that calls it nevertheless gets the ``LookupError`` of the base class."""
