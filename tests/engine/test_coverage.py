"""V8's block coverage through its C++ API."""

import dataclasses
from pathlib import Path

import pytest

from isolate_host.engine import EngineUnavailable, check_coverage, collect_coverage, count_blocks, stop_counting

CODE = "function f(a) { if (a) { return '😀' } else { return 2 } } function never() {} f(1); f(1); f(0); 'é'"


@pytest.fixture
def counted(isolate):
    count_blocks(isolate)
    yield isolate
    stop_counting(isolate)


def resident_pages():
    return int(Path("/proc/self/statm").read_text().split()[1])


def units(text):
    return len(text.encode("utf-16-le")) // 2


def of(isolate, name):
    return collect_coverage(isolate, lambda _number, known: known == name)


def test_blocks_are_counted_and_the_counts_start_anew(counted, js):
    js.run(CODE)
    [script] = of(counted, "test.js")
    assert script.text == CODE
    whole, function, never = script.functions
    assert whole == [(0, units(CODE), 1)]
    then, other = units(CODE.partition("{ return '")[0]), units(CODE.partition(" else")[0])
    assert function == [(0, units(CODE.partition(" function")[0]), 3), (then, other, 2), (other, units(CODE.partition(" } function")[0]), 1)]
    assert [count for _, _, count in never] == [0]
    js.run("f(1)")
    [again] = [script for script in of(counted, "test.js") if script.text == CODE]
    assert (function[0][0], function[0][1], 1) in [ranges[0] for ranges in again.functions]


def test_only_what_is_wanted_is_read_and_names_are_those_of_stacks(counted, js):
    js.repl("1 + 1", "/repl.js")
    asked = []
    assert collect_coverage(counted, lambda number, name: asked.append((number, name)) or False) == []
    assert "/repl.js" in {name for _, name in asked}
    assert len({number for number, _ in asked}) == len(asked)


def test_the_memory_of_a_report_is_given_back(counted, js):
    js.run("(() => {" + "".join(f"function f{i}(a) {{ return a ? {i} : 0 }} f{i}(1);" for i in range(500)) + "})()")
    for _ in range(20):
        of(counted, "test.js")
    before = resident_pages()
    for _ in range(300):
        of(counted, "none")
    assert resident_pages() - before < 1000, "some 100 KB of each report would be 7,000 pages"


def test_a_table_that_does_not_fit_is_noticed(isolate, monkeypatch):
    monkeypatch.setattr(isolate.native, "abi", dataclasses.replace(isolate.native.abi, coverage_modes=(0, 1)))
    count_blocks(isolate)
    with pytest.raises(EngineUnavailable, match="self-check: block coverage failed with V8"):
        check_coverage(isolate)
    stop_counting(isolate)
