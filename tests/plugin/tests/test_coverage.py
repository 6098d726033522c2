"""Coverage of test runtimes: V8's counts, told in lines of the original text."""

import asyncio

import pytest

import isolate_host as ih
from isolate_host.client.coverage import read_coverage
from isolate_host.errors import ProtocolError
from isolate_host.host.coverage import CoverageDesk
from isolate_host.wire.frames import Frame

FILES = {
    "/src/grade.ts": """export interface Scale { top: number }

const scale: Scale = { top: 90 };

export function grade(points: number): string {
  if (points >= scale.top) {
    return "A";
  } else if (points > 50) {
    return "C";
  }
  return points > 20 ? "D" : "F";
}

export const unused = (x: number): number => {
  return x * 2;
};
/* v8 ignore next */
export const ignored = () => 1;
""",
    "/src/plain.js": "export function twice(n) {\n  return n && 2 * n;\n}\n",
    "/node_modules/p/index.js": "export const p = 1;\n",
}
TEST = """
import { grade } from "/src/grade.ts";
import { twice } from "/src/plain.js";
import { p } from "/node_modules/p/index.js";
test("good", () => { expect(grade(95)).toBe("A"); expect(twice(p)).toBe(2) });
test("bad", () => { expect(grade(1)).toBe("F") });
"""


def bindings():
    resolver = ih.create_module_resolver()
    for path, text in FILES.items():
        resolver.virtual(path, text, filename=path.rpartition("/")[2], resolve_dir=path.rpartition("/")[0])
    return ih.Bindings(modules=resolver)


async def run(host, code=TEST, coverage=True, filename="/src/grade.test.ts", **options):
    async with host.create_test_runtime(bindings=bindings()) as runtime:
        return await runtime.run(code, filename=filename, options=ih.TestOptions(coverage=coverage, **options))


async def test_lines_branches_and_functions_are_those_of_the_typescript(host):
    result = await run(host)
    assert (result.success, result.coverage.error, list(result.coverage.files)) == (True, None, ["/src/grade.ts", "/src/plain.js"])
    grade, plain = result.coverage.files.values()
    assert grade.line_counts() == {3: 1, 6: 2, 7: 1, 8: 1, 9: 0, 11: 1, 14: 1, 15: 0}
    assert grade.uncovered_lines() == [9, 15]
    ratios = {name: (ratio.covered, ratio.total) for name, ratio in grade.ratios().items()}
    assert ratios == {"statements": (6, 8), "branches": (4, 6), "functions": (1, 2), "lines": (6, 8)}
    assert [told["name"] for told in grade.data["fnMap"].values()] == ["grade", "(anonymous_1)"]
    assert {told["type"] for told in grade.data["branchMap"].values()} == {"if", "cond-expr"}
    assert plain.line_counts() == {2: 1}
    assert result.coverage.ratios()["functions"].percent == 66.66


async def test_nothing_is_counted_unless_somebody_asks(embedded):
    result = await run(embedded, coverage=False)
    assert (result.success, result.coverage) == (True, None)
    assert embedded._link._broker._services.coverage._workers._pool is None


@pytest.mark.parametrize(
    ("options", "files"),
    [
        (ih.CoverageOptions(include=("src/*.js",)), ["/src/plain.js"]),
        (ih.CoverageOptions(include=("src",)), ["/src/grade.ts", "/src/plain.js"]),
        (ih.CoverageOptions(include=("/**/*.{ts,tsx}",)), ["/src/grade.ts"]),
        (ih.CoverageOptions(exclude=("**/grade.*",)), ["/node_modules/p/index.js", "/src/plain.js"]),
        (ih.CoverageOptions(include=("s?c/pl*",), exclude=()), ["/src/plain.js"]),
        (ih.CoverageOptions(include=("lib",)), []),
    ],
)
async def test_globs_choose_the_files(embedded, options, files):
    assert list((await run(embedded, coverage=options)).coverage.files) == files


async def test_the_test_file_itself_is_never_in_the_report(embedded):
    result = await run(embedded, coverage=ih.CoverageOptions(exclude=()), filename="/checks.ts")
    assert "/checks.ts" not in result.coverage.files
    assert not [path for path in result.coverage.files if "isolate-host" in path]


async def test_commonjs_and_tests_that_fail(embedded):
    resolver = ih.create_module_resolver().virtual("/c.cjs", "exports.f = (a) => {\n  if (a) return 1;\n  return 2;\n};\n", filename="c.cjs", resolve_dir="/")
    async with embedded.create_test_runtime(bindings=ih.Bindings(modules=resolver)) as runtime:
        result = await runtime.run('import c from "/c.cjs"; test("a", () => { expect(c.f(1)).toBe(2) })', options=ih.TestOptions(coverage=True))
    assert (result.success, result.coverage.files["/c.cjs"].line_counts()) == (False, {1: 1, 2: 1, 3: 0})


