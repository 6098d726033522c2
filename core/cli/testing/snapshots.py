"""Stored snapshots: ``__snapshots__/NAME.snap`` beside the test file, in the format of Jest and Vitest."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from isolate_host.cli.output import CommandError

__all__ = ["read_snapshots", "snapshot_file", "write_snapshots"]

_HEADER = "// Snapshots of isolate-host test. Do not edit: run it with --update\n"
_ENTRY = re.compile(r"^exports\[`((?:[^`\\]|\\.)*)`\] = `((?:[^`\\]|\\.)*)`;$", re.MULTILINE | re.DOTALL)
_ESCAPE = re.compile(r"[`\\]|\$\{")
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)


def snapshot_file(test: Path) -> Path:
    """Where the snapshots of a test file are."""
    return test.parent / "__snapshots__" / f"{test.name}.snap"


def read_snapshots(test: Path) -> dict[str, str]:
    """The stored snapshots by name; none when there is no file. Raises ``CommandError``."""
    file = snapshot_file(test)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {file}: {error}") from None
    return {_plain(name): _unwrapped(_plain(body)) for name, body in _ENTRY.findall(text)}


def write_snapshots(test: Path, snapshots: Mapping[str, str]) -> bool:
    """Store ``snapshots``; without any, the file goes. Whether something changed."""
    file = snapshot_file(test)
    if not snapshots:
        existed = file.exists()
        file.unlink(missing_ok=True)
        return existed
    entries = (f"\nexports[`{_escaped(name)}`] = `{_escaped(_wrapped(snapshots[name]))}`;\n" for name in sorted(snapshots))
    text = _HEADER + "".join(entries)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    file.parent.mkdir(exist_ok=True)
    # Whole or not at all: an interrupted update must not lose what was stored.
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
    return True


def _wrapped(text: str) -> str:
    return f"\n{text}\n" if "\n" in text else text


def _unwrapped(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "\n" else text


def _escaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\" + found[0], text)


def _plain(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text)
