"""The template's memory before the first fork, so that a worker writes to few of its pages.

A worker gets a copy of its own of each page that it writes to. What it allocates goes into the gaps that the template's start has left
between objects that stay, one here and one there, each on another page: filled, they leave it new pages, one after another.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter

from isolate_host.worker.syscalls import LIBC

__all__ = ["settle_memory"]

#: Of CPython's allocator for small objects: bytes of a pool, of the largest object in one, and from one size to the next.
_POOL, _SMALL, _STEP = 1 << 14, 512, 16
#: Objects of one size at the most, should its pools be other than we know them.
_MOST = 5000
_EMPTY_BYTES = sys.getsizeof(b"")
#: Sizes of what malloc(3) is asked for, and from which on a gap is large enough to be left.
_SIZES, _LARGE = (*(1 << bits for bits in range(16, 11, -1)), *range(2032, 0, -16)), 4096


class _MallocInfo(ctypes.Structure):
    """``struct mallinfo``; ``keepcost`` is the size of the free end of the heap."""

    _fields_ = [("others", ctypes.c_int * 9), ("keepcost", ctypes.c_int)]


def settle_memory() -> list[object]:
    """To be called last, with one thread; what comes back must be kept."""
    if sys.version_info < (3, 12):
        # Each name of an attribute that a worker looks up would put one of those out that importing has left, and count both.
        sys._clear_type_cache()  # noqa: SLF001 - documented, by this name
    kept = [one for size in range(_SMALL, 0, -_STEP) for one in _fill_pools(size)]
    LIBC.malloc_trim(0)
    _fill_heap()
    return kept


def _fill_pools(size: int) -> list[object]:
    """Objects of one size, until a pool has only ours."""
    capacity, of_ours = _POOL // size - 4, Counter[int]()
    objects: list[object] = []
    while len(objects) < _MOST:
        one = _object(size, len(objects))
        objects.append(one)
        of_ours[id(one) // _POOL] += 1
        if of_ours[id(one) // _POOL] >= capacity:
            break
    return objects


def _object(size: int, number: int) -> object:
    if size > _STEP * 2:
        return bytes(size - _EMPTY_BYTES)
    return object() if size == _STEP else number + 0.5


def _fill_heap() -> None:
    """From the large gaps to the small, until malloc takes from the end of the heap; then the large ones are given back."""
    LIBC.malloc.restype = LIBC.sbrk.restype = ctypes.c_void_p
    LIBC.malloc.argtypes, LIBC.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    LIBC.mallinfo.restype = _MallocInfo
    end = LIBC.sbrk(0) - LIBC.mallinfo().keepcost
    large = []
    for size in _SIZES:
        for _ in range(_MOST):
            address = LIBC.malloc(size)
            if address is None or address >= end:
                LIBC.free(address)
                break
            if size >= _LARGE:
                large.append(address)
    for address in large:
        LIBC.free(address)
