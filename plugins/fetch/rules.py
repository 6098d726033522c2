"""One rule of a policy, written as text or as a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from isolate_host.plugins.fetch.addresses import Address, parse_address, unmapped
from isolate_host.plugins.fetch.targets import DEFAULT_PORTS, BadTargetError, Target, canonical_host, canonical_path

__all__ = ["BadRuleError", "Rule", "host_matches"]

_TEXT: Final = re.compile(r"(?P<scheme>[a-z*]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]]+)(?::(?P<port>\d+|\*))?(?P<path>/.*)?", re.DOTALL)
_SCHEMES: Final = {"http": {"http", "ws"}, "https": {"https", "wss"}, "ws": {"ws"}, "wss": {"wss"}, "*": set(DEFAULT_PORTS)}


class BadRuleError(ValueError):
    """A rule that says nothing, or nothing clear."""


@dataclass(frozen=True)
class Rule:
    """What a request must look like. ``None`` = whatever; the meaning of what a rule leaves out is :meth:`parse`'s."""

    text: str
    schemes: frozenset[str]
    #: Canonical; ``*`` = every host, ``*.example.com`` = every name below it.
    host: str
    port: int | None
    path: str | None
    methods: frozenset[str] | None
    private: bool | None = None
    #: A denying rule: its path means every mixture of upper and lower case, for there are servers to which these are one.
    deny: bool = False

    @classmethod
    def parse(cls, value: str | Mapping[str, Any], *, deny: bool = False) -> Rule:
        """Read a rule. What an allowing rule leaves out is narrow (``https``, the scheme's port), of a denying one it is everything.

        Raises :class:`BadRuleError`.
        """
        fields = _split(value) if isinstance(value, str) else dict(value)
        scheme = fields.get("scheme", "*" if deny else "https")
        port = fields.get("port", "*" if deny or scheme == "*" else DEFAULT_PORTS[scheme])
        path = fields.get("path")
        methods = fields.get("methods")
        return cls(
            text=value if isinstance(value, str) else _describe(fields),
            schemes=frozenset(_SCHEMES[scheme]),
            host=_host(fields.get("host", "*")),
            port=None if port == "*" else int(port),
            # An origin and its root are one URL, so a rule that ends after the host means all of it, slash or not.
            path=None if path in (None, "/", "/*", "*") else str(path),
            methods=None if methods is None else frozenset(str(method).upper() for method in methods),
            private=None if "private_addresses" not in fields else fields["private_addresses"] == "allow",
            deny=deny,
        )

    def allows(self, method: str, target: Target) -> bool:
        """Whether a request is within this rule, under every reading of its path."""
        return self._fits(target) and host_matches(self.host, target.host) and self._methods(method) and all(map(self._path, self._readings(target)))

    def denies(self, method: str, target: Target) -> bool:
        """Whether a request is within this rule, under any reading of its path and any name of its host."""
        hosts = any(host_matches(self.host, host) for host in target.hosts)
        return self._fits(target) and hosts and self._methods(method) and any(map(self._path, self._readings(target)))

    def names_address(self, method: str, target: Target) -> bool:
        """Whether this rule names an address, and is otherwise about such a request."""
        return self._address is not None and self._fits(target) and self._methods(method) and any(map(self._path, self._readings(target)))

    def denies_address(self, method: str, target: Target, address: Address) -> bool:
        """Whether this rule names the address that the host led to, for a request that it is about otherwise."""
        return self._address is not None and unmapped(self._address) == unmapped(address) and self.names_address(method, target)

    @cached_property
    def _address(self) -> Address | None:
        return parse_address(self.host)

    @cached_property
    def _parts(self) -> list[str]:
        path, mark, query = (self.path or "*").partition("?")
        pattern = canonical_path(path) + mark + query
        return (pattern.lower() if self.deny else pattern).split("*")

    def _fits(self, target: Target) -> bool:
        return target.scheme in self.schemes and self.port in (None, target.port)

    def _methods(self, method: str) -> bool:
        return self.methods is None or method.upper() in self.methods

    def _readings(self, target: Target) -> Iterable[str]:
        """Only a pattern with a question mark looks at the query."""
        return (path + target.query for path in target.paths) if "?" in (self.path or "") else target.paths

    def _path(self, path: str) -> bool:
        return self.path is None or _glob(self._parts, path.lower() if self.deny else path)


def _glob(parts: list[str], text: str) -> bool:
    """Whether ``text`` is ``parts`` with anything between them. Not a regular expression: guests choose ``text``, and may choose it long."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def host_matches(pattern: str, host: str) -> bool:
    """Whether a canonical host is meant by a canonical pattern. ``*.example.com`` does not mean ``example.com``."""
    if pattern == "*":
        return True
    # A wildcard stands for names only: *.1 must not match an address.
    return host.endswith(pattern[1:]) and parse_address(host) is None if pattern.startswith("*.") else host == pattern


def _split(text: str) -> dict[str, Any]:
    match = _TEXT.fullmatch(text)
    if match is None or match["scheme"] not in _SCHEMES:
        raise BadRuleError(f"{text!r} is no rule: write it as https://host[:port][/path], with * in host or path")
    fields = {key: value for key, value in match.groupdict().items() if value is not None}
    # A deny rule as text means what it says, so the port is the scheme's, as in a URL.
    if "port" not in fields and fields["scheme"] != "*":
        fields["port"] = DEFAULT_PORTS[fields["scheme"]]
    return fields


def _host(pattern: str) -> str:
    if pattern == "*":
        return pattern
    name = pattern.removeprefix("*.")
    try:
        host = canonical_host(name)
    except BadTargetError:
        host = ""
    if not host or "*" in name or (name != pattern and parse_address(host)):
        raise BadRuleError(f"{pattern!r} is no host: give a name, *.name, an address, or *")
    return pattern.replace(name, host)


def _describe(fields: Mapping[str, Any]) -> str:
    shown = {key: list(value) if isinstance(value, (list, tuple)) else value for key, value in fields.items()}
    return "{" + ", ".join(f"{key}: {value}" for key, value in shown.items()) + "}"
