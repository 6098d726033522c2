"""Policies of a configuration: who gets the module, what a child has of its parent's sandbox, and what it never has."""

from __future__ import annotations

from typing import Any

import pytest

import isolate_host as ih
from tests.conftest import StartHost
from tests.nested.conftest import IMPORT

YAML = """
version: 1
plugins: [console, crypto, fetch, files, modules, nested, node, serve, tests, tools]
sandboxes:
  full:
    limits: {memory_mb: 96, timeout_s: 20}
    policies:
      console: {}
      crypto: {}
      fetch: {allow: ["https://allowed.test/*"]}
      files: {mounts: [{path: /data, memory: true}]}
      modules: {virtual: {"@own/secret": "export default 'of the policy'"}}
      tests: {}
      tools: {python: {cwd: "os:getcwd"}}
      nested: {max_runtimes: 2, max_memory_mb: 64, max_timeout_s: 5}
  bare:
    policies: {nested: {}, console: {}}
  without:
    policies: {console: {}, nested: false}
  trying:
    policies: {nested: {mode: audit, max_memory_mb: 32}}
"""


async def test_a_sandbox_that_names_it_not_has_no_module(start_host: StartHost) -> None:
    host = await start_host(YAML)
    async with host.create_runtime(sandbox="without") as runtime:
        with pytest.raises(ih.GuestError, match=r"'isolate-host' is not granted: add sandboxes\.without\.policies\.nested"):
            await runtime.eval("import { createIsolateHost } from 'isolate-host'; createIsolateHost()")
    with pytest.raises(ih.PolicyDenied, match="'nested'"):
        await host.create_runtime(sandbox="without", nested_host=ih.NestedHostPolicy())


async def test_a_caller_may_withhold_it(host: ih.IsolateHost) -> None:
    async with host.create_runtime(nested_host=False) as runtime:
        with pytest.raises(ih.GuestError, match="'isolate-host' is not granted: whoever created this runtime withheld nested"):
            await runtime.eval("import { createIsolateHost } from '@ricsam/isolate'; createIsolateHost()")
    async with host.create_runtime(nested_host=True) as runtime:
        assert await runtime.eval("typeof (await import('isolate-host')).createModuleResolver") == "function"


