"""V8's own block coverage: which pieces of which scripts ran, and how often. It costs nothing until it is switched on."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from isolate_host.engine.isolate import Isolate
from isolate_host.engine.library import EngineUnavailable
from isolate_host.engine.source import run_script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from isolate_host.engine.abi import LargeReturn

__all__ = ["Range", "ScriptCoverage", "check_coverage", "collect_coverage", "count_blocks", "stop_counting"]

#: Start, end (both in UTF-16 units of the script's text) and how often it ran.
Range = tuple[int, int, int]

#: A function's body, so that nothing of it becomes a global.
_PROBE = b"(function () { function probe(value) { if (value) { return 1 } return 2 } probe(0); probe(0) })()"
_PROBE_RANGES: list[list[Range]] = [[(0, 97, 1)], [(1, 94, 1)], [(15, 73, 2), (50, 62, 0)]]



@dataclass(frozen=True, slots=True)
class ScriptCoverage:
    """One script. For each of its functions the range of the function, then those of blocks in it that ran more or less often."""

    number: int
    name: str
    text: str
    functions: list[list[Range]]


def count_blocks(isolate: Isolate) -> None:
    """Count from now on. Functions that were compiled before are counted as a whole."""
    # What V8 keeps of scripts that it compiled before would be used again, without counters. Only this clears it.
    isolate.native.low_memory(isolate.pointer)
    isolate.native.coverage_select(isolate.pointer, isolate.native.abi.coverage_modes[1])


def stop_counting(isolate: Isolate) -> None:
    """Count no more, and forget what was counted."""
    isolate.native.coverage_select(isolate.pointer, isolate.native.abi.coverage_modes[0])


def collect_coverage(isolate: Isolate, wanted: Callable[[int, str], bool]) -> list[ScriptCoverage]:
    """What ran since the last call. ``wanted(number, name)`` says which scripts; the others are not read."""
    native, found = isolate.native, []
    with isolate.handles.scope(), _counts(isolate) as counts:
        for index in range(native.coverage_script_count(counts)):
            held = native.coverage_script_at(counts, index)
            data = ctypes.addressof(held)
            script = native.coverage_script(data)
            number, name = int(native.script_id(script)), _name(isolate, script)
            if wanted(number, name):
                text = isolate.handles.utf8(native.script_source(script)).decode()
                found.append(ScriptCoverage(number, name, text, _functions(isolate, data)))
    return found


@contextmanager
def _counts(isolate: Isolate) -> Iterator[int]:
    """The address of V8's data, which is freed in the end."""
    held: LargeReturn = isolate.native.coverage_collect(isolate.pointer)
    try:
        yield ctypes.addressof(held)
    finally:
        isolate.native.coverage_dispose(held.words[1])


def _name(isolate: Isolate, script: int) -> str:
    """As in stacks: what a ``sourceURL`` comment says comes first."""
    for name in (isolate.native.script_source_url(script), isolate.native.script_name(script)):
        text = isolate.handles.display(name) if name else ""
        if text not in ("", "undefined"):
            return text
    return ""


def _functions(isolate: Isolate, script: int) -> list[list[Range]]:
    native, functions = isolate.native, []
    for index in range(native.coverage_function_count(script)):
        held = native.coverage_function_at(script, index)
        data = ctypes.addressof(held)
        ranges = [(native.coverage_function_start(data), native.coverage_function_end(data), native.coverage_function_calls(data))]
        if native.coverage_function_has_blocks(data):
            ranges += [_block(isolate, data, block) for block in range(native.coverage_block_count(data))]
        functions.append(ranges)
    return functions


def _block(isolate: Isolate, function: int, index: int) -> Range:
    native = isolate.native
    held = native.coverage_block_at(function, index)
    data = ctypes.addressof(held)
    return native.coverage_block_start(data), native.coverage_block_end(data), native.coverage_block_runs(data)


def check_coverage(isolate: Isolate) -> int:
    """Prove the entries of the table that coverage needs, as the engine's self-check does with all others at boot.

    Gives the number of the newest script: what was compiled before has no higher one.

    Not at boot, where it would slow every start down for what hardly any isolate is used for, but before counting in this one:
    counting must be on. Raises ``EngineUnavailable``.
    """
    name = "isolate-host:coverage"
    with isolate.handles.scope():
        run_script(isolate, _PROBE, name)
        found = collect_coverage(isolate, lambda _number, known: known == name)
    if [(script.text.encode(), script.functions) for script in found] != [(_PROBE, _PROBE_RANGES)]:
        raise EngineUnavailable(f"self-check: block coverage failed with V8 {isolate.native.abi.version}")
    return found[0].number
