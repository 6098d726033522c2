"""``typecheck: required``: code that does not check is refused before it runs."""

import asyncio
import json

import pytest

import isolate_host as ih
from isolate_host.config.model import HostConfig
from isolate_host.host import typedesk
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import Capability, PluginRegistry, hookimpl

HOST = """\
version: 1
audit: {file: audit.jsonl}
sandboxes:
  strict:
    policies:
      console: {}
      typecheck: required
      modules: {source_trees: [{prefix: "@app/", root: ./src}], virtual: {"@/env": "export const mode: string = 'x'"}}
      tools: {allow: [greet, ticks], python: {shout: "required_tools:shout"}}
      tests: {}
      serve: {}
  declared:
    policies:
      typecheck: {declarations: [./types/host.d.ts]}
      modules: {}
      tools: {allow: [greet]}
  loose:
    policies:
      typecheck: {code: optional}
  tried:
    policies:
      typecheck: {mode: audit}
  profiled:
    policies:
      typecheck: {profile: agent, max_characters: 200}
"""
FILES = {
    "required_tools.py": "def shout(text: str) -> str:\n    return text.upper()\n",
    "types/host.d.ts": 'declare function greet(name: string): Promise<string>;\ndeclare module "zod" { export const z: number; }\n',
    "src/half.ts": "export const half = (n: number) => n / 2;\n",
    "src/good.ts": "import { half } from './half';\nexport const four = half(8);\n",
    "src/bad.ts": "import { half } from './half';\nexport const four = half('8');\n",
}


def greet(name):
    return f"hello {name}"


async def ticks():
    yield 1


@pytest.fixture
async def strict(start_host, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return await start_host(HOST)


async def refusal(awaitable):
    with pytest.raises(ih.PolicyDenied) as caught:
        await awaitable
    return caught.value


async def test_an_evaluation_is_refused_with_place_frame_and_key(strict):
    async with strict.create_runtime(sandbox="strict") as runtime:
        error = await refusal(runtime.eval("console.log('ran');\nconst n: number = await shout('x');\n", "/main.ts"))
        assert error.message == (
            "/main.ts has 1 type error, and the policy requires that code checks\n"
            "/main.ts:2:7 (TS2322): Type 'string' is not assignable to type 'number'.\n"
            "  1 | console.log('ran');\n"
            "> 2 | const n: number = await shout('x');\n"
            "    |       ^\n"
            "  3 |"
        )
        assert (error.capability, error.value) == ("typecheck", "/main.ts:2:7")
        assert error.hint == "correct the code, or set sandboxes.strict.policies.typecheck to optional"
        # The runtime lives, and nothing of it ran.
        assert await runtime.eval("const s: string = await shout('x'); s") == "X"


async def test_every_place_is_named(strict):
    async with strict.create_runtime(sandbox="strict") as runtime:
        error = await refusal(runtime.eval("".join(f"missing{n};\n" for n in range(30))))
        assert "has 30 type errors" in error.message
        assert "/index.ts:20:1 (TS2304)" in error.message
        assert error.message.endswith("… and 10 more")


async def test_earlier_evaluations_are_known(strict):
    async with strict.create_runtime(sandbox="strict") as runtime:
        await runtime.eval("interface Row { id: number } const rows: Row[] = [{ id: 1 }]; let at = await Promise.resolve(0); function first() { return rows[0]!; }")
        assert await runtime.eval("at = 0; first().id + rows.length") == 2
        assert "TS2551" in (await refusal(runtime.eval("rows.psh({ id: 2 })"))).message
        assert "TS2339" in (await refusal(runtime.eval("first().name"))).message
        # Declared anew with another type, and what was refused declared nothing.
        await runtime.eval("let at = 'text'")
        assert await runtime.eval("at.toUpperCase()") == "TEXT"
        await refusal(runtime.eval("const nowhere: number = 'a'"))
        assert "TS2304" in (await refusal(runtime.eval("nowhere"))).message


async def test_a_session_and_a_branch_know_what_was_declared(strict):
    async with strict.get_namespaced_runtime("a", sandbox="strict") as session:
        await session.eval("const total: number = 3;")
    async with strict.get_namespaced_runtime("a", sandbox="strict") as session:
        assert await session.eval("total.toFixed(1)") == "3.0"
        async with await session.fork("b") as branch:
            await branch.eval("const total = 'mine';")
            assert await branch.eval("total.length") == 4
            assert await session.eval("total.toFixed(0)") == "3"


async def test_modules_are_checked_with_what_they_import(strict):
    async with strict.create_runtime(sandbox="strict") as runtime:
        assert await runtime.eval("import { four } from '@app/good'; import { mode } from '@/env'; export default [four, mode]") == [4, "x"]
        with pytest.raises(ih.GuestError) as caught:
            await runtime.eval("import '@app/bad';")
        assert "/@app/bad.ts:2:26 (TS2345)" in caught.value.message
        assert "> 2 | export const four = half('8');" in caught.value.message
        assert "set sandboxes.strict.policies.typecheck to optional" in caught.value.message
        assert await runtime.eval("await import('@app/bad').then(() => 'ran', (error) => error.message.includes('TS2345'))") is True
        # By path: its types are known to whoever imports it.
        assert "TS2345" in (await refusal(runtime.eval("import { half } from './half'; half('2');", "/@app/main.ts"))).message


async def test_an_app_server_does_not_start(strict):
    good = "serve({ fetch: (request) => new Response(new URL(request.url).pathname) });"
    async with strict.create_app_server(sandbox="strict", source=good) as server:
        answer = await server.handle(ih.Request("GET", "http://localhost/a"))
        assert await answer.response.text() == "/a"
    with pytest.raises(ih.IsolateHostError, match=r"/server\.ts:1:\d+ \(TS2322\)"):
        await strict.create_app_server(sandbox="strict", source="serve({ fetch: (request) => request.url });")


async def test_a_test_file_is_refused(strict):
    async with strict.create_test_runtime(sandbox="strict") as runtime:
        result = await runtime.run("test('a', async () => { expect(await shout('a')).toBe('A') });")
        assert (result.success, result.total) == (True, 1)
        error = await refusal(runtime.run("test('a', () => { expect(1).toBeOne() });", "/a.test.ts"))
        assert "/a.test.ts:1:29 (TS2339)" in error.message or "/a.test.ts:1:29 (TS2551)" in error.message


async def test_functions_of_the_caller(strict):
    tools = {"greet": greet, "ticks": ticks}
    async with strict.create_runtime(sandbox="strict", bindings=ih.Bindings(tools=tools)) as runtime:
        assert await runtime.eval("for await (const tick of ticks()) {} (await greet(1)).length") == 7
    async with strict.create_runtime(sandbox="declared", bindings=ih.Bindings(tools={"greet": greet})) as runtime:
        assert await runtime.eval("await greet('a')") == "hello a"
        assert "TS2345" in (await refusal(runtime.eval("await greet(1)"))).message


async def test_declarations_say_what_an_import_has(strict):
    modules = ih.create_module_resolver().virtual("zod", "export const z = 1").virtual("other", "export const o = 1")
    async with strict.create_runtime(sandbox="declared", bindings=ih.Bindings(modules=modules)) as runtime:
        assert await runtime.eval("import { z } from 'zod'; import { o } from 'other'; export default z + o") == 2
        assert "TS2339" in (await refusal(runtime.eval("import { z } from 'zod'; z.foo"))).message
    assert (await strict.typecheck(code="import { z } from 'zod'; z.toFixed()", sandbox="declared")).success


async def test_what_is_not_required_runs(strict, tmp_path):
    async with strict.create_runtime(sandbox="loose") as runtime:
        assert await runtime.eval("const n: number = 'a'; n") == "a"
    async with strict.create_runtime(sandbox="tried") as runtime:
        assert await runtime.eval("const n: number = 'a'; n") == "a"
    await strict.close()
    log = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(item["sandbox"], item["capability"]) for item in log if item["event"] == "denied"] == [("tried", "typecheck")]


