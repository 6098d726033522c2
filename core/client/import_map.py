"""Import maps: specifiers that mean something else, everywhere (``imports``) or below a path (``scopes``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolate_host.client.module_paths import is_relative, join

__all__ = ["ImportMap"]

Addresses = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ImportMap:
    """The map of the HTML standard, with two differences: paths stand for URLs, and an address may be the name of a package."""

    imports: Addresses = field(default_factory=dict)
    scopes: Mapping[str, Addresses] = field(default_factory=dict)

    @classmethod
    def create(cls, imports: Addresses, scopes: Mapping[str, Addresses]) -> ImportMap:
        """Check and normalise: relative keys, addresses and scopes start at the root. Raises ``ValueError`` or ``TypeError``."""
        return cls(_table(imports, "imports"), {_place(scope): _table(table, f"scopes[{scope!r}]") for scope, table in scopes.items()})

    def apply(self, specifier: str, importer: str | None, folder: str) -> str:
        """What ``specifier`` means for ``importer``. Raises ``LookupError`` when the map forbids it."""
        if not self.imports and not self.scopes:
            return specifier
        name = join(folder, specifier) if is_relative(specifier) else specifier
        for scope in sorted(self.scopes, key=len, reverse=True):
            if importer is not None and (importer == scope or (scope.endswith("/") and importer.startswith(scope))):
                found = _lookup(self.scopes[scope], name)
                if found is not None:
                    return found
        return _lookup(self.imports, name) or specifier


def _lookup(table: Addresses, name: str) -> str | None:
    """The exact key, then the longest key that ends in a slash and is a prefix."""
    if name in table:
        return _allowed(table[name], name)
    prefixes = [key for key in table if key.endswith("/") and name.startswith(key)]
    if not prefixes:
        return None
    key = max(prefixes, key=len)
    address, rest = _allowed(table[key], name), name[len(key) :]
    if ".." in rest.split("/"):
        raise LookupError(f"the import map forbids {name!r}: it climbs out of {key!r}")
    return address + rest


def _allowed(address: str | None, name: str) -> str:
    if address is None:
        raise LookupError(f"the import map forbids {name!r}")
    return address


def _table(table: Addresses, label: str) -> dict[str, str | None]:
    result: dict[str, str | None] = {}
    for key, address in table.items():
        if not key:
            raise ValueError(f"{label} has an empty key")
        if address is not None and key.endswith("/") and not address.endswith("/"):
            raise ValueError(f"{label}[{key!r}] ends with a slash, so its address must too, not {address!r}")
        result[_place(key)] = None if address is None else _place(address)
    return result


def _place(name: str) -> str:
    """A relative name starts at the root of the module space; others stay."""
    if not is_relative(name):
        return name
    path = join("/", name)
    return path + "/" if name.endswith("/") and path != "/" else path
