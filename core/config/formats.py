"""Texts with a meaning: sizes and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonschema import FormatChecker

__all__ = ["Address", "format_checker", "parse_address", "parse_size"]

_UNITS = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)")
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to listen on; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_size(value: int | str) -> int:
    """Bytes of ``10MiB``; a number is bytes already."""
    if isinstance(value, int):
        return value
    match = _SIZE.fullmatch(value)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"{value!r} is not a size")
    return int(float(match[1]) * _UNITS[match[2]])


def parse_address(text: str) -> Address:
    """``127.0.0.1:8700`` or ``[::1]:8700``."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > _MAX_PORT:
        raise ValueError(f"{text!r} is not host:port")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def _is_listen(text: str) -> bool:
    return len(text) > len("unix:") if text.startswith("unix:") else bool(parse_address(text))


def format_checker() -> FormatChecker:
    """What the formats of our schemas mean."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("size", raises=ValueError)(lambda value: not isinstance(value, str) or parse_size(value) >= 0)
    checker.checks("address", raises=ValueError)(lambda value: not isinstance(value, str) or bool(parse_address(value)))
    checker.checks("listen", raises=ValueError)(lambda value: not isinstance(value, str) or _is_listen(value))
    checker.checks("network", raises=ValueError)(lambda value: not isinstance(value, str) or bool(ip_network(value)))
    return checker
