"""Files and functions stay short enough to be read."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES = 400
FUNCTION_LINES = 50
#: Tables and argument parsers read better in one piece.
LONG_FUNCTIONS = set()


def test_files(tracked):
    watched = [path for path in tracked if path.suffix in (".py", ".ts") and path.parts[0] in ("core", "plugins", "tests", "scripts", "examples")]
    # What is built is not read.
    watched = [path for path in watched if "dist" not in path.parts]
    lengths = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in watched}
    assert not {str(path): count for path, count in lengths.items() if count > FILE_LINES}


def test_functions(sources):
    long = {}
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (str(path), node.name) not in LONG_FUNCTIONS:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{path}:{node.lineno} {node.name}"] = lines
    assert not long
