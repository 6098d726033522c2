"""Errors of files. What the kernel says goes to the guest by its code only: messages never name a path of the host."""

from __future__ import annotations

import os

__all__ = ["Refused", "failure"]


class Refused(Exception):
    """What is there must not be touched: it lies outside, or is no ordinary file. The message is for guests."""


def failure(number: int, message: str | None = None) -> OSError:
    """An ``OSError`` without a file name."""
    return OSError(number, message or os.strerror(number))
