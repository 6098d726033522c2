"""Fenced blocks of Markdown pages, for tests that run them."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.support.trees import write_tree

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^(?:#|//) ([\w./-]+\.\w+)$")


class Block(NamedTuple):
    language: str
    #: The file that its first line names (``# host.yaml``), or ``None``.
    name: str | None
    text: str


def blocks_of(page):
    """All fenced blocks of a page, in order."""
    found = []
    for language, text in _FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
        name = _NAME.match(text.split("\n", 1)[0])
        found.append(Block(language, name[1] if name else None, text))
    return found


def write_files(page, folder):
    """Write every block that names its file into ``folder``."""
    write_tree(folder, {block.name: block.text for block in blocks_of(page) if block.name is not None})
