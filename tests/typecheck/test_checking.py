"""Type checks of guest code: what is found, and what the code may use. Embedded and over a daemon."""

import asyncio
from collections.abc import AsyncIterator

import pytest

import isolate_host as ih


async def codes(host, code, **options):
    result = await host.typecheck(code=code, **options)
    assert result.success is (not result.errors)
    return [item.code for item in result.errors]


async def greet(name: str, *, ctx: ih.HostCallContext) -> str:
    return f"hello {name} {ctx.runtime_id}"


async def ticks(count: int = 3) -> AsyncIterator[float]:
    for number in range(count):
        yield number / 2


async def test_true_errors_have_their_places(host):
    result = await host.typecheck(code="const a = 1;\nconst  b: string = a;\nmissing();\n", filename="/app/main.ts")
    assert [(item.line, item.column, item.code) for item in result.errors] == [(2, 8, 2322), (3, 1, 2304)]
    assert result.errors[0].message == "Type 'number' is not assignable to type 'string'."
    assert ih.format_typecheck_errors(result).splitlines()[1] == "/app/main.ts:3:1 (TS2304): Cannot find name 'missing'."


async def test_code_without_errors(embedded):
    code = """
        interface Point { x: number; y: number }
        const points: Point[] = [{ x: 1, y: 2 }];
        const body = await (await fetch("https://example.com/", { signal: AbortSignal.timeout(10) })).json();
        const { subtle } = crypto;
        console.log(points.map((point) => point.x), body, subtle, structuredClone(new Map([[1, 2]])), import.meta.url);
        for await (const chunk of new Blob(["a"]).stream()) console.log(chunk.byteLength);
        setTimeout((name: string) => console.log(name), 10, "x");
        export default new Set([1]).union(new Set([2]));
    """
    result = await embedded.typecheck(code=code)
    assert result.success, ih.format_typecheck_errors(result)
    assert ih.format_typecheck_errors(result) == "No type errors."


async def test_syntax_errors_alone(embedded):
    assert await codes(embedded, "let a = ; missing();") == [1109]


async def test_columns_are_those_of_editors(embedded):
    (error,) = (await embedded.typecheck(code="const s = '😀'; s.foo;")).errors
    assert (error.line, error.column) == (1, 19)


@pytest.mark.parametrize(("profile", "missing"), [("backend", [2304, 2584]), ("agent", [2304, 2584]), ("browser-test", [2304])])
async def test_what_profiles_know_of_pages(embedded, profile, missing):
    """None is at hand by itself. Functions for a page are written in code for `browser-test`, and see what pages have."""
    assert await codes(embedded, "console.log(crypto.randomUUID()); page.goto('x'); document.title;", profile=profile) == missing


async def test_capabilities_extend_a_profile(embedded):
    code = "await getDirectory('/data');"
    assert await codes(embedded, code, profile="browser-test") == [2304]
    assert await codes(embedded, code, profile="browser-test", capabilities=["files"]) == []


async def test_javascript_is_checked_with_less_zeal(embedded):
    code = "function double(x) { return x * 2 } double(2).foo; console.log(double(1, 2));"
    assert await codes(embedded, code, filename="/main.js") == [2339, 2554]
    assert 7006 in await codes(embedded, code, filename="/main.ts")


async def test_library_types(host):
    code = "import { parse } from 'tiny'; import deep from 'tiny/deep'; export const n: string = parse(deep);"
    assert await codes(host, code) == [2307, 2307]
    types = {"index.d.ts": "export function parse(text: string): number;", "deep.d.ts": "declare const text: string; export default text;"}
    assert await codes(host, code, library_types={"tiny": types}) == [2322]
    assert await codes(host, "import { a } from '@s/p'; a.toFixed();", library_types={"@s/p": "export const a: number;"}) == []


async def test_library_types_follow_exports(embedded):
    package = {
        "package.json": '{"name": "p", "exports": {".": {"types": "./types/main.d.ts"}}}',
        "types/main.d.ts": "export * from './part';",
        "types/part.d.ts": "export const part: 1;",
    }
    assert await codes(embedded, "import { part } from 'p'; const two: 2 = part;", library_types={"p": package}) == [2322]


async def test_library_types_that_do_not_parse_are_an_error_with_their_place(embedded):
    error, *_ = (await embedded.typecheck(code="import 'p';", library_types={"p": "export const = 1;"})).errors
    assert error.message.startswith("/node_modules/p/index.d.ts:1:14: ")


async def test_other_files_of_the_program(embedded):
    sources = {"/lib/math.ts": "export const half = (n: number) => n / 2;", "/broken.ts": "const = 1"}
    assert await codes(embedded, "import { half } from './lib/math.ts'; half('1');", sources=sources) == [2345]


async def test_nothing_of_the_machine_is_seen(embedded):
    code = "import data from '/etc/hostname.json'; import x from '../../../etc/passwd'; /// <reference path='/etc/passwd' />"
    assert await codes(embedded, code) == [2307, 2307]


async def test_tools_are_declared_from_their_hints(host):
    tools = {"greet": greet, "ticks": ticks, "plain": ih.Tool(lambda *args: args, timeout_s=1)}
    good = "const s: string = await greet('x'); for await (const t of ticks()) t.toFixed(); await plain(1, 'a');"
    assert await codes(host, good, tools=tools) == []
    bad = "await greet(1);\nawait greet();\nconst n: number = await greet('x');\nfor await (const t of ticks('3')) t.trim();"
    result = await host.typecheck(code=bad, tools=tools)
    assert [(item.line, item.code) for item in result.errors] == [(1, 2345), (2, 2554), (3, 2322), (4, 2345), (4, 2339)]
    assert await codes(host, "greet('x')") == [2304]


async def test_wrong_arguments(host):
    with pytest.raises(ValueError, match="no profile 'frontend': use one of backend, agent, browser-test"):
        await host.typecheck(code="", profile="frontend")
    with pytest.raises(TypeError, match="code must be a str"):
        await host.typecheck(code=b"")
    with pytest.raises(TypeError, match="list of names"):
        await host.typecheck(code="", capabilities="fetch")
    with pytest.raises(TypeError, match=r"library_types\['p'\] must be the text"):
        await host.typecheck(code="", library_types={"p": {"index.d.ts": b""}})
    with pytest.raises(ValueError, match="give sandbox="):
        await host.typecheck(code="", sandbox="a", profile="agent")
    with pytest.raises(ih.PluginError, match="no plugin provides the capability 'dom'") as caught:
        await host.typecheck(code="", capabilities=["dom"])
    assert "crypto" in caught.value.hint
    with pytest.raises(ih.ConfigError, match="unknown sandbox 'a'"):
        await host.typecheck(code="", sandbox="a")
    with pytest.raises(TypeError, match="takes the result of typecheck"):
        ih.format_typecheck_errors([])


async def test_a_closed_host(start_host):
    host = await start_host()
    await host.close()
    with pytest.raises(ih.Disposed):
        await host.typecheck(code="")


async def test_the_synchronous_form():
    result = await asyncio.to_thread(lambda: ih.typecheck(code="const n: number = await hello('x');", tools={"hello": greet}))
    assert [item.code for item in result.errors] == [2322]
    with pytest.raises(RuntimeError, match="await host.typecheck"):
        ih.typecheck(code="1")
