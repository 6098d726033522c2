"""Attacks with and on nested hosts: bombs, floods, forged orders. The quota holds, neighbours live, and nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import isolate_host as ih
from isolate_host.plugins.nested.plugin import Nested
from isolate_host.testing import make_context
from tests.nested.conftest import IMPORT
from tests.nested.test_property import request

pytestmark = [pytest.mark.adversarial, pytest.mark.timeout(180)]


async def created(host: ih.IsolateHost) -> int:
    link: Any = host._link
    return int((await link.control("diagnostics", {}))["runtimes_created"])


async def test_ten_thousand_creations_at_once(embedded: ih.IsolateHost) -> None:
    """All but the quota are refused at once; no isolate is made for them."""
    async with embedded.create_runtime() as neighbour, embedded.create_runtime() as runtime:
        before = await created(embedded)
        made, refused = await runtime.eval(IMPORT + """
        const kinds = ["createRuntime", "createTestRuntime", "getNamespacedRuntime", "createAppServer"];
        const options = (i) => i % 4 === 3 ? { source: "export default { fetch() {} }" } : {};
        const all = await Promise.allSettled(Array.from({ length: 10000 }, (_, i) => i % 4 === 2
          ? nested.getNamespacedRuntime("k" + i) : nested[kinds[i % 4]](options(i))));
        const names = {};
        for (const { status, reason } of all) { const name = status === "fulfilled" ? "made" : reason.name; names[name] = (names[name] ?? 0) + 1 }
        export default [names.made ?? 0, names];
        """)
        assert made <= 8
        assert refused.keys() <= {"made", "LimitExceeded"}
        assert await created(embedded) - before <= 8
        assert await neighbour.eval("1") == 1


async def test_children_that_make_children(embedded: ih.IsolateHost) -> None:
    """Every runtime of the tree makes as many as it can, again and again."""
    bomb = """
    import { createIsolateHost } from "isolate-host";
    const host = createIsolateHost();
    let made = 0;
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 20 }, async () => {
        try { const child = await host.createRuntime({ bindings: { tools: { bomb: () => bomb() } } }); const more = await child.eval(await bomb()); made += 1 + more }
        catch (error) { if (error.name !== "LimitExceeded" && error.name !== "Disposed") throw error }
      }));
    export default made;
    """
    async with embedded.create_runtime() as neighbour:
        before = await created(embedded)
        async with embedded.create_runtime(bindings={"tools": {"bomb": lambda: bomb}}) as runtime:
            assert await runtime.eval(bomb) == 6
        assert await created(embedded) - before == 7
        assert await neighbour.eval("1") == 1
        assert (await embedded.diagnostics())["runtimes"] == 1


async def test_a_child_that_shouts_at_a_parent_that_does_not_listen(embedded: ih.IsolateHost) -> None:
    """Megabytes of events for a parent that spins: the child is held back, the broker's memory stays, the end is the time limit's."""
    code = IMPORT + """
    const child = await nested.createRuntime({ bindings: { console: { onEntry() {} } } });
    child.events.on("flood", () => {});
    child.eval("setInterval(() => { for (let i = 0; i < 100; i++) __emit('flood', 'x'.repeat(1e5)) }, 0)");
    await child.eval("1");
    while (true);
    """
    before = peak_mb()
    async with embedded.create_runtime() as runtime:
        with pytest.raises((ih.ExecutionTimeout, ih.LimitExceeded)):
            await runtime.eval(code, timeout_s=3)
        assert peak_mb() - before < 250


def peak_mb() -> float:
    for line in Path(f"/proc/{os.getpid()}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("no VmHWM")


async def test_a_parent_that_patches_everything(embedded: ih.IsolateHost) -> None:
    """What a parent does to its own built-ins gives its child nothing, and the host nothing to do."""
    async with embedded.create_runtime() as runtime:
        assert await runtime.eval(IMPORT + """
        const trap = () => { throw new Error("trapped") };
        for (const name of ["push", "map", "forEach", "slice", "values"]) Array.prototype[name] = trap;
        for (const name of ["get", "set", "has", "delete"]) Map.prototype[name] = trap;
        for (const name of ["add", "forEach"]) Set.prototype[name] = trap;
        Object.keys = Object.freeze = Object.create = Reflect.apply = trap;
        Function.prototype.call = Function.prototype.apply = trap;
        Object.defineProperty(Object.prototype, "0", { get: trap, configurable: true });
        const child = await nested.createRuntime({ bindings: { tools: { twice: (n) => 2 * n } } });
        const value = await child.eval("await twice(21)");
        delete Object.prototype[0];
        export default value;
        """) == 42


async def test_a_child_cannot_use_what_belongs_to_another_tree(embedded: ih.IsolateHost) -> None:
    """Handles are closures: text and numbers of another runtime's child open nothing."""
    async with embedded.create_runtime() as one, embedded.create_runtime() as two:
        number = await one.eval(IMPORT + "globalThis.child = await nested.createRuntime(); await child.eval('globalThis.secret = 1'); export default child.id")
        assert await two.eval(IMPORT + f"""
        const child = await nested.createRuntime();
        const fake = Object.create(Object.getPrototypeOf(child), {{ id: {{ value: {number!r} }}, eval: {{ value: child.eval }} }});
        export default await fake.eval("typeof secret");
        """) == "undefined"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 60) | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["kind", "name", "filename", "key"]), inner, max_size=3),
    max_leaves=6,
)
OPS = st.sampled_from([
    "create", "eval", "runTests", "handle", "ws", "emit", "reload", "dispose", "disposeNamespace", "diagnostics", "listen", "watchTests", "x",
])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(OPS, st.lists(JSON | st.integers(0, 3), max_size=6)), max_size=6))
def test_orders_of_a_guest_whose_script_was_taken_over(orders: list[tuple[str, list[Any]]]) -> None:
    """Anything may arrive here: the answer is an error that says so, never one of ours, and nothing is counted as made."""

    async def attack() -> None:
        capability = Nested(request({}, {"memory_mb": 64, "timeout_s": 5}))
        for op, args in orders:
            note = _Note(op, args)
            capability.note(note)  # type: ignore[arg-type]
            with contextlib.suppress(ih.IsolateHostError, TypeError, ValueError, LookupError):
                await capability.call(op, args, make_context("nested", op))
        assert capability.ledger.used == {"runtimes": 0, "servers": 0}
        await capability.aclose()

    asyncio.run(attack())


class _Note:
    def __init__(self, op: str, args: list[Any]) -> None:
        self.op, self._args = op, args

    def peek(self) -> list[Any]:
        return self._args
