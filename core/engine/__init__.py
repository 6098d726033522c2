"""V8 through its exported C++ API: the only package that knows which engine this is.

Everything above works with :class:`Isolate`, :class:`ModuleMap` and the functions below, so a second provider can stand behind
the same names. The package imports nothing else of isolate-host.
"""

from __future__ import annotations

from isolate_host.engine.boot import JitMode, boot_v8
from isolate_host.engine.coverage import ScriptCoverage, check_coverage, collect_coverage, count_blocks, stop_counting
from isolate_host.engine.handles import TryCatch
from isolate_host.engine.hooks import report_rejections, use_stack_formatter
from isolate_host.engine.isolate import Isolate
from isolate_host.engine.library import EngineUnavailable, library_path
from isolate_host.engine.modules import ModuleInfo, ModuleMap, ModuleRequest, ModuleSyntaxError
from isolate_host.engine.selfcheck import check_engine, check_layout
from isolate_host.engine.source import SyntaxFailure, compile_function, describe_failure, evaluate_repl, run_script

__all__ = [
    "EngineUnavailable",
    "Isolate",
    "JitMode",
    "ModuleInfo",
    "ModuleMap",
    "ModuleRequest",
    "ModuleSyntaxError",
    "ScriptCoverage",
    "SyntaxFailure",
    "TryCatch",
    "boot_v8",
    "check_coverage",
    "check_engine",
    "check_layout",
    "collect_coverage",
    "compile_function",
    "count_blocks",
    "describe_failure",
    "evaluate_repl",
    "library_path",
    "new_isolate",
    "report_rejections",
    "run_script",
    "stop_counting",
    "use_stack_formatter",
]


def new_isolate(jit: JitMode = "full", extra_flags: tuple[str, ...] = ()) -> Isolate:
    """Boot V8 in this process and give a checked isolate. Once per process.

    Raises :class:`EngineUnavailable`, whose text names the mismatch.

    Example::

        isolate = new_isolate()
        with isolate.handles.scope():
            print(isolate.handles.display(run_script(isolate, b"6 * 7", "answer.js")))   # 42
    """
    native, platform = boot_v8(jit, extra_flags)
    check_layout(native)
    isolate = Isolate(native, platform)
    check_engine(isolate)
    return isolate