async def test_a_parent_may_withhold_it(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as runtime:
        assert "withheld nested" in await runtime.eval(IMPORT + """
        const child = await nested.createRuntime({ nestedHost: false });
        export default await child.eval("import 'isolate-host'").catch((error) => error.message);
        """)


async def test_a_child_has_none_of_its_parents_powers(start_host: StartHost) -> None:
    """Policies that were granted to the parent do not open anything for a child that its parent does not answer or pass on."""
    host = await start_host(YAML)
    async with host.create_runtime(sandbox="full") as runtime:
        assert await runtime.eval("typeof await cwd()") == "string"
        found = await runtime.eval(IMPORT + """
        const child = await nested.createRuntime();
        const attempt = (code) => child.eval(code).then((value) => ["did", value], (error) => ["failed", error.message]);
        export default {
          tool: await child.eval("typeof cwd"),
          files: await attempt("const d = await getDirectory('/data'); await d.getFileHandle('x', { create: true })"),
          fetch: await attempt("await fetch('https://allowed.test/')"),
          socket: await attempt("new WebSocket('wss://allowed.test/'); 1"),
          modules: await attempt("import x from '@own/secret'; export default x"),
          crypto: await child.eval("crypto.randomUUID().length"),
          node: await attempt("import 'node:path'"),
        };
        """)
    assert found["tool"] == "undefined"
    assert [found[name][0] for name in ("files", "fetch", "modules", "node")] == ["failed"] * 4
    assert found["crypto"] == 36, "what reaches nothing and the sandbox names"
    assert found["socket"][0] == "failed" or found["socket"] == ["did", 1]


async def test_a_child_needs_what_its_sandbox_names(start_host: StartHost) -> None:
    host = await start_host(YAML)
    async with host.create_runtime(sandbox="bare") as runtime:
        with pytest.raises(ih.PolicyDenied, match="does not grant 'tests'") as caught:
            await runtime.eval(IMPORT + "await nested.createTestRuntime()")
        assert caught.value.hint == "add sandboxes.bare.policies.tests"
        # What the parent's own code answers needs no policy: it can do no more than the parent.
        assert await runtime.eval(IMPORT + """
        const child = await nested.createRuntime({ bindings: { tools: { twice: (n) => 2 * n } } });
        export default await child.eval("await twice(21)");
        """) == 42
        server = "await nested.createAppServer({ source: 'export default { fetch: () => new Response() }' })"
        assert await runtime.eval(IMPORT + f"export default (await ({server}).handle(new Request('http://x.test/'))).type") == "response"


async def test_ceilings_of_the_policy(start_host: StartHost) -> None:
    host = await start_host(YAML)
    async with host.create_runtime(sandbox="full") as runtime:
        with pytest.raises(ih.PolicyDenied, match="memoryLimitMB 65 is more than the 64") as caught:
            await runtime.eval(IMPORT + "await nested.createRuntime({ memoryLimitMB: 65 })")
        assert (caught.value.rule, caught.value.capability) == ("sandboxes.full.policies.nested.max_memory_mb", "nested")
        with pytest.raises(ih.LimitExceeded, match=r"have 2 \(max_runtimes\)") as full:
            await runtime.eval(IMPORT + "await Promise.all([1, 2, 3].map(() => nested.createRuntime()))")
        assert full.value.hint == "dispose some first, or raise sandboxes.full.policies.nested.max_runtimes"
    narrowed = ih.NestedHostPolicy(max_runtimes=1, max_memory_mb=500)
    async with host.create_runtime(sandbox="full", nested_host=narrowed) as runtime:
        assert await runtime.eval(IMPORT + """
        const out = [await nested.createRuntime({ memoryLimitMB: 65 }).catch((error) => error.name)];
        await nested.createRuntime({ memoryLimitMB: 64 });
        export default [...out, await nested.createRuntime().catch((error) => error.name)];
        """) == ["PolicyDenied", "LimitExceeded"]
    with pytest.raises(ih.PolicyDenied, match="fetch=inherit"):
        await host.create_runtime(sandbox="full", nested_host=ih.NestedHostPolicy(fetch="inherit"))


async def test_audit_lets_a_request_pass_and_gives_no_more(start_host: StartHost) -> None:
    host = await start_host(YAML)
    async with host.create_runtime(sandbox="trying") as runtime:
        assert await runtime.eval(IMPORT + """
        const child = await nested.createRuntime({ memoryLimitMB: 64 });
        export default await child.eval("const all = []; while (true) all.push(new Array(1e5).fill(1))").catch((error) => error.name);
        """) == "LimitExceeded"


async def test_sessions_are_the_parents_own(host: ih.IsolateHost) -> None:
    """A guest that names another one's session gets nothing, and disposing it does nothing."""
    take = IMPORT + """
    const session = await nested.getNamespacedRuntime(KEY);
    export default [session.reused, await session.eval("typeof secret")];
    """
    async with host.create_runtime() as one, host.create_runtime() as two, host.get_namespaced_runtime("shared") as own:
        await own.eval("globalThis.secret = 'of the client'")
        await one.eval(IMPORT + "const s = await nested.getNamespacedRuntime('shared'); await s.eval('globalThis.secret = 1'); await s.dispose();")
        scopes = ["shared", f"\0runtime:{one.id}\0shared", f"runtime:{one.id}:shared", f"{one.id}/shared"]
        for key in scopes:
            code = f"const KEY = {key!r};\n".replace("\\x00", "\\0") + take
            assert await two.eval(code) == [False, "undefined"], key
            assert await two.eval("import { createIsolateHost } from 'isolate-host'; await createIsolateHost().disposeNamespace('shared');") is None
        assert await one.eval("const KEY = 'shared';\n" + take) == [True, "number"], "the other one's dispose reached it"
        assert await own.eval("secret") == "of the client"


async def test_nested_identity_does_not_reach_the_clients_sessions(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("mine") as own:
        async with host.create_runtime() as runtime:
            assert await runtime.eval(IMPORT + "export default await nested.disposeNamespace('mine')") is False
        assert await own.eval("1") == 1


async def test_a_rule_about_code_holds_for_children(host_from_yaml: Any) -> None:
    """Who must check its types before it runs cannot have a child run what does not check."""
    yaml = "version: 1\nsandboxes: {default: {policies: {nested: {}, typecheck: {}}}}\n"
    async with host_from_yaml(yaml) as host, host.create_runtime() as runtime:
        wrong = "const text: string = 5; text"
        with pytest.raises(ih.PolicyDenied, match="1 type error"):
            await runtime.eval(wrong)
        assert await runtime.eval(IMPORT + f"""
        const child = await nested.createRuntime();
        export default [await child.eval({wrong!r}).catch((error: Error) => error.name), await child.eval("1 + 1")];
        """) == ["PolicyDenied", 2]
