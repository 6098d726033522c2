"""Test code that never ends, eats memory, or works against the framework."""

import pytest

import isolate_host as ih
from isolate_host.client.test_recorder import Recorder

LOOP = 'test("before", () => {}); test("loop", () => { while (true); }); describe("s", () => { test("after", () => {}); test.todo("later") })'


def fates(run):
    return [(test.full_name, test.status, test.not_run) for test in run.tests]


async def test_a_loop_fails_its_test_and_the_rest_is_reported_as_not_run(tests):
    run = await tests(LOOP, options={"timeout_s": 0.1})
    assert fates(run) == [("before", "pass", False), ("loop", "fail", False), ("s > after", "skip", True), ("s > later", "todo", False)]
    assert run.errors() == {"loop": "the test ran longer than 0.1 s and never gave control back"}
    assert run.tests[2].note.startswith("not run: the test ran longer")
    assert run.results.ended_by.kind == "test_time"
    assert run.trace()[-4:] == ["testEnd loop", "testEnd s > after", "testEnd s > later", "runEnd"]
    assert (run.total, run.skipped, run.results.not_run, run.success) == (4, 1, 1, False)


async def test_a_loop_over_both_links_ends_the_runtime(host):
    async with host.create_test_runtime() as runtime:
        result = await runtime.run(LOOP, options=ih.TestOptions(timeout_s=0.1))
        assert (result.passed, result.failed, result.not_run) == (1, 1, 1)
        assert runtime.disposed
        with pytest.raises(ih.Disposed):
            await runtime.run("1")


async def test_a_loop_after_an_await_in_a_hook_and_at_the_top(tests):
    run = await tests('test("a", async () => { await 1; while (true); })', options={"timeout_s": 0.1})
    assert fates(run) == [("a", "fail", False)]
    run = await tests('describe("s", () => { beforeAll(() => { while (true); }); test("a", () => {}) })', options={"timeout_s": 0.1})
    assert fates(run) == [("s > a", "skip", True)]
    assert "beforeAll of 's' ran longer than 0.1 s" in run.suites[0].errors[0].message
    with pytest.raises(ih.ExecutionTimeout):
        await tests("while (true);", timeout_s=0.2)


async def test_the_limit_of_the_run_ends_it_with_results(tests):
    run = await tests(LOOP, timeout_s=0.3)
    assert fates(run)[:2] == [("before", "pass", False), ("loop", "fail", False)]
    assert isinstance(run.results.ended_by, ih.ExecutionTimeout)


async def test_results_are_complete_when_the_worker_dies_of_memory(tests):
    code = 'test("a", () => {}); test("bomb", () => { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)) }); test("b", () => {})'
    run = await tests(code, limits=ih.Limits(memory_mb=64))
    assert fates(run) == [("a", "pass", False), ("bomb", "fail", False), ("b", "skip", True)]
    assert run.results.ended_by.kind == "memory"


async def test_a_promise_that_nothing_can_settle(tests, embedded):
    run = await tests('test("a", () => new Promise(() => {})); test("b", () => {})', options={"timeout_s": None})
    assert fates(run) == [("a", "fail", False), ("b", "skip", True)]
    async with embedded.create_test_runtime() as runtime:
        await runtime.run('test("a", () => new Promise(() => {}))', options=ih.TestOptions(timeout_s=None))
        assert (await runtime.run('test("b", () => {})')).passed == 1


async def test_abort_ends_the_runtime_and_raises(embedded):
    controller = ih.AbortController()
    async with embedded.create_test_runtime() as runtime:
        runtime.test.on_event(lambda event: event.type == "testStart" and controller.abort("enough"))
        with pytest.raises(ih.Aborted):
            await runtime.run('test("a", () => new Promise((done) => setTimeout(done, 60000)))', signal=controller.signal)
        assert runtime.disposed


async def test_errors_of_a_file_that_does_not_load(tests, raises_guest):
    with raises_guest("Error"):
        await tests('test("a", () => {}); throw new Error("at the top")')
    with raises_guest("SyntaxError"):
        await tests("let x: number = ;")
    with raises_guest("TypeError"):
        await tests('test("no body")')
    with raises_guest("TypeError"):
        await tests("test(null, () => {})")
    with raises_guest("Error"):
        await tests('describe("async", async () => { await 1; throw new Error("later") })')
    with raises_guest("SyntaxError"):
        await tests('test("a", () => {})', options={"filter": "("})


async def test_what_is_thrown_need_not_be_an_error(tests):
    run = await tests("""
        for (const value of [null, undefined, 0, "text", { a: 1 }, Object.create(null)]) test("t" + typeof value + String(value === null), () => { throw value });
        test("proxy", () => { throw new Proxy({}, { get() { throw 1 }, getOwnPropertyDescriptor() { throw 1 }, ownKeys() { throw 1 } }) });
        test("getter", () => { throw Object.defineProperty(new Error("x"), "message", { get() { throw 1 } }) });
    """)
    assert run.failed == 8
    assert run.tests[0].error.message == "thrown: null (not an error: it has no message and no stack)"
    assert run.tests[3].error.message.startswith("thrown: 'text'")


async def test_a_test_that_replaces_a_global_fails_and_the_next_one_has_it_again(tests):
    run = await tests("""
        test("thief", () => { globalThis.expect = () => ({ toBe() {} }) });
        test("victim", () => { expect(1).toBe(2) });
        test("remover", () => { delete globalThis.test });
        test("fine", () => { expect(typeof test).toBe("function") });
    """)
    assert list(run.statuses().values()) == ["fail", "fail", "fail", "pass"]
    assert run.errors()["thief"] == "the test replaced the global 'expect', which belongs to the test framework: it has been restored"


