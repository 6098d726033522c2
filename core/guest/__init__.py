"""What a guest sees: TypeScript sources in ``src/``, and the bundles built from them in ``dist/``."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["read_bundle"]


def read_bundle(name: str = "guest") -> str:
    """The text of a built bundle: ``guest`` (the kernel and the web surface) or ``compiler`` (TypeScript)."""
    return files(__name__).joinpath("dist").joinpath(f"{name}.js").read_text(encoding="utf-8")
