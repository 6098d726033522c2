"""Starts V8 in this process: flags, ICU, a platform without threads.

Single-threaded is what makes ``fork`` sound: a forked child has only the thread that forked, and a V8 that waits for a
dead helper thread hangs (os-sandbox evidence: stock platform 6 hangs in 120 forks, this one none in 12,000).
"""

from __future__ import annotations

import ctypes
from typing import Literal

from isolate_host.engine.library import EngineUnavailable, Native, open_library

__all__ = ["BASE_FLAGS", "JIT_FLAGS", "JitMode", "boot_v8"]

JitMode = Literal["full", "baseline", "off"]

#: Flags stay writable after initialisation so that a fork can take its own random seed; the worker freezes them.
BASE_FLAGS = (
    "--single-threaded", "--single-threaded-gc", "--no-freeze-flags-after-init", "--no-memory-reducer",
    "--stack-size=900", "--max-semi-space-size=4", "--stack-trace-limit=30",
    # Finished, and tested with V8's own fuzzers, in 13.1 (it is one of the features of --js-staging); on by default from 13.5.
    "--js-float16array",
)
#: Optimising happens on the only thread there is, while a guest waits. So the middle compiler is left out, and the last one waits longer:
#: what runs for milliseconds never earns it back, and loops still get it at once. Measured: 100 requests made and read took 81 ms of processor
#: time with V8's own thresholds, 24 ms with these, and computing takes what it took.
JIT_FLAGS: dict[JitMode, tuple[str, ...]] = {
    "full": ("--no-maglev", "--invocation-count-for-turbofan=12000"),
    "baseline": ("--no-turbofan", "--no-maglev"),
    "off": ("--jitless",),
}


def boot_v8(jit: JitMode = "full", extra_flags: tuple[str, ...] = ()) -> tuple[Native, int]:
    """Initialise V8 once for this process; gives its functions and the platform's address.

    Raises :class:`EngineUnavailable`. V8 aborts the process when the library was built with pointer compression or the V8
    sandbox: the zero given to ``Initialize`` states the build that the tables were made for.
    """
    native = open_library()
    flags = " ".join((*BASE_FLAGS, *JIT_FLAGS[jit], *extra_flags)).encode()
    native.set_flags(flags, len(flags))
    data = native.path.parent / "stpyv8-icu" / "icudtl.dat"
    if not native.initialize_icu(str(data).encode()):
        raise EngineUnavailable(f"ICU data cannot be read from {data.name}; reinstall the stpyv8 wheel")
    no_tracing = ctypes.c_void_p(0)
    platform = native.new_single_threaded_platform(0, 0, ctypes.addressof(no_tracing)).words[0]
    native.initialize_platform(platform)
    if not native.initialize(0):
        raise EngineUnavailable("V8 refused to initialise")
    return native, platform
