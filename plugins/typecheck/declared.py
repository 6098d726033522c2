"""The declarations that a policy names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.errors import PluginError

__all__ = ["check_policy", "read_declarations"]

#: All files of one policy.
_MAX_BYTES = 4 << 20


def read_declarations(policy: Mapping[str, Any], base_dir: Path) -> str:
    """Their texts, one after another. Raises ``PluginError`` for what cannot be read now."""
    texts = []
    for name in policy.get("declarations", ()):
        try:
            texts.append((base_dir / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise PluginError(f"cannot read the declarations in {name!r}: {_reason(error)}", plugin="typecheck") from None
    return "".join(f"{text}\n" for text in texts)


def check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """A finding for each file that is none, and for more text than a check can carry."""
    found, size = [], 0
    for index, name in enumerate(policy.get("declarations", ())):
        try:
            size += len((where.base_dir / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            message = f"cannot read the declarations in {name!r}: {_reason(error)}"
            hint = "name a .d.ts file beside the configuration"
            found.append(where.finding("typecheck-no-declarations", message, "declarations", index, hint=hint))
    if size > _MAX_BYTES:
        message = f"the declarations have {size} characters; {_MAX_BYTES} are read"
        found.append(where.finding("typecheck-no-declarations", message, "declarations", hint="declare only what guests use"))
    return found


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else (error.strerror or "input/output error")
