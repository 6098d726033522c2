"""Host side of the ``node:`` modules: none. They are JavaScript, and compute with the service ``crypto`` of their worker."""

from __future__ import annotations

from isolate_host.plugin import Capability

__all__ = ["Node"]


class Node(Capability):
    """Present or absent. A guest that calls it nevertheless gets the ``LookupError`` of the base class."""
