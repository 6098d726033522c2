"""Registration, order, hooks, and the fate of each test."""

import pytest

import isolate_host as ih

ORDER = """
const log = globalThis.log = [];
const hooks = (name) => {
  beforeAll(() => log.push(`+${name}`)); afterAll(() => log.push(`-${name}`));
  beforeEach(() => log.push(`(${name}`)); afterEach(() => log.push(`${name})`));
};
hooks("file");
test("first", () => log.push("first"));
describe("outer", () => {
  hooks("outer");
  describe("inner", () => { hooks("inner"); test("deep", () => log.push("deep")); });
  test("late", () => log.push("late"));
});
test("last", () => log.push("last"));
afterAll(() => console.log(log.join(" ")));
"""


async def test_hooks_nest_and_tests_run_in_the_order_they_were_written_in(tests):
    run = await tests(ORDER)
    # afterAll hooks run in reverse order, so the one that prints comes before -file.
    assert run.console == [
        "+file (file first file) +outer +inner (file (outer (inner deep inner) outer) file) -inner (file (outer late outer) file) -outer (file last file)"
    ]
    assert [test.full_name for test in run.tests] == ["first", "outer > inner > deep", "outer > late", "last"]
    assert run.success


async def test_events_come_in_order_with_counts(tests):
    run = await tests('describe("s", () => { test("a", () => {}); test.skip("b", () => {}); describe("t", () => { test("c", () => { throw 1 }) }) })')
    assert run.trace() == [
        "runStart", "suiteStart s", "testStart s > a", "testEnd s > a", "testEnd s > b",
        "suiteStart s > t", "testStart s > t > c", "testEnd s > t > c", "suiteEnd s > t", "suiteEnd s", "runEnd",
    ]
    assert (run.events[0].test_count, run.events[0].suite_count) == (3, 2)
    assert run.events[-1].results == run.results
    suite = run.suites[0]
    assert (suite.passed, suite.failed, suite.skipped, suite.total, suite.depth) == (1, 1, 1, 3, 0)
    assert (run.suites[1].path, run.suites[1].full_name, run.suites[1].depth) == (("s",), "s > t", 1)
    assert (run.passed, run.failed, run.skipped, run.todo, run.total, run.success) == (1, 1, 1, 0, 3, False)


async def test_an_error_says_what_a_matcher_expected(tests):
    run = await tests('test("a", () => {\n  expect({n: [1]}).toEqual({n: [2]});\n})', filename="/dir/a.test.ts")
    error = run.tests[0].error
    assert (error.matcher_name, error.expected, error.actual) == ("toEqual", {"n": [2]}, {"n": [1]})
    assert error.message.startswith("expect(received).toEqual(expected) // deep equality\n")
    assert error.stack.endswith("at /dir/a.test.ts:2:20")


async def test_only_runs_alone_and_the_rest_is_reported(tests):
    run = await tests("""
        test("plain", () => { throw 1 });
        test.only("chosen", () => {});
        describe.only("all of it", () => { test("a", () => {}); describe("below", () => { test("b", () => {}) }) });
        describe.only("part of it", () => { test.only("c", () => {}); test("d", () => { throw 1 }) });
        describe.skip("skipped", () => { test.only("e", () => { throw 1 }); describe("below", () => { test("f", () => { throw 1 }) }) });
    """)
    assert run.statuses() == {
        "plain": "skip", "chosen": "pass", "all of it > a": "pass", "all of it > below > b": "pass", "part of it > c": "pass",
        "part of it > d": "skip", "skipped > e": "skip", "skipped > below > f": "skip",
    }


async def test_modifiers(tests):
    run = await tests("""
        test.todo("todo");
        test.skipIf(true)("skipIf", () => { throw 1 });
        test.runIf(true)("runIf", () => {});
        test.failing("failing", () => { expect(1).toBe(2) });
        test.failing("not failing", () => {});
        test.concurrent.each([[1, 2, 3], [2, 2, 5]])("%i + %i = %i", async (a, b, sum) => { await 1; expect(a + b).toBe(sum) });
        test.each`
          a    | b    | same
          ${1} | ${1} | ${true}
          ${1} | ${2} | ${true}
        `("$a is $b: $same", ({ a, b, same }) => { expect(a === b).toBe(same) });
        describe.each(["x", "y"])("suite %s", (name) => { test(`t${name}`, () => {}) });
        test("skips itself", ({ skip }) => { skip("not today") });
        it(function named() {}, () => {});
    """)
    assert run.statuses() == {
        "todo": "todo", "skipIf": "skip", "runIf": "pass", "failing": "pass", "not failing": "fail", "1 + 2 = 3": "pass", "2 + 2 = 5": "fail",
        "1 is 1: true": "pass", "1 is 2: true": "fail", "suite x > tx": "pass", "suite y > ty": "pass", "skips itself": "skip", "named": "pass",
    }
    assert next(test.note for test in run.tests if test.name == "skips itself") == "not today"


async def test_hooks_always_run_and_their_errors_say_where_they_come_from(tests):
    run = await tests("""
        const log = [];
        describe("each", () => {
          beforeEach(() => { log.push("before"); if (log.length > 3) throw new Error("no more") });
          afterEach(() => { log.push("after") });
          test("a", () => { log.push("a"); throw new Error("body") });
          test("b", () => { log.push("b") });
        });
        describe("all", () => {
          beforeAll(() => { throw new Error("setup") });
          afterAll(() => { log.push("afterAll"); throw new Error("teardown") });
          test("c", () => { log.push("c") });
          describe("below", () => { test("d", () => { log.push("d") }) });
        });
        test("log", () => { expect(log.join(" ")).toBe("before a after before after afterAll") });
    """)
    assert run.errors() == {
        "each > a": "body", "each > b": "beforeEach failed: no more",
        "all > c": "not run, because beforeAll failed: setup", "all > below > d": "not run, because beforeAll failed: setup",
    }
    assert [error.message for error in run.suites[1].errors] == ["beforeAll of 'all' failed: setup", "afterAll of 'all' failed: teardown"]
    assert not run.success


