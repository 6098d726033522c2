"""An ``ArrayBuffer::Allocator`` that counts bytes and refuses more than a cap, so that a flood is a ``RangeError``.

V8 calls the allocator through a C++ vtable. A Python callback there would cost 5 µs for every ``new Uint8Array`` and run
Python inside V8's allocation paths, so the three functions are machine code: 174 bytes, assembled from this C source with
``gcc -O2 -fomit-frame-pointer -fcf-protection=none`` (``tests/engine/test_allocator.py`` assembles it again where gcc is present)::

    struct A { void **vt; struct A *inner; size_t used; size_t limit; };
    void *allocate(struct A *a, size_t n) {            // and the same with slot 3: allocate uninitialised
      size_t u; if (__builtin_add_overflow(a->used, n, &u) || u > a->limit) return 0;
      void *p = a->inner->vt[2](a->inner, n);
      if (p) a->used += n;
      return p;
    }
    void release(struct A *a, void *p, size_t n) { a->used -= n; a->inner->vt[4](a->inner, p, n); }
"""

from __future__ import annotations

import ctypes
import mmap

from isolate_host.engine.library import Native

__all__ = ["CappedAllocator"]

_ALLOCATE = bytes.fromhex(
    "4889f0 48034710 7238 55 53 4889fb 4883ec08 48394718 7220 488b7f08 4889f5 488b07 ff5010 4885c0 740e"
    "48016b10 4883c408 5b 5d c3 0f1f00 4883c408 31c0 5b 5d c3 31c0 c3 66662e0f1f840000000000 90"
)
_ALLOCATE_UNINITIALISED = _ALLOCATE.replace(bytes.fromhex("ff5010"), bytes.fromhex("ff5018"))
_RELEASE = bytes.fromhex("48295710 488b7f08 488b07 ff6020")
MACHINE_CODE = _ALLOCATE + _ALLOCATE_UNINITIALISED + _RELEASE

_USED, _LIMIT = 2, 3
_UNLIMITED = 2**63


class CappedAllocator:
    """Wraps V8's default allocator. Lives as long as its isolate: V8 frees through it until the end."""

    def __init__(self, native: Native) -> None:
        inner = native.new_default_allocator()
        words, (allocate, uninitialised, release) = native.abi.allocator_vtable_words, native.abi.allocator_slots
        original = (ctypes.c_uint64 * words).from_address(ctypes.c_uint64.from_address(inner).value)
        # Private, never shared: a shared page would be one page for the zygote and all its workers, and a worker that may make it
        # writable again (the JIT needs mprotect) could then write code into its siblings (tests/escape/test_shared_memory.py).
        self._code = mmap.mmap(
            -1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self._code.write(MACHINE_CODE)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._code))
        self._vtable = (ctypes.c_uint64 * words)(*original)
        self._vtable[allocate] = base
        self._vtable[uninitialised] = base + len(_ALLOCATE)
        self._vtable[release] = base + 2 * len(_ALLOCATE)
        self._object = (ctypes.c_uint64 * 4)(ctypes.addressof(self._vtable), inner, 0, _UNLIMITED)
        _make_read_only(base)

    @property
    def address(self) -> int:
        """What goes into ``CreateParams::array_buffer_allocator``."""
        return ctypes.addressof(self._object)

    @property
    def used(self) -> int:
        """Bytes in array buffers now."""
        return int(self._object[_USED])

    def limit_to(self, additional: int) -> None:
        """Allow ``additional`` bytes beyond what is in use at this moment (what the template loaded is not the guest's)."""
        self._object[_LIMIT] = self.used + additional


def _make_read_only(address: int) -> None:
    """Take the write permission from the code page, also for ``jit: off``, where nothing may be writable and executable."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE), mmap.PROT_READ | mmap.PROT_EXEC) != 0:
        raise OSError(ctypes.get_errno(), "mprotect of the allocator's code page failed")
