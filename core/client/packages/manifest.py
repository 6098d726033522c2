"""``package.json``, as far as resolution reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Manifest", "PackageError"]


class PackageError(Exception):
    """A package cannot be used as asked; the text names paths of the guest only. ``code`` is Node's where Node has one."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Manifest:
    """The fields that matter."""

    name: str | None = None
    type: str | None = None
    main: str | None = None
    exports: Any = None
    #: Where the package's declarations begin.
    types: str | None = None
    #: Other places of declarations, by versions of TypeScript.
    types_versions: Mapping[str, Any] = field(default_factory=dict)
    imports: Mapping[str, Any] = field(default_factory=dict)
    #: The ``browser`` field as a map: file or package → replacement, ``False`` = an empty module.
    browser: Mapping[str, str | bool] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, label: str) -> Manifest:
        """Read it; fields of a wrong type count as absent, as in Node. Raises ``PackageError`` when it is no JSON object."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            where = f" (line {error.lineno}, column {error.colno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
            raise PackageError(f"{label} is not valid JSON{where}", "ERR_INVALID_PACKAGE_CONFIG") from None
        if not isinstance(data, dict):
            raise PackageError(f"{label} is not a JSON object", "ERR_INVALID_PACKAGE_CONFIG")
        imports, browser = data.get("imports"), data.get("browser")
        kind, versions = data.get("type"), data.get("typesVersions")
        return cls(
            name=_text(data.get("name")),
            type=kind if kind in ("module", "commonjs") else None,
            main=_text(data.get("main")),
            exports=data.get("exports"),
            types=_text(data.get("types")) or _text(data.get("typings")),
            types_versions=versions if isinstance(versions, dict) else {},
            imports=imports if isinstance(imports, dict) else {},
            browser=_browser(browser) if isinstance(browser, dict) else {},
        )


def _browser(field_: dict[str, Any]) -> dict[str, str | bool]:
    return {key: value for key, value in field_.items() if isinstance(value, str) or value is False}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
