"""The fixtures are those of the folder above."""

from __future__ import annotations

from ..conftest import Guest  # noqa: TID252

__all__ = ["Guest"]
