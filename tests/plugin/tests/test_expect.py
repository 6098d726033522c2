"""What ``expect``, mocks, fake time and snapshots do beyond equality, which has a table of its own."""

import isolate_host as ih

PASS = """
test("modifiers", async () => {
  expect(1).not.toBe(2);
  await expect(Promise.resolve({ a: 1 })).resolves.toEqual({ a: 1 });
  await expect(Promise.resolve(1)).resolves.not.toBe(2);
  await expect(Promise.reject(new Error("no"))).rejects.toThrow("no");
  await expect(async () => { throw new TypeError("t") }).rejects.toBeInstanceOf(TypeError);
});
test("matchers", () => {
  expect(0.1 + 0.2).toBeCloseTo(0.3); expect([1, [2]]).toContainEqual([2]); expect("abc").toMatch(/b/); expect([1, 2]).toHaveLength(2);
  expect({ a: { b: [1] } }).toHaveProperty("a.b[0]", 1); expect(NaN).toBeNaN(); expect(2).toBeGreaterThanOrEqual(2); expect(null).toBeNull();
  expect(1n).toBeTypeOf("bigint"); expect(3).toSatisfy((n) => n > 2); expect("b").toBeOneOf(["a", "b"]);
  expect(() => { throw new TypeError("bad type") }).toThrow(TypeError); expect(() => { throw new Error("m") }).toThrow(new Error("m"));
  expect(() => { throw new Error("some text") }).toThrowError(/text/);
});
test("extend", () => {
  expect.extend({ toBeEven(received) { return { pass: received % 2 === 0, message: () => `${received} is ${this.isNot ? "" : "not "}even` } } });
  expect(2).toBeEven(); expect(3).not.toBeEven(); expect({ n: 4 }).toEqual({ n: expect.toBeEven() });
  expect(() => expect(3).toBeEven()).toThrow("3 is not even");
});
test("counts", () => { expect.assertions(2); expect(1).toBe(1); expect(2).toBe(2) });
test("poll", async () => { let n = 0; await expect.poll(() => ++n, { interval: 1 }).toBe(3); await expect.poll(async () => n).not.toBe(0) });
test("mocks", async () => {
  const f = vi.fn((a) => a + 1);
  expect(f(1)).toBe(2); f.mockReturnValueOnce(7); expect([f(2), f(3)]).toEqual([7, 4]);
  expect(f).toHaveBeenCalledTimes(3); expect(f).toHaveBeenNthCalledWith(2, 2); expect(f).toHaveBeenLastCalledWith(3); expect(f).toHaveReturnedWith(4);
  expect(f.mock.calls).toEqual([[1], [2], [3]]); expect(f.mock.results[1]).toEqual({ type: "return", value: 7 });
  const g = jest.fn().mockResolvedValue(1).mockRejectedValueOnce(new Error("first"));
  await expect(g()).rejects.toThrow("first"); await expect(g()).resolves.toBe(1);
  f.mockClear(); expect(f).not.toHaveBeenCalled();
  const o = { m: (n) => n * 2, get v() { return 1 } };
  const spy = mock.spyOn(o, "m"); expect(o.m(2)).toBe(4); expect(spy).toHaveBeenCalledExactlyOnceWith(2);
  spy.mockImplementation(() => 0); expect(o.m(2)).toBe(0); vi.spyOn(o, "v", "get").mockReturnValue(5); expect(o.v).toBe(5);
  vi.restoreAllMocks(); expect([o.m(2), o.v]).toEqual([4, 1]);
  vi.stubGlobal("location", 1); expect(location).toBe(1); vi.unstubAllGlobals(); expect(typeof location).toBe("undefined");
  expect(vi.isMockFunction(mock(() => 1))).toBe(true);
});
test("time", async () => {
  vi.useFakeTimers({ now: 1000 });
  const log = []; setTimeout(() => log.push(Date.now()), 500); setInterval(() => log.push("i"), 200);
  vi.advanceTimersByTime(450); expect(log).toEqual(["i", "i"]); vi.advanceTimersToNextTimer(); expect(log.at(-1)).toBe(1500);
  expect(vi.getTimerCount()).toBe(1); vi.clearAllTimers();
  setTimeout(async () => { await 1; setTimeout(() => log.push("chain"), 10) }, 10); await vi.runAllTimersAsync(); expect(log.at(-1)).toBe("chain");
  vi.setSystemTime(new Date("2030-01-02T03:04:05Z")); expect(new Date().toISOString()).toBe("2030-01-02T03:04:05.000Z");
  vi.useRealTimers(); expect(vi.isFakeTimers()).toBe(false); expect(Date.now()).toBeGreaterThan(Date.parse("2024-01-01"));
});
test("waiting", async () => { let n = 0; expect(await vi.waitFor(() => { if (++n < 3) throw 1; return n }, { interval: 1 })).toBe(3) });
test("inline snapshots", () => {
  expect({ b: [1, "x"], a: undefined }).toMatchInlineSnapshot(`
    {
      "a": undefined,
      "b": [
        1,
        "x",
      ],
    }
  `);
  expect("a`b").toMatchInlineSnapshot(`"a\\`b"`);
  expect(() => { throw new Error("boom") }).toThrowErrorMatchingInlineSnapshot(`"boom"`);
  expect({ id: 123, n: 1 }).toMatchInlineSnapshot({ id: expect.any(Number) }, `
    {
      "id": Any<Number>,
      "n": 1,
    }
  `);
});
"""

