"""Which files are tests, and what they are called in the guest."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from isolate_host.cli.output import CommandError

__all__ = ["find_files", "root_of"]

_SUFFIXES = (".js", ".mjs", ".ts", ".mts", ".jsx", ".tsx")


def find_files(patterns: Iterable[str]) -> list[Path]:
    """The files that ``patterns`` name, each once and in order: paths, or globs with ``**`` that the shell left alone.

    A folder means every ``*.test.*`` and ``*.spec.*`` file below it. Raises ``CommandError`` for a pattern that finds nothing.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        try:
            names = _matching(pattern)
        except (OSError, ValueError) as error:
            raise CommandError(f"cannot look for {pattern[:200]!r}: {getattr(error, 'strerror', None) or error}") from None
        if not names:
            raise CommandError(f"no test file matches {pattern}", "give files, globs such as 'src/**/*.test.ts', or folders")
        found |= dict.fromkeys(names)
    return list(found)


def _matching(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        return sorted(item for item in path.rglob("*") if _is_test(item.relative_to(path)))
    if path.exists():
        return [path]
    # Not Path.glob, which takes no absolute pattern.
    return sorted(Path(item) for item in glob.glob(pattern, recursive=True) if _is_code(Path(item)))  # noqa: PTH207


def _is_code(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.is_file() and "node_modules" not in path.parts


def _is_test(path: Path) -> bool:
    return "node_modules" not in path.parts and path.stem.endswith((".test", ".spec")) and path.suffix in _SUFFIXES


def root_of(file: Path) -> Path:
    """The folder that is ``/`` for a test file without a configuration: where the command runs, if the file lies below it."""
    here = Path.cwd()
    return here if file.resolve().is_relative_to(here) else file.resolve().parent
