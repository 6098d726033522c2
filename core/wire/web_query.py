"""The query of a URL as Python sees it: names and values in order, several values of one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote_plus

__all__ = ["URLSearchParams"]


class URLSearchParams:
    """Parameters of a query, in order. ``str(params)`` is the text that stands after the ``?``, as a browser writes it.

    >>> params = URLSearchParams("?q=a+b&page=2")
    >>> params["q"], str(params)
    ('a b', 'q=a+b&page=2')
    """

    __slots__ = ("fields",)

    def __init__(self, fields: str | Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self.fields: list[tuple[str, str]]
        if isinstance(fields, str):
            self.fields = parse_qsl(fields.removeprefix("?"), keep_blank_values=True)
        else:
            self.fields = list(fields.items() if isinstance(fields, Mapping) else fields)

    def append(self, name: str, value: str) -> None:
        """Add a parameter and keep others of that name."""
        self.fields.append((name, value))

    def get_all(self, name: str) -> list[str]:
        """The values of ``name``, in order."""
        return [value for key, value in self.fields if key == name]

    def __getitem__(self, name: str) -> str:
        for key, value in self.fields:
            if key == name:
                return value
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return self.fields == other.fields if isinstance(other, URLSearchParams) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in self.fields)

    def __repr__(self) -> str:
        return f"URLSearchParams({str(self)!r})"


def _escaped(text: str) -> str:
    # What urllib leaves alone and the URL Standard does not.
    return quote_plus(text, safe="*").replace("~", "%7E")