MORE = """
test("asymmetric", () => {
  const value = { id: 7, at: new Date(0), tags: ["a", "b"], text: "a long text", n: 0.30000000000000004 };
  expect(value).toEqual({
    id: expect.any(Number), at: expect.anything(), tags: expect.arrayContaining(["b"]), text: expect.stringMatching(/^a/), n: expect.closeTo(0.3, 5),
  });
  expect(value).toEqual(expect.objectContaining({ tags: expect.not.arrayContaining(["c"]), text: expect.not.stringContaining("short") }));
  expect(value).toEqual(expect.not.objectContaining({ id: 8 }));
  expect("text").toEqual(expect.not.stringMatching(/^a/));
  expect(() => expect(value).toEqual(expect.not.objectContaining({ id: 7 }))).toThrow("ObjectNotContaining");
});
describe.skipIf(true)("never", () => { test("a", () => { throw 1 }) });
describe.runIf(true)("always", () => { test("a", () => {}) });
describe.skipIf(false).each([1, 2])("row %i", (n) => { test.sequential(`t${n}`, () => { expect(n).toBeGreaterThan(0) }) });
const log = [];
describe("callbacks", () => {
  test("fails", ({ onTestFinished, onTestFailed }) => {
    onTestFinished(() => { log.push("finished") }); onTestFailed(() => { log.push("failed") }); throw new Error("on purpose");
  });
  test("told", () => { expect(log).toEqual(["finished", "failed"]) });
});
describe("undone by what beforeEach returns", () => {
  beforeEach(() => { log.push("up"); return () => { log.push("down") } });
  test("a", () => {});
  test("b", () => { expect(log.slice(-3)).toEqual(["up", "down", "up"]) });
});
test.fails("fails, as Vitest says it", () => { expect(1).toBe(2) });
test.failing.each([[1], [2]])("each of %i", (n) => { expect(n).toBe(0) });
test("fake Date alone", () => { vi.setSystemTime("2031-01-01"); expect(new Date().getFullYear()).toBe(2031); vi.spyOn(Math, "max").mockReturnValue(9); vi.fn() });
describe("hooks that take too long", () => {
  beforeEach(() => new Promise(() => {}), 20);
  test("a", () => { log.push("never") });
});
"""