async def test_each_run_of_a_runtime_is_counted_by_itself(embedded):
    async with embedded.create_test_runtime(bindings=bindings()) as runtime:
        code = 'import { twice } from "/src/plain.js"; test("a", () => { twice(N) })'
        before = await runtime.run(code.replace("N", "1"))
        assert before.coverage is None
        fresh = 'import { grade } from "/src/grade.ts"; import { twice } from "/src/plain.js"; test("a", () => { grade(95); twice(1) })'
        first = await runtime.run(fresh, options=ih.TestOptions(coverage=True))
        # What was loaded before anybody counted is not in the report.
        assert list(first.coverage.files) == ["/src/grade.ts"]
        second = await runtime.run(fresh, options=ih.TestOptions(coverage=True))
        assert [run.coverage.files["/src/grade.ts"].line_counts()[6] for run in (first, second)] == [1, 1]


async def test_a_session_stops_counting_with_its_owner(embedded):
    async with embedded.get_namespaced_runtime("s", bindings=bindings()) as session:
        result = await session.run_tests(TEST, options=ih.TestOptions(coverage=True))
        assert len(result.coverage.files) == 2
    async with embedded.get_namespaced_runtime("s", bindings=bindings()) as session:
        assert session.reused
        assert (await session.run_tests(TEST)).coverage is None
        again = await session.run_tests(TEST, options=ih.TestOptions(coverage=True))
        assert (again.success, again.coverage.error) == (True, None)


async def test_a_killed_run_has_results_and_says_that_it_has_no_coverage(embedded):
    result = await run(embedded, 'test("loop", () => { for (;;); })', timeout_s=0.05)
    assert (result.failed, result.coverage.files) == (1, {})
    assert "never gave control back" in result.coverage.error


async def test_code_that_nobody_can_parse_is_named(embedded):
    result = await run(embedded, 'eval("1 + 1; //# sourceURL=/eval.js"); test("a", () => {})')
    assert list(result.coverage.files) == ["/eval.js"]
    broken = 'await import("data:,"); test("a", () => {})'
    with pytest.raises(ih.GuestError):
        await run(embedded, broken)


def test_a_worker_may_only_answer_what_it_was_asked():
    desk = CoverageDesk(lambda frame: None, None)
    for number in (0, 1, -1, "1", None, True):
        with pytest.raises(ProtocolError, match="nobody asked for"):
            desk.answered(Frame({"t": "w.cover", "id": number}, b"{}"))


@pytest.mark.parametrize(
    "params",
    [{}, {"op": "stop"}, {"op": "take"}, {"op": "take", "include": "x", "exclude": [], "skip": []}, {"op": "take", "include": [1], "exclude": [], "skip": []},
     {"op": "take", "include": ["x" * 501], "exclude": [], "skip": []}, {"op": "take", "include": [], "exclude": ["x"] * 201, "skip": []}],
)
def test_what_no_client_asks_is_refused(params):
    desk = CoverageDesk(lambda frame: None, None)
    with pytest.raises(ProtocolError):
        asyncio.run(desk.ask(params))


PLACE = {"start": {"line": 1, "column": 0}, "end": {"line": 1, "column": None}}
FILE = {
    "path": "/a.ts", "statementMap": {"0": PLACE}, "s": {"0": 1}, "fnMap": {"0": {"name": "f", "decl": PLACE, "loc": PLACE, "line": 1}}, "f": {"0": 2},
    "branchMap": {"0": {"loc": PLACE, "type": "if", "locations": [PLACE, PLACE], "line": 1}}, "b": {"0": [1, 0]},
}


def test_reports_are_believed_by_their_shape_only():
    good = {"files": [FILE, FILE], "unread": []}
    assert read_coverage(good).files["/a.ts"].data["b"] == {"0": [2, 0]}
    changes = [
        {"path": "a.ts"}, {"path": "/a\nSF:/etc/passwd"}, {"path": 1}, {"s": {}}, {"s": {"0": -1}}, {"s": {"0": "1"}}, {"f": None}, {"b": {"0": [1]}},
        {"statementMap": {"0": {}}}, {"branchMap": []}, {"fnMap": {"0": {"name": "f"}}},
    ]
    for change in changes:
        with pytest.raises(ProtocolError, match="malformed coverage report"):
            read_coverage({"files": [{**FILE, **change}], "unread": []})
    with pytest.raises(ProtocolError):
        read_coverage(None)


def test_options_are_checked():
    with pytest.raises(TypeError, match=r"TestOptions.coverage must be a bool or CoverageOptions"):
        ih.TestOptions(coverage="all")
    with pytest.raises(TypeError, match=r"CoverageOptions.include must be globs"):
        ih.CoverageOptions(include="src/**")