async def test_registering_inside_a_test_is_an_error(tests):
    run = await tests("""
        test("outer", () => { test("inner", () => {}) });
        test("hook", async () => { await 1; afterEach(() => {}) });
        test("caught", () => { expect(() => describe("s", () => {})).toThrow("was called inside the test 'caught'") });
    """)
    assert run.statuses() == {"outer": "fail", "hook": "fail", "caught": "pass"}
    assert run.errors()["outer"].startswith("test('inner') was called inside the test 'outer'")


async def test_errors_that_nobody_caught_fail_the_test_that_runs(tests):
    run = await tests("""
        test("timer", () => { setTimeout(() => { throw new Error("in a timer") }, 1); return new Promise((done) => setTimeout(done, 30)) });
        test("promise", () => { Promise.reject(new Error("lost")) });
        test("expected", async () => {
          const seen = new Promise((done) => addEventListener("unhandledrejection", (event) => { event.preventDefault(); done(event.reason.message) }, { once: true }));
          Promise.reject(new Error("mine"));
          expect(await seen).toBe("mine");
        });
        test("innocent", () => {});
    """)
    assert run.errors() == {"timer": "in a timer", "promise": "lost"}
    assert run.passed == 2


async def test_more_tests_than_are_allowed(host_from_yaml):
    yaml = "version: 1\nsandboxes: {default: {policies: {tests: {max_tests: 3}}}}\n"
    async with host_from_yaml(yaml) as host, host.create_test_runtime(sandbox="default") as runtime:
        with pytest.raises(ih.GuestError, match="more than 3 tests are registered"):
            await runtime.run("for (let i = 0; i < 4; i++) test(`t${i}`, () => {})")
        assert (await runtime.run("for (let i = 0; i < 3; i++) test(`t${i}`, () => {})")).passed == 3


async def test_patched_builtins_spoil_only_what_uses_them(tests):
    run = await tests("""
        test("patches", () => { Array.prototype.push = () => { throw new Error("patched") }; Promise.prototype.then = () => { throw new Error("patched") }; Map.prototype.values = null });
        test("goes on", async () => { await 1 });
        test("fails", () => { throw new Error("seen") });
    """)
    assert run.statuses()["goes on"] == "pass"
    assert run.errors()["fails"] == "seen"
    assert run.total == 3


async def test_a_sandbox_has_to_grant_tests(host_from_yaml):
    async with host_from_yaml("version: 1\nsandboxes: {default: {policies: {console: {}}}}\n") as host:
        with pytest.raises(ih.PolicyDenied) as caught:
            await host.create_test_runtime(sandbox="default")
        assert "sandboxes.default.policies.tests" in caught.value.hint
        async with host.create_runtime(sandbox="default") as runtime:
            assert await runtime.eval("[typeof test, typeof expect, typeof globalThis[Symbol.for('isolate-host.tests')]]") == ["undefined"] * 3


async def test_the_longest_time_of_the_policy_holds_whatever_a_test_asks_for(host_from_yaml):
    yaml = "version: 1\nsandboxes: {default: {policies: {tests: {timeout_s: 0.1}}}}\n"
    async with host_from_yaml(yaml) as host, host.create_test_runtime(sandbox="default") as runtime:
        result = await runtime.run('test("a", () => { for (;;); }, 1e9)')
        assert result.tests[0].error.message == "the test ran longer than 0.1 s and never gave control back"


def test_malformed_reports_are_dropped_or_end_the_guest(capability):
    driver = capability("tests", {}, binding={})
    for op, args in [("progress", ()), ("progress", (1, "x")), ("progress", (1, [[], 3, {}])), ("other", (1, [])), ("collected", (1,))]:
        driver.note(op, *args)
    assert driver.guest.killed is None
    driver.note("progress", 1, [["stage", 10**5000, {}, 10**5000], ["stage", [1], None, "x"], ["testEnd", {}], [[], []], ["stage", "1", "t", float("nan")]])
    assert driver.guest.killed is None
    driver.note("progress", 1, [], size=9 << 20)
    assert driver.guest.killed.kind == "payload"


def test_a_guest_that_registers_without_end_is_killed(capability):
    driver = capability("tests", {"max_tests": 10}, binding={})
    assert driver.note("collected", 1, [[n] for n in range(20)]).forwarded == 1
    driver.note("collected", 1, [[21]])
    assert (driver.guest.killed.kind, driver.guest.killed.hint) == ("tests", "raise sandboxes.default.policies.tests.max_tests")


def test_a_recorder_believes_nothing():
    events = []
    recorder = Recorder(1, events.append, None)
    huge = 10**5000
    recorder.note("collected", [1, [[1, "suite", "s", [], "run", 1], [2, "test", "t", ["s"], "run", 1], [huge, huge], [3, "test", huge, huge, [], huge], "x", []]])
    recorder.note("collected", [2, [[9, "test", "of another run", [], "run", 0]]])
    told = [["runStart"], ["suiteStart", 1], ["testStart", 2], ["testEnd", 2, [], 1, [], 0, None], ["testEnd", 2, "pass", huge, [{"message": huge}], huge, huge],
            ["testEnd", 2, "fail", 1, [], 0, None], ["suiteEnd", 77], [[], []], ["stage", huge, huge, huge], ["suiteEnd", 1, huge]]
    recorder.note("progress", [1, told])
    result = recorder.finish(1.0, {"errors": huge, "snapshots": {"taken": huge, "added": "x"}})
    assert [(test.name, test.status, test.not_run) for test in result.tests] == [("t", "pass", False), ("", "skip", True)]
    assert (result.total, result.suites[0].passed > 0, result.snapshots.added, events[-1].type) == (2, True, 0, "runEnd")
