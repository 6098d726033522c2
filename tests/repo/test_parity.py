"""`docs/parity.md`: no row without a test or a reason, and no test that does not exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
FEATURES, BEHAVIOURS = 147, 122
#: What a row without a test must begin with.
REASONS = ("no test: ", "different: ", "with nested hosts: ", "with the browser: ")


def tables():
    """The rows of the two tables: (number, what, shown by)."""
    features, behaviours = (ROOT / "docs/parity.md").read_text(encoding="utf-8").split("\n## Behaviours\n")
    return ROW.findall(features), ROW.findall(behaviours)


def test_every_feature_has_a_test_or_a_reason():
    rows, _ = tables()
    assert [int(number) for number, _, _ in rows] == list(range(1, FEATURES + 1))
    assert [row for row in rows if not TEST.search(row[2]) and not row[2].startswith(REASONS)] == []


def test_every_behaviour_has_a_test():
    _, rows = tables()
    assert [int(number) for number, _, _ in rows] == list(range(1, BEHAVIOURS + 1))
    # The two that come with a part of their own are the only ones that may have none.
    assert [row for row in rows if not TEST.search(row[2]) and not row[2].startswith(REASONS[2:])] == []


def names_in(file):
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


@pytest.mark.parametrize("file", sorted({file for table in tables() for row in table for file, _ in TEST.findall(row[2])}))
def test_what_is_named_exists(file):
    named = {test for table in tables() for row in table for found, test in TEST.findall(row[2]) if found == file}
    assert named - names_in(file) == set()


def test_every_name_is_written_as_one():
    """A name with a slip in its form would be looked for nowhere."""
    text = (ROOT / "docs/parity.md").read_text(encoding="utf-8")
    assert len(TEST.findall(text)) == text.count("::")
