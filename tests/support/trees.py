"""Folders that tests fill."""

__all__ = ["write_tree"]


def write_tree(root, files):
    """Write ``files``, text by path, below ``root``; gives ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
