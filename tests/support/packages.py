"""Trees of packages for tests."""

import json
from pathlib import Path
from typing import Any

__all__ = ["write_tree"]


def write_tree(root: Path, files: dict[str, Any]) -> Path:
    """Write ``{path: text, or an object for a JSON file}`` below ``root``."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return root
