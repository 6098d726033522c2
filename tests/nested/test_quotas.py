"""How many, how large, how long: quotas of the whole tree, refused before anything is created."""

from __future__ import annotations

import pytest

import isolate_host as ih
from tests.nested.conftest import IMPORT, Parent

FULL = (
    "a nested host may have {} (max_runtimes) in its whole tree, and this would be number {}"
    " (dispose some first, or raise policies.nested.max_runtimes)"
)
ABOVE = "{} {} is more than the {} that a child may have here (ask for less, or raise policies.nested.{} and the parent's own limit)"


def policy(**values: object) -> ih.NestedHostPolicy:
    return ih.NestedHostPolicy(**values)  # type: ignore[arg-type]


async def test_runtimes(parent: Parent, host: ih.IsolateHost) -> None:
    before = (await host.diagnostics())["runtimes_created"]
    assert await parent("""
    const made = [await nested.createRuntime(), await nested.createTestRuntime()];
    const third = await nested.getNamespacedRuntime("k").catch((error) => [error.name, error.message]);
    await made[0].dispose();
    const after = await nested.createRuntime();
    export default [third, await after.eval("1"), (await nested.diagnostics()).tree];
    """, nested_host=policy(max_runtimes=2)) == [
        ["LimitExceeded", FULL.format(2, 3)],
        1, {"runtimes": 2, "servers": 0},
    ]
    assert (await host.diagnostics())["runtimes_created"] == before + 4, "what was refused was created"


async def test_app_servers_and_the_total(parent: Parent) -> None:
    assert await parent("""
    const source = "serve({ fetch: () => new Response('x') })";
    const server = await nested.createAppServer({ source });
    const second = await nested.createAppServer({ source }).catch((error) => error.message);
    await server.reload();
    const runtime = await nested.createRuntime();
    const total = await nested.createRuntime().catch((error) => error.message);
    await server.dispose();
    const again = await nested.createAppServer({ source });
    export default [second.includes("1 (max_app_servers)"), total.includes("2 (max_total_resources)"), (await nested.diagnostics()).tree];
    """, nested_host=policy(max_app_servers=1, max_total_resources=2)) == [True, True, {"runtimes": 1, "servers": 1}]


async def test_sessions_that_wait_count(parent: Parent) -> None:
    assert await parent("""
    for (const key of ["a", "b"]) await (await nested.getNamespacedRuntime(key)).dispose();
    const third = await nested.getNamespacedRuntime("c").catch((error) => error.name);
    const back = await nested.getNamespacedRuntime("a");
    await nested.disposeNamespace("b");
    const now = await nested.getNamespacedRuntime("c");
    export default [third, back.reused, now.reused, (await nested.diagnostics()).tree.runtimes];
    """, nested_host=policy(max_runtimes=2)) == ["LimitExceeded", True, False, 2]


async def test_the_whole_tree_counts_at_any_depth(parent: Parent) -> None:
    """Each level makes one more, until the quota of the first ends it."""
    assert await parent("""
    const code = `
      import { createIsolateHost } from "isolate-host";
      let depth = 0;
      try {
        const child = await createIsolateHost().createRuntime({ bindings: { tools: { code: () => code() } } });
        depth = 1 + await child.eval(await code());
      } catch (error) { if (error.name !== "LimitExceeded") throw error }
      export default depth;`;
    const child = await nested.createRuntime({ bindings: { tools: { code: () => code } } });
    const depth = 1 + await child.eval(code);
    const other = await nested.createRuntime().catch((error) => error.message);
    await child.dispose();
    export default [depth, other.includes("number 6"), (await nested.diagnostics()).tree.runtimes, await (await nested.createRuntime()).eval("1")];
    """, nested_host=policy(max_runtimes=5)) == [5, True, 0, 1]


async def test_a_child_may_narrow_its_own_children_only(parent: Parent) -> None:
    assert await parent("""
    const make = (policy) => `
      import { createIsolateHost } from "isolate-host";
      const host = createIsolateHost();
      const out = [];
      for (const options of ${JSON.stringify(policy)}) out.push(await host.createRuntime(options).then(() => "made", (error) => error.message));
      export default out;`;
    const child = await nested.createRuntime({ memoryLimitMB: 64, executionTimeout: 10000, nestedHost: { maxRuntimes: 1, maxMemoryLimitMB: 48 } });
    export default await child.eval(make([{ memoryLimitMB: 49 }, { executionTimeout: 10001 }, { nestedHost: { maxRuntimes: 2 } }, {}, {}]));
    """) == [
        ABOVE.format("memoryLimitMB", 49, 48, "max_memory_mb"),
        ABOVE.format("executionTimeout", 10001, 10000, "max_timeout_s"),
        "nested max_runtimes=2 is more than the 1 that is allowed here (raise policies.nested.max_runtimes, or ask for less)",
        "made", FULL.format(1, 2),
    ]


async def test_what_is_left_out_is_what_is_allowed(host: ih.IsolateHost) -> None:
    """The ceilings of the policy, or the parent's own limits where those are lower."""
    code = IMPORT + """
    const child = await nested.createRuntime();
    export default await child.eval("while (true);").catch((error) => error.message);
    """
    async with host.create_runtime(nested_host=policy(max_timeout_s=0.3)) as runtime:
        assert "0.3" in await runtime.eval(code)
    limits = ih.Limits(timeout_s=60, memory_mb=32)
    async with host.create_runtime(limits=limits, nested_host=policy(max_timeout_s=0.3)) as runtime:
        assert "32" in await runtime.eval(IMPORT + """
        const error = await nested.createRuntime({ memoryLimitMB: 33 }).catch((error) => error.message);
        export default error;
        """)


async def test_an_app_server_lives_so_long(host: ih.IsolateHost) -> None:
    async with host.create_runtime(nested_host=policy(max_app_server_lifetime_s=0.2)) as runtime:
        assert await runtime.eval(IMPORT + """
        const server = await nested.createAppServer({ source: "serve({ fetch: () => new Promise(() => {}) })" });
        export default await server.handle(new Request("http://x.test/")).catch((error) => error.name);
        """) == "Disposed"
        assert await runtime.eval("""
        import { createIsolateHost } from 'isolate-host';
        const host = createIsolateHost();
        // A place is free when the process is gone, a moment after its callers were told.
        while ((await host.diagnostics()).tree.servers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        export default "free";
        """) == "free"


@pytest.mark.parametrize("value", [0, -1, 1.5, True, float("nan")])
def test_quotas_of_nothing_are_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError), match="max_runtimes"):
        policy(max_runtimes=value)
