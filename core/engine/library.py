"""Finds the V8 library, binds its functions, and refuses any version without a table.

The library is the native module of the ``stpyv8`` wheel, opened with ``dlopen`` and never imported: so no Python object
can ever enter the JavaScript heap, because the code that would put one there does not run (ADR 0002).
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from pathlib import Path
from typing import Any

from isolate_host.engine.abi import TABLES, Abi

__all__ = ["EngineUnavailable", "Native", "library_path", "open_library"]


class EngineUnavailable(RuntimeError):
    """V8 cannot be used here; the text says what differs from what this version of isolate-host was built for."""


class Native:
    """V8's functions, each as an attribute named as in :mod:`isolate_host.engine.abi`.

    A function that may run guest code releases the GIL during the call; all others keep it, which is cheaper.
    """

    def __init__(self, path: Path, abi: Abi) -> None:
        self.abi = abi
        self.path = path
        releasing, holding = ctypes.CDLL(str(path)), ctypes.PyDLL(str(path))
        for name, symbol in abi.symbols.items():
            library = releasing if symbol.runs_guest_code else holding
            make = ctypes.CFUNCTYPE if symbol.runs_guest_code else ctypes.PYFUNCTYPE
            try:
                function = make(symbol.result, *symbol.arguments)((symbol.mangled, library))
            except AttributeError:
                raise EngineUnavailable(f"{path.name} does not export {name} ({symbol.mangled})") from None
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no V8 function is bound as {name!r}; add it to engine/abi.py")


def library_path() -> Path:
    """Where the V8 library lies. Raises :class:`EngineUnavailable` when the wheel is not installed."""
    spec = importlib.util.find_spec("_STPyV8")
    if spec is None or spec.origin is None:
        raise EngineUnavailable("the V8 library is not installed: pip install stpyv8==" + next(iter(TABLES)))
    return Path(spec.origin)


def open_library() -> Native:
    """Open V8 and bind its functions, after checking machine and version."""
    machine = os.uname()
    if machine.sysname != "Linux" or machine.machine != "x86_64":
        raise EngineUnavailable(f"isolate-host needs Linux on x86_64, this is {machine.sysname} on {machine.machine}")
    path = library_path()
    return Native(path, _table_for(path))


def _table_for(path: Path) -> Abi:
    """The table that matches the version string which the library itself reports."""
    probe = ctypes.PyDLL(str(path))
    any_table = next(iter(TABLES.values()))
    try:
        get_version = probe[any_table.symbols["get_version"].mangled]
    except AttributeError:
        raise EngineUnavailable(f"{path.name} does not export V8's C++ API") from None
    get_version.restype = ctypes.c_char_p
    version = (get_version() or b"?").decode("ascii", "replace")
    if version not in TABLES:
        raise EngineUnavailable(f"V8 {version} is installed, but isolate-host has tables for {', '.join(TABLES)} only")
    return TABLES[version]