async def test_an_afterall_that_throws_fails_the_run_alone(tests):
    run = await tests('describe("s", () => { afterAll(() => { throw new Error("late") }); test("a", () => {}) })')
    assert (run.failed, run.success, len(run.suites[0].errors)) == (0, False, 1)
    run = await tests('afterAll(() => { throw new Error("late") }); test("a", () => {})')
    assert (run.failed, run.success, run.results.errors[0].message) == (0, False, "afterAll of the file failed: late")


async def test_a_test_that_awaits_for_too_long_fails_and_the_next_one_runs(tests):
    code = 'let over; test("slow", ({ signal }) => { over = signal; return new Promise(() => {}) }, 30); test("next", () => { expect(over.aborted).toBe(true) })'
    run = await tests(code)
    assert run.errors() == {"slow": "the test took longer than 30 ms: raise its timeout (the last argument, in milliseconds), or await less"}
    assert (run.passed, run.results.ended_by) == (1, None)


async def test_retry_bail_filter_and_seed(tests):
    run = await tests('let n = 0; test("flaky", () => { if (++n < 3) throw 1 }); test("own", { retry: 1 }, () => { throw 1 })', options={"retry": 2})
    assert [(test.status, test.retries) for test in run.tests] == [("pass", 2), ("fail", 1)]

    run = await tests("for (const n of [1, 2, 3]) test(`t${n}`, () => { throw n })", options={"bail": 1})
    assert [(test.status, test.not_run) for test in run.tests] == [("fail", False), ("skip", True), ("skip", True)]
    assert run.tests[1].note == "not run: 1 test failed before it (bail)"

    run = await tests('describe("a", () => { test("b c", () => {}) }); test("b", () => {})', options={"filter": "^a > b|^never"})
    assert run.statuses() == {"a > b c": "pass", "b": "skip"}

    many = "for (let i = 0; i < 30; i++) test(`t${i}`, () => { console.log(i) })"
    first, again, other = [(await tests(many, options={"shuffle": True, "seed": seed})).console for seed in (7, 7, 8)]
    assert first == again != other
    assert sorted(first) == sorted(other)
    unseeded = await tests(many, options={"shuffle": True})
    assert (await tests(many, options={"shuffle": True, "seed": unseeded.results.seed})).console == unseeded.console


async def test_concurrent_tests_overlap_and_keep_their_assertions_apart(tests):
    run = await tests("""
        let open; const gate = new Promise((done) => { open = done });
        describe.concurrent("c", () => {
          test("waits", async () => { expect.assertions(2); expect(1).toBe(1); await gate; expect(2).toBe(2) });
          test("opens", async () => { expect.assertions(1); open(); await 1; expect(1).toBe(1) });
          test("too few", async () => { expect.assertions(2); expect(1).toBe(1); await gate });
        });
    """)
    assert run.statuses() == {"c > waits": "pass", "c > opens": "pass", "c > too few": "fail"}
    assert run.errors()["c > too few"] == "expect.assertions(2): expected 2 assertions to be called but received 1"


async def test_runs_of_one_runtime_register_anew_and_keep_globals(embedded):
    async with embedded.create_test_runtime() as runtime:
        first = await runtime.run('globalThis.kept = 1; test("a", () => {})')
        second = await runtime.run('import { test, expect } from "vitest"; test("b", () => { expect(kept).toBe(1) })')
        third = await runtime.run('import { it } from "@jest/globals"; it("c", () => {})')
        assert [[test.name for test in run.tests] for run in (first, second, third)] == [["a"], ["b"], ["c"]]
        assert runtime.diagnostics()["test"] == {"enabled": True, "registered_tests": 1, "last_run": third}
        empty = await runtime.run("1")
        assert (empty.success, empty.total) == (True, 0)


async def test_over_both_links(host):
    async with host.create_test_runtime() as runtime:
        seen = []
        off = runtime.test.on_event(lambda event: seen.append(event.type))
        result = await runtime.run('test("a", () => { expect([1]).toEqual([1]) }); test("b", () => { expect(1).toBe(2) })')
        assert (result.passed, result.failed, result.tests[1].error.actual) == (1, 1, 1)
        assert seen == ["runStart", "testStart", "testEnd", "testStart", "testEnd", "runEnd"]
        off()
        await runtime.run('test("a", () => {})')
        assert len(seen) == 6
    with pytest.raises(ih.Disposed):
        runtime.test.on_event(print)
    with pytest.raises(ih.Disposed):
        await runtime.run("1")


async def test_handlers_of_events_neither_block_nor_break_a_run(embedded, caplog):
    import asyncio

    never = asyncio.Event()

    async def waits(_event):
        await never.wait()

    def raises(_event):
        raise RuntimeError("my own bug")

    async with embedded.create_test_runtime() as runtime:
        runtime.test.on_event(waits)
        runtime.test.on_event(raises)
        result = await runtime.run('test("a", () => {})')
        again = await runtime.run('test("a", () => {})')
    assert (result.passed, again.passed) == (1, 1)
    assert "my own bug" in caplog.text