FAIL = """
test("soft", () => { expect.soft(1).toBe(2); expect.soft([1], "the list").toEqual([2]); expect(3).toBe(3) });
test("message", () => { expect(1, "one is two").toBe(2) });
test("poll", async () => { await expect.poll(() => 1, { timeout: 20, interval: 5, message: "never two" }).toBe(2) });
test("forgotten", async () => { expect(new Promise((done) => setTimeout(done, 30))).resolves.toBe(2); });
test("lost", async () => { expect(Promise.resolve(1)).resolves.toBe(2) });
test("none", () => { expect.hasAssertions() });
test("missing inline", () => { expect([1]).toMatchInlineSnapshot() });
test("other inline", () => { expect("b").toMatchInlineSnapshot(`"a"`) });
test("stored", () => { expect(1).toMatchSnapshot() });
test("unreachable", () => { expect.unreachable("not here") });
test("modules", () => { vi.mock("./x") });
test("unknown", () => { expect(1).toBeSomething() });
"""


async def test_what_must_pass(tests):
    run = await tests(PASS)
    assert run.errors() == {}
    assert run.success


async def test_what_else_test_code_uses(tests):
    run = await tests(MORE)
    assert run.errors() == {
        "callbacks > fails": "on purpose",
        "hooks that take too long > a": "beforeEach failed: beforeEach took longer than 20 ms: raise its timeout (the last argument, in milliseconds), or await less",
    }
    assert {name for name, status in run.statuses().items() if status == "skip"} == {"never > a"}
    assert {"row 1 > t1", "row 2 > t2", "each of 1", "always > a"} <= {name for name, status in run.statuses().items() if status == "pass"}


async def test_time_and_mocks_of_one_run_do_not_reach_the_next(embedded):
    async with embedded.create_test_runtime() as runtime:
        await runtime.run('test("a", () => { vi.useFakeTimers({ now: 0 }); vi.spyOn(Math, "max").mockReturnValue(9); vi.stubGlobal("stub", 1) })')
        again = await runtime.run("""
            test("time", () => { expect(vi.isFakeTimers()).toBe(false); expect(Date.now()).toBeGreaterThan(1e12) });
            test("mocks", () => { expect([Math.max(1, 2), typeof stub]).toEqual([2, "undefined"]) });
        """)
        assert [test.error for test in again.tests] == [None, None]


async def test_what_must_fail_and_why(tests):
    run = await tests(FAIL)
    assert run.passed == 0
    errors = run.errors()
    assert [error.message.split("\n")[0] for error in run.tests[0].errors] == ["expect(received).toBe(expected) // Object.is equality", "the list"]
    assert run.tests[0].errors[1].actual == [1]
    assert errors["message"] == "one is two"
    assert errors["poll"] == "never two: still so after 20 ms"
    assert errors["forgotten"] == "expect(…).resolves.toBe() was not awaited: write `await expect(…)`"
    assert errors["lost"] == "expect(received).resolves.toBe(expected) // Object.is equality"
    assert errors["none"] == "expect.hasAssertions(): expected at least one assertion to be called but received none"
    assert run.tests[6].error.message == "the inline snapshot is missing; paste this:\n\n.toMatchInlineSnapshot(`\n[\n  1,\n]\n`)"
    assert run.tests[7].error.message.endswith('To accept the new one, paste this:\n\n.toMatchInlineSnapshot(`"b"`)')
    assert errors["stored"].startswith("toMatchSnapshot needs stored snapshots: give snapshots= to run()")
    assert errors["unreachable"] == "not here"
    assert errors["modules"].startswith("modules cannot be mocked here")
    assert "toBeSomething is not a function" in errors["unknown"]


STORED = """
describe("s", () => {
  test("two", () => { expect({ a: 1 }).toMatchSnapshot(); expect("x").toMatchSnapshot("hint") });
  test("props", () => { expect({ at: Date.now(), n: 1 }).toMatchSnapshot({ at: expect.any(Number) }) });
});
"""


