"""Stored snapshots: ``__snapshots__/NAME.snap`` beside the test file, in the format of Jest and Vitest.

The command itself reads and writes them: test code needs no grant for it, and has none by it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from isolate_host.cli.output import CommandError
from isolate_host.cli.testing.inline import write_inline
from isolate_host.cli.testing.outcome import FileOutcome
from isolate_host.client.files import FileBindings, create_file_bindings
from isolate_host.client.test_results import TestRunResult

__all__ = ["file_snapshots", "orphans", "read_snapshots", "snapshot_file", "store_snapshots", "write_snapshots"]

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


def store_snapshots(outcome: FileOutcome, stored: Mapping[str, str], result: TestRunResult, *, update: bool) -> None:
    """Write what the run has new, and with ``update`` what is different; that drops what is obsolete, too. Says so in ``outcome``."""
    told, news = result.snapshots, outcome.snapshots
    kept = {**stored, **told.data}
    if update and result.ended_by is None:
        kept = {name: text for name, text in kept.items() if name not in told.obsolete}
        news.removed = len(told.obsolete)
    else:
        news.obsolete = told.obsolete
    news.written = told.added + told.updated
    try:
        if kept != stored:
            write_snapshots(outcome.file, kept)
    except OSError as error:
        news.written = news.removed = 0
        news.problems.append(f"cannot write {snapshot_file(outcome.file)}: {error.strerror}")
    if told.inline:
        news.problems += write_inline(outcome.file, outcome.source, told.inline)


def orphans(tests: Iterable[Path]) -> list[Path]:
    """Files of snapshots beside ``tests`` whose test file is no more."""
    folders = sorted({test.parent / "__snapshots__" for test in tests})
    return [file for folder in folders for file in sorted(folder.glob("*.snap")) if not (folder.parent / file.stem).exists()]


def file_snapshots(folder: Path, root: Path, *, write: bool) -> FileBindings:
    """The capability ``files`` for ``toMatchFileSnapshot``: that folder, where a guest expects it, and nothing else. Raises ``CommandError``."""
    if not folder.resolve().is_relative_to(root.resolve()):
        raise CommandError(f"{folder} is not below {root}, where the tests are", "give a folder below it, or a --config that grants files")
    try:
        if write:
            folder.mkdir(parents=True, exist_ok=True)
        place = folder.resolve().relative_to(root.resolve()).as_posix()
        return create_file_bindings().mount("/" if place == "." else f"/{place}", folder, allow_write=write)
    except OSError as error:
        raise CommandError(f"--file-snapshots {folder}: {error.strerror}") from None


def _wrapped(text: str) -> str:
    return f"\n{text}\n" if "\n" in text else text


def _unwrapped(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "\n" else text


def _escaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\" + found[0], text)


def _plain(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text)
