"""HTTP headers as Python sees them: text, case-insensitive names, several values of one name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping

__all__ = ["Headers"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# NUL, CR and LF would let a value become another header; the rest cannot be sent.
_NOT_IN_VALUE = re.compile(r"[\x00\r\n]|[^\x00-\xff]")


class Headers(MutableMapping[str, str]):
    """Header fields in order. ``headers[name]`` joins the values of a name with commas; :meth:`get_all` keeps them apart.

    >>> headers = Headers({"Accept": "text/html"})
    >>> headers.add("accept", "*/*")
    >>> headers["ACCEPT"]
    'text/html, */*'
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] | None = None) -> None:
        self._fields: list[tuple[str, str]] = []
        if isinstance(fields, Headers):
            self._fields = fields.pairs()
        else:
            for name, value in fields.items() if isinstance(fields, Mapping) else fields or ():
                self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """Append a value and keep those that are there. Raises ``ValueError`` for what HTTP cannot carry."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if _NOT_IN_VALUE.search(value):
            raise ValueError(f"the value of the header {name!r} has a character that HTTP does not allow")
        self._fields.append((name, value.strip("\t ")))

    def get_all(self, name: str) -> list[str]:
        """Each value of ``name``, in order; what to use for ``Set-Cookie``."""
        wanted = name.lower()
        return [value for key, value in self._fields if key.lower() == wanted]

    def pairs(self) -> list[tuple[str, str]]:
        """All fields as they were given."""
        return list(self._fields)

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __setitem__(self, name: str, value: str) -> None:
        kept = [field for field in self._fields if field[0].lower() != name.lower()]
        self.add(name, value)
        self._fields = [*kept, self._fields[-1]]

    def __delitem__(self, name: str) -> None:
        kept = [field for field in self._fields if field[0].lower() != name.lower()]
        if len(kept) == len(self._fields):
            raise KeyError(name)
        self._fields = kept

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    def __iter__(self) -> Iterator[str]:
        return iter({key.lower(): key for key, _ in reversed(self._fields)}.values())

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self._fields})

    def __repr__(self) -> str:
        # Values may be credentials.
        return f"Headers({', '.join(self)})"
