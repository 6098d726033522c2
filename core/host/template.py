"""What a zygote loads before it locks itself: the guest kernel and capability scripts, or the TypeScript compiler."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from isolate_host.config.isolation import IsolationConfig

__all__ = ["Template"]


@dataclass(frozen=True, slots=True)
class Template:
    """A named set of scripts; workers forked from it start with all of them loaded.

    ``scripts`` are (name, text) pairs, the first being the guest kernel.
    """

    name: str
    scripts: tuple[tuple[str, str], ...]
    #: Native code of the worker that those scripts call (``isolate_host.worker.services``).
    services: tuple[str, ...] = ()
    #: Whether its workers may fork when the broker orders it (``isolation.fork`` permitting).
    forkable: bool = False

    def plan(self, isolation: IsolationConfig) -> int:
        """A sealed file in memory with the zygote's orders; the descriptor is the caller's to close."""
        orders = {
            "jit": isolation.jit,
            "wasm": isolation.wasm and isolation.jit != "off",
            "namespaces": True,
            "fork": isolation.fork and self.forkable,
            "off_heap_slack": int(isolation.offheap_slack_mb * (1 << 20)),
            "scripts": [list(script) for script in self.scripts],
            "services": list(self.services),
        }
        descriptor = os.memfd_create(f"isolate-host-{self.name}", os.MFD_CLOEXEC)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(json.dumps(orders).encode())
        return descriptor
