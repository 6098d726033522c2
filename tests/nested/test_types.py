"""Type checks know the module, by both of its names, in every profile."""

from __future__ import annotations

import pytest

import isolate_host as ih

GOOD = """
import { createIsolateHost, createModuleResolver, type TestEvent } from "isolate-host";
const host = createIsolateHost();
const modules = createModuleResolver().virtual("@/a", "export default 1", { static: true }).fallback((specifier) => specifier === "x" ? "" : null);
const child = await host.createRuntime({
  bindings: {
    modules, console: { onEntry: (entry, context) => { const text: string = entry.text + context.runtimeId; } },
    tools: { greet: async (name: string) => "hello " + name, async *ticks() { yield 1 } },
    fetch: async (request, context) => fetch(request, { signal: context.signal }),
  },
  memoryLimitMB: 64, nestedHost: { fetch: "disabled", maxRuntimes: 1 },
});
const n: number = await child.eval("1", { filename: "a.ts" });
const tests = await host.createTestRuntime();
const off: () => void = tests.test.onEvent((event: TestEvent) => { if (event.type === "testEnd") { const s: string = event.test.fullName } });
const passed: number = (await tests.run("")).passed;
const session = await host.getNamespacedRuntime("k");
const reused: boolean = session.reused && (await session.runTests("")).success;
const server = await host.createAppServer({ source: "", webSockets: { onCommand: (command) => command.connectionId } });
const handled = await server.handle(new Request("http://x.test/"));
if (handled.type === "response") { const status: number = handled.response.status } else { await server.ws.open(handled.connectionId) }
const known: boolean = await host.disposeNamespace("k");
await host.close();
export {};
"""


@pytest.mark.parametrize("profile", ["backend", "agent", "browser-test"])
async def test_right_and_wrong_uses(embedded: ih.IsolateHost, profile: str) -> None:
    assert (await embedded.typecheck(code=GOOD, profile=profile)).errors == ()
    forerunner = GOOD.replace('"isolate-host"', '"@ricsam/isolate"')
    assert (await embedded.typecheck(code=forerunner, profile=profile)).errors == ()
    wrong = await embedded.typecheck(
        code="import { createIsolateHost } from 'isolate-host'; await createIsolateHost().createRuntime({ memory: 5 }); createIsolateHost(1).run()",
        profile=profile,
    )
    assert [error.code for error in wrong.errors][:2] == [2353, 2554]
