"""What evaluations, console and tools owe to an embedder, where no other test says it on its own."""

import asyncio
import logging

import isolate_host as ih


async def test_hosts_and_runtimes_share_no_global(start_host):
    one, two = await start_host(), await start_host()
    async with one.create_runtime() as a, one.create_runtime() as b, two.create_runtime() as c:
        await asyncio.gather(*(runtime.eval(f"globalThis.mine = {n}; Array.prototype.spy = {n}") for n, runtime in enumerate((a, b, c))))
        assert [await runtime.eval("[mine, [].spy]") for runtime in (a, b, c)] == [[0, 0], [1, 1], [2, 2]]


async def test_a_console_handler_that_fails_or_never_ends_stops_nothing(host, caplog):
    seen = []

    def failing(entry):
        seen.append(entry.text)
        raise ValueError("not my day")

    async def endless(entry):
        seen.append(entry.text)
        await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        async with host.create_runtime(bindings=ih.Bindings(console=failing)) as runtime:
            assert await runtime.eval("console.log('a'); console.log('b'); 1") == 1
    assert "not my day" in caplog.text
    assert seen == ["a", "b"]
    async with host.create_runtime(bindings=ih.Bindings(console=endless)) as runtime:
        assert await runtime.eval("console.log('c'); 2") == 2
    assert seen[-1] == "c"


async def test_promises_of_the_host_settle_within_top_level_await(host):
    async def slow() -> int:
        await asyncio.sleep(0.01)
        return 2

    modules = ih.create_module_resolver().virtual(
        "/lib.ts",
        "const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'));"
        "export const first = new Uint8Array(bytes)[0]; export const two = await slow();",
    )
    async with host.create_runtime(bindings=ih.Bindings(tools={"slow": slow}, modules=modules)) as runtime:
        assert await runtime.eval("import { first, two } from '/lib.ts'; export default [first, two, await slow()]") == [0xBA, 2, 2]


async def test_arguments_and_results_are_copies(host):
    kept = {"list": [1]}
    got = []

    def take(value):
        got.append(value)
        value["list"].append(9)
        return kept

    async with host.create_runtime(bindings=ih.Bindings(tools={"take": take})) as runtime:
        assert await runtime.eval("const mine = { list: [1] }; const theirs = await take(mine); theirs.list.push(5); [mine.list, theirs.list]") == [[1], [1, 5]]
    assert kept == {"list": [1]}
    assert got == [{"list": [1, 9]}]


async def test_errors_of_tools_keep_their_kind(host):
    class Odd(Exception):
        pass

    kinds = {"type": TypeError("t"), "range": IndexError("r"), "odd": Odd("o"), "empty": Odd(), "value": ValueError(None)}

    def fail(kind):
        raise kinds[kind]

    async with host.create_runtime(bindings=ih.Bindings(tools={"fail": fail})) as runtime:
        code = "const seen = {}; for (const kind of ['type', 'range', 'odd', 'empty', 'value']) await fail(kind).catch((e) => { seen[kind] = [e.name, e.message, e instanceof Error] }); seen"
        seen = await runtime.eval(code)
    assert seen["type"][:2] == ["TypeError", "t"]
    assert {kind: item[2] for kind, item in seen.items()} == dict.fromkeys(kinds, True)
    assert (seen["range"][1], seen["odd"][1], seen["empty"][1]) == ("r", "o", "")
