"""Lines of a person or a pipe, joined to whole statements."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from isolate_host.cli.repl_text import is_complete

__all__ = ["Lines"]

_PROMPT, _MORE = "> ", "... "
_HISTORY_LINES = 1000


def history_file() -> Path:
    """``$XDG_STATE_HOME/isolate-host/repl_history``."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "isolate-host" / "repl_history"


class Lines:
    """Reads stdin: with prompts and a history at a terminal, plainly from a pipe."""

    def __init__(self) -> None:
        self.interactive = sys.stdin.isatty() and sys.stdout.isatty()

    @contextlib.contextmanager
    def history(self) -> Iterator[None]:
        """Keep what was typed for the next time, in a file that only its owner can read."""
        if not self.interactive:
            yield
            return
        import readline

        file = history_file()
        readline.set_history_length(_HISTORY_LINES)
        with contextlib.suppress(OSError):
            readline.read_history_file(file)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
                readline.write_history_file(file)

    def statement(self) -> str | None:
        """The next whole statement or command; ``None`` at the end. Two empty lines end one that seems unfinished.

        Raises ``KeyboardInterrupt`` when a person interrupts an empty line; one that is begun is dropped.
        """
        lines: list[str] = []
        while True:
            try:
                line = self._line(_MORE if lines else _PROMPT)
            except KeyboardInterrupt:
                if not lines:
                    raise
                print()
                lines.clear()
                continue
            if line is None:
                return "\n".join(lines) if any(lines) else None
            if lines and line.strip() == ".break":
                lines.clear()
                continue
            lines.append(line)
            text = "\n".join(lines)
            if not text.strip():
                lines.clear()
            elif (len(lines) == 1 and text.startswith(".")) or is_complete(text) or text.endswith("\n\n"):
                return text

    def _line(self, prompt: str) -> str | None:
        if self.interactive:
            try:
                return input(prompt)
            except EOFError:
                print()
                return None
        line = sys.stdin.readline()
        return line.rstrip("\n") if line else None
