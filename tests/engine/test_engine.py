"""V8 through its C++ API: text, evaluation, termination, limits, randomness, leaks."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from isolate_host.engine import Isolate, describe_failure, evaluate_repl, library_path
from isolate_host.engine.abi import TABLES
from isolate_host.engine.allocator import MACHINE_CODE, CappedAllocator
from isolate_host.engine.library import EngineUnavailable, Native
from tests.engine.conftest import Evaluator

HEAP_GROWTH_LIMIT = 2 << 20


def test_the_binding_is_never_imported(isolate: Isolate) -> None:
    assert "_STPyV8" not in sys.modules and "STPyV8" not in sys.modules


@pytest.mark.parametrize("text", ["", "é", "😀\U00010437", "a\0b", "x" * 100_000, "\u2028"])
def test_text_survives_both_ways(isolate: Isolate, text: str) -> None:
    with isolate.handles.scope():
        assert isolate.handles.utf8(isolate.handles.string(text.encode())).decode() == text


def test_lone_surrogates_become_replacement_characters(js: Evaluator) -> None:
    assert js.run("'a\\ud800b'") == "a\ufffdb"


def test_repl_semantics(js: Evaluator) -> None:
    assert js.repl("let x = 1; const y = await Promise.resolve(41); x + y") == '{".repl_result":42}'
    assert js.repl("let x = 5; const y = 2; x * y") == '{".repl_result":10}'
    assert js.repl("x + 1") == '{".repl_result":6}'
    assert js.repl("await new Promise(() => {})") == "pending"


def test_stacks_name_file_and_function(js: Evaluator) -> None:
    stack = js.repl("(function named() {\n throw new RangeError('here') })()", "/app/my file.ts")
    assert "RangeError: here" in stack and "at named (/app/my%20file.ts:2:8)" in stack


def test_syntax_failures_are_described(isolate: Isolate) -> None:
    handles = isolate.handles
    with handles.scope(), handles.try_catch() as caught:
        assert evaluate_repl(isolate, b"let ok = 1;\nlet a = ;", "/bad.js") is None
        failure = describe_failure(isolate, caught, "/bad.js")
    assert (failure.line, failure.column, failure.source_line) == (2, 9, "let a = ;")
    assert failure.stack.endswith("at /bad.js:2:9")


def test_intl_works(js: Evaluator) -> None:
    assert js.run("new Intl.NumberFormat('de').format(1e6)") == "1.000.000"
    assert js.run("new Date(0).toLocaleDateString('en-GB', { timeZone: 'Asia/Tokyo' })") == "01/01/1970"


def test_a_watchdog_thread_can_stop_the_script(isolate: Isolate, js: Evaluator) -> None:
    for code in ("while (true) {}", "/^(a+)+$/.test('a'.repeat(40) + 'b')", "for (;;) { try { for (;;) {} } catch {} }"):
        timer = threading.Timer(0.05, isolate.terminate)
        timer.start()
        assert js.repl(code) == "terminated"
        timer.join()
        isolate.resume()
        assert js.repl("1 + 1") == '{".repl_result":2}'


def test_reseeding_separates_and_repeats(isolate: Isolate, js: Evaluator) -> None:
    draws = []
    for seed in (1, 2, 1):
        isolate.reseed(seed)
        draws.append(js.run("[Math.random(), Math.random()].join()"))
    assert draws[0] == draws[2] != draws[1]


def test_buffers_are_counted_and_given_back(isolate: Isolate, js: Evaluator) -> None:
    isolate.collect_garbage()
    before = isolate.allocator.used
    js.run("globalThis.big = new ArrayBuffer(1 << 20); 0")
    assert isolate.allocator.used == before + (1 << 20)
    js.run("delete globalThis.big; 0")
    isolate.collect_garbage()
    assert isolate.allocator.used == before


def test_the_buffer_cap_is_a_range_error(isolate: Isolate, js: Evaluator) -> None:
    isolate.allocator.limit_to(4 << 20)
    try:
        code = "{ const l = []; let r; try { for (;;) l.push(new Uint8Array(1 << 20)) } catch (e) { r = e.name + l.length } r }"
        assert js.run(code) == "RangeError4"
        assert js.run("try { new ArrayBuffer(2 ** 40) } catch (e) { e.name }") == "RangeError"
    finally:
        isolate.allocator.limit_to(1 << 40)
    assert js.run("new Uint8Array(8 << 20).length") == str(8 << 20)


def test_ten_thousand_evaluations_leave_the_heap_flat(isolate: Isolate, js: Evaluator) -> None:
    def evaluate(count: int) -> None:
        for number in range(count):
            with isolate.handles.scope(), isolate.handles.try_catch():
                assert evaluate_repl(isolate, b"[1, 2, 3].map(n => n * %d).join() // %d" % (number, number), "/leak.js")
            isolate.run_microtasks()

    evaluate(1000)
    isolate.collect_garbage()
    before = isolate.heap_statistics()["used_heap_size"]
    evaluate(10_000)
    isolate.collect_garbage()
    assert isolate.heap_statistics()["used_heap_size"] - before < HEAP_GROWTH_LIMIT


def test_handles_are_scoped(isolate: Isolate) -> None:
    isolate.collect_garbage()
    before = isolate.heap_statistics()["used_heap_size"]
    for _ in range(200):
        with isolate.handles.scope():
            for _ in range(100):
                isolate.handles.string(b"x" * 1000)
    isolate.collect_garbage()
    assert isolate.heap_statistics()["used_heap_size"] - before < HEAP_GROWTH_LIMIT


def test_another_version_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from isolate_host.engine import library

    table = TABLES["13.1.201.22"]
    monkeypatch.setattr(library, "TABLES", {"99.0": table})
    with pytest.raises(EngineUnavailable, match=r"13\.1\.201\.22 is installed.*tables for 99\.0"):
        library.open_library()


def test_a_missing_symbol_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    table = TABLES["13.1.201.22"]
    broken = replace(table, symbols={**table.symbols, "low_memory": replace(table.symbols["low_memory"], mangled="_ZN2v8Nothing")})
    with pytest.raises(EngineUnavailable, match="low_memory"):
        Native(library_path(), broken)


def test_a_wrong_offset_stops_the_boot() -> None:
    code = (
        "from dataclasses import replace\nfrom isolate_host.engine import abi, new_isolate, EngineUnavailable\n"
        "abi.TABLES['13.1.201.22'] = replace(abi.TABLES['13.1.201.22'], create_params_fingerprint_word=14)\n"
        "try: new_isolate()\nexcept EngineUnavailable as e: print(e)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "self-check: CreateParams word 14" in done.stdout


@pytest.mark.skipif(shutil.which("gcc") is None or shutil.which("objcopy") is None, reason="needs gcc to assemble the source again")
def test_the_machine_code_is_what_its_source_says(tmp_path: Path) -> None:
    source = (CappedAllocator.__module__, sys.modules[CappedAllocator.__module__].__doc__ or "")[1]
    assert "struct A { void **vt; struct A *inner; size_t used; size_t limit; };" in source
    c = """
    #include <stddef.h>
    struct A { void **vt; struct A *inner; size_t used; size_t limit; };
    typedef void *(*alloc_t)(void *, size_t); typedef void (*free_t)(void *, void *, size_t);
    #define ALLOC(name, slot) void *name(struct A *a, size_t n) { size_t u; \\
      if (__builtin_add_overflow(a->used, n, &u) || u > a->limit) return 0; \\
      void *p = ((alloc_t)a->inner->vt[slot])(a->inner, n); if (p) a->used += n; return p; }
    ALLOC(allocate, 2) ALLOC(allocate_uninit, 3)
    void release(struct A *a, void *p, size_t n) { a->used -= n; ((free_t)a->inner->vt[4])(a->inner, p, n); }
    """
    (tmp_path / "a.c").write_text(c)
    flags = ["-O2", "-fomit-frame-pointer", "-fcf-protection=none", "-fno-asynchronous-unwind-tables"]
    subprocess.run(["gcc", *flags, "-c", "a.c", "-o", "a.o"], cwd=tmp_path, check=True)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", "a.o", "a.bin"], cwd=tmp_path, check=True)
    version = subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True, check=True).stdout.strip()
    assembled = (tmp_path / "a.bin").read_bytes()
    if version.split(".")[0] == "12":
        assert assembled == MACHINE_CODE
    else:
        assert len(assembled) < 2 * len(MACHINE_CODE)