async def test_a_profile_and_limits(strict):
    async with strict.create_runtime(sandbox="profiled") as runtime:
        # The profile knows console; the sandbox does not grant it, which is another matter.
        await runtime.eval("if (false) console.log(await getDirectory('/'))")
        with pytest.raises(ih.LimitExceeded, match="types of up to 200 are checked") as caught:
            await runtime.eval("/".ljust(201, "/"))
        assert "policies.typecheck.max_characters" in (caught.value.hint or "")
        assert await runtime.eval("1") == 1


async def test_hostile_texts_end_the_check_and_not_the_host(strict):
    async with strict.create_runtime(sandbox="strict") as runtime, strict.create_runtime(sandbox="strict") as other:
        with pytest.raises(ih.LimitExceeded, match="1048576 characters"):
            await runtime.eval("x" * (1 << 20))
        deep = "let a: " + "[" * 20_000 + "]" * 20_000
        assert "nested too deeply" in (await refusal(runtime.eval(deep))).message
        results = await asyncio.gather(*(other.eval(f"const v{n}: number = {n}; v{n}") for n in range(10)))
        assert results == list(range(10))


async def test_a_resolver_that_never_answers_holds_nothing_up_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(typedesk, "_SECONDS", 0.2)
    (tmp_path / "host.yaml").write_text("version: 1\nsandboxes: {declared: {policies: {typecheck: required, modules: {}}}}\n")

    async def never(specifier):
        await asyncio.Event().wait()

    modules = ih.create_module_resolver().fallback(never)
    async with (
        ih.create_isolate_host(config=tmp_path / "host.yaml") as host,
        host.create_runtime(sandbox="declared", bindings=ih.Bindings(modules=modules)) as runtime,
    ):
        with pytest.raises(ih.ExecutionTimeout, match="could not be found within"):
            await asyncio.wait_for(runtime.eval("import './x'"), 30)
        assert await runtime.eval("1") == 1


async def test_many_imports_hide_no_error(strict):
    async with strict.create_runtime(sandbox="declared", bindings=ih.Bindings(modules=ih.create_module_resolver())) as runtime:
        code = "".join(f"import 'absent{n}';\n" for n in range(250)) + "const n: number = 'a';"
        assert "has 1 type error" in (await refusal(runtime.eval(code))).message


class Clumsy(Capability):
    reviews = True

    async def review(self, code):
        raise KeyError(code.kind)


class ClumsyPlugin:
    @staticmethod
    @hookimpl
    def isolate_host_create_capability():
        return Clumsy()

    @staticmethod
    @hookimpl
    def isolate_host_is_harmless():
        return True


async def test_code_that_a_plugin_fails_to_review_does_not_run(caplog):
    registry = PluginRegistry()
    registry.register("clumsy", ClumsyPlugin)
    link = EmbeddedLink(Broker(HostConfig(plugins=("clumsy", "console")), registry))
    async with ih.IsolateHost(link, await link.control("hello", {})) as host, host.create_runtime() as runtime:
        with pytest.raises(ih.IsolateHostError, match="could not be reviewed, and does not run"):
            await runtime.eval("globalThis.ran = 1")
    assert "KeyError: 'eval'" in caplog.text


async def test_without_the_policy_nothing_waits_for_a_check(strict):
    async with strict.create_runtime(sandbox="loose") as runtime:
        assert await runtime.eval("undeclared = 1", "/a.js") == 1
