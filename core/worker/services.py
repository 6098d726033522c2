"""Native code that guest scripts may call inside the worker, loaded by the zygote before it locks itself.

A service is a function from an order (JSON) and buffers to bytes or text, called in the middle of a turn. It answers ``!Name:message`` to
refuse and raises nothing. It runs behind the same lock and limits as the guest's JavaScript, and can reach no more than that can.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator

__all__ = ["SERVICES", "load_services"]

Service = Callable[[bytes, list[memoryview]], bytes | str]
SERVICES = ("crypto",)


def _refuse(_order: bytes, _buffers: list[memoryview]) -> str:
    return "!NotSupportedError:this worker was started without that service"


def load_services(names: Collection[str]) -> Service:
    """Import what ``names`` ask for, which costs memory only where a plugin needs it. Raises ``RuntimeError`` for an unknown name."""
    unknown = sorted(set(names) - set(SERVICES))
    if unknown:
        raise RuntimeError(f"the worker has no service {unknown[0]!r}; there are: {', '.join(SERVICES)}")
    if "crypto" not in names:
        return _refuse
    with _no_fork_hooks():
        from isolate_host.worker.crypto import run, warm_up

        warm_up()
    return run


@contextlib.contextmanager
def _no_fork_hooks() -> Iterator[None]:
    """What is imported inside registers nothing that would run in each child.

    ``cryptography`` brings ``threading`` and ``random`` along, whose hooks write to 300 KB that a worker would otherwise share.
    A worker needs neither: its watchdog is a bare thread, and it takes randomness from the kernel.
    """
    register = os.register_at_fork
    os.register_at_fork = lambda **_hooks: None
    try:
        yield
    finally:
        os.register_at_fork = register