async def test_stored_snapshots_come_from_the_host_and_go_back_to_it(tests):
    written = await tests(STORED, options={"update_snapshots": True}, snapshots={"s old 1": "1"})
    snapshots = written.results.snapshots
    assert (written.success, snapshots.added, snapshots.unused) == (True, 3, 1)
    assert dict(snapshots.data) == {"s two 1": '{\n  "a": 1,\n}', "s two: hint 1": '"x"', "s props 1": '{\n  "at": Any<Number>,\n  "n": 1,\n}'}

    compared = await tests(STORED, snapshots=snapshots.data)
    assert (compared.success, compared.results.snapshots.matched) == (True, 3)

    different = await tests(STORED, snapshots={**snapshots.data, "s two 1": "{}"})
    assert different.errors() == {"s > two": "the snapshot 's two 1' does not match (--update accepts the new one)"}
    missing = await tests(STORED, snapshots={})
    assert (missing.failed, missing.results.snapshots.failed) == (2, 2)


async def test_the_result_says_what_is_new_obsolete_and_to_be_written_into_the_source(tests):
    code = STORED + 'test.skip("not today", () => {});\ntest("inline", () => { expect("é").toMatchInlineSnapshot() });\n'
    stored = {"s two 1": '{\n  "a": 1,\n}', "gone 1": "1", "not today 1": "1", "not today: hint 1": "1", "not todays 1": "1"}
    new = (await tests(code, options={"new_snapshots": True}, snapshots=stored, filename="/src/x.test.ts")).results
    assert (new.success, new.snapshots.matched, new.snapshots.added) == (True, 1, 3)
    assert sorted(new.snapshots.data) == ["s props 1", "s two 1", "s two: hint 1"]
    assert (new.snapshots.unused, new.snapshots.obsolete) == (4, ("gone 1", "not todays 1"))
    assert new.snapshots.inline == (ih.InlineSnapshot(7, 36, "toMatchInlineSnapshot", '"é"'),)

    plain = (await tests(code, snapshots=stored)).results.snapshots
    assert (plain.failed, dict(plain.data), plain.inline) == (3, {}, ())


async def test_a_snapshot_file_is_written_through_the_capability_or_refused(embedded, tmp_path):
    code = 'test("f", async () => { await expect("x").toMatchFileSnapshot("./f.txt") })'
    for write in (False, True):
        files = ih.create_file_bindings(root=tmp_path, allow_write=write)
        async with embedded.create_test_runtime(bindings=ih.Bindings(files=files)) as runtime:
            result = await runtime.run(code, options=ih.TestOptions(new_snapshots=True))
        assert result.success is write
        if not write:
            assert "toMatchFileSnapshot may not use /f.txt: EACCES" in result.tests[0].error.message
            assert "create_file_bindings(allow_write)" in result.tests[0].error.message
        assert [path.name for path in tmp_path.iterdir()] == (["f.txt"] if write else [])


async def test_what_cannot_cross_becomes_text(tests):
    run = await tests("""
        const cyclic = { n: 1 }; cyclic.self = cyclic;
        test("cyclic", () => { expect(cyclic).toBe(1) });
        test("function", () => { expect(() => 1).toBe(2n) });
        test("deep", () => { let o = 1; for (let i = 0; i < 50; i++) o = { o }; expect(o).toBe(undefined) });
        test("getter", () => { expect({ get a() { return 1 } }).toBe(null) });
        test("large", () => { expect("x".repeat(1e6)).toBe("y") });
    """)
    actual = [test.error.actual for test in run.tests]
    assert actual[0] == "<ref *1> { n: 1, self: [Circular *1] }"
    assert actual[1:4] == ["[Function (anonymous)]", actual[2], "{ a: [Getter] }"]
    assert run.tests[1].error.expected == 2
    assert len(actual[4]) < 40_000
    assert len(run.tests[4].error.message) < 40_000
