"""Isolates of an app server are lost, replaced, reloaded."""

import asyncio
import os
import signal

import pytest

import isolate_host as ih
from tests.support.pair import until

COUNTER = """
let n = 0;
serve({ async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/wait") { await ready(); }
  if (pathname === "/spin") while (true) {}
  return new Response(`${++n}`);
} });
"""


def get(path="/", method="GET"):
    return ih.Request(method, f"http://localhost{path}")


async def text(server, request, **options):
    return await (await server.handle(request, **options)).response.text()


async def kill(server):
    for replica in server.replicas.live:
        os.kill((await replica.channel.diagnostics())["pid"], signal.SIGKILL)


@pytest.fixture
async def waiting(serve):
    """A server whose ``/wait`` hangs on a tool: ``server, calls, go``."""
    calls, go = [], asyncio.Event()

    async def ready():
        calls.append(1)
        await go.wait()

    return await serve(COUNTER, tools={"ready": ready}), calls, go


async def test_a_safe_request_survives_the_death_of_its_isolate(waiting):
    server, calls, go = waiting
    requests = [asyncio.create_task(server.handle(get("/wait"))) for _ in range(10)]
    await until(lambda: len(calls) == 10)
    await kill(server)
    await until(lambda: len(calls) == 20)
    go.set()
    answers = [await (await request).response.text() for request in requests]
    assert sorted(map(int, answers)) == list(range(1, 11))
    # Ten requests failed, and one isolate was opened.
    assert server.diagnostics().reloads == 1


async def test_another_request_fails_and_the_server_goes_on(waiting):
    server, calls, _go = waiting
    request = asyncio.create_task(server.handle(get("/wait", "POST")))
    await until(lambda: calls)
    await kill(server)
    with pytest.raises(ih.IsolateHostError) as caught:
        await request
    assert caught.value.code in ("limit-exceeded", "worker-crashed")
    assert await text(server, get()) == "1"
    assert len(calls) == 1


async def test_a_body_that_streams_is_not_sent_twice(serve):
    calls = []
    server = await serve("serve({ async fetch(r) { await note(); return new Response(await r.text()) } })", tools={"note": lambda: calls.append(1)})

    async def body():
        yield b"x"
        await until(lambda: calls)
        await kill(server)
        await asyncio.sleep(30)

    with pytest.raises(ih.IsolateHostError):
        await server.handle(ih.Request("OPTIONS", "http://localhost/", body=body()))
    assert len(calls) == 1


async def test_one_that_spins_is_stopped_and_replaced(serve):
    server = await serve(COUNTER)
    with pytest.raises(ih.ExecutionTimeout):
        await server.handle(get("/spin", "POST"), timeout_s=0.3)
    assert await text(server, get(), timeout_s=20) == "1"


async def test_one_that_spins_under_load_is_found_by_the_limit(serve):
    """Requests go on coming: that must not count as a sign of life."""
    server = await serve(COUNTER, limits=ih.Limits(timeout_s=0.5))
    spinning = asyncio.create_task(server.handle(get("/spin", "POST")))
    others = []
    while not spinning.done():
        others.append(asyncio.create_task(server.handle(get())))
        await asyncio.sleep(0.02)
    with pytest.raises(ih.ExecutionTimeout):
        await spinning
    assert all([(await other).response.status == 200 for other in others])


async def test_a_reload_sees_changed_modules_and_loses_no_request(host):
    version = {"n": 1}
    calls, go = [], asyncio.Event()

    async def ready():
        calls.append(1)
        await go.wait()

    def source():
        return f"serve({{ async fetch(r) {{ if (r.url.endsWith('/wait')) await ready(); return new Response('v{version['n']}') }} }})"

    async with host.create_app_server(source=source, bindings=ih.Bindings(tools={"ready": ready})) as server:
        held = asyncio.create_task(server.handle(get("/wait")))
        await until(lambda: calls)
        version["n"] = 2
        await server.reload("new version", drain_s=20)
        assert await text(server, get()) == "v2"
        go.set()
        assert await (await held).response.text() == "v1"
        # Without patience the old one is cut off, and what is safe is asked again.
        go.clear()
        held = asyncio.create_task(server.handle(get("/wait")))
        await until(lambda: len(calls) == 2)
        version["n"] = 3
        await server.reload()
        go.set()
        assert await (await held).response.text() == "v3"


async def test_a_reload_that_fails_changes_nothing(host):
    state = {"source": "serve({ fetch: () => new Response('old') })"}
    async with host.create_app_server(source=lambda: state["source"]) as server:
        state["source"] = "throw new Error('broken')"
        with pytest.raises(ih.GuestError, match="broken"):
            await server.reload()
        assert await text(server, get()) == "old"


async def test_a_storm_of_reloads(serve):
    server = await serve("serve({ fetch: () => new Response('here') })")
    reloads = [asyncio.create_task(server.reload(f"{number}")) for number in range(8)]
    answers = [await text(server, get()) for _ in range(30)]
    await asyncio.gather(*reloads)
    assert set(answers) == {"here"}
    await until(lambda: not server.replicas._retiring)
    assert len(server.diagnostics().replicas) == 1


async def test_replicas_share_the_work(serve):
    calls, go = [], asyncio.Event()

    async def ready():
        calls.append(1)
        await go.wait()

    server = await serve(COUNTER, replicas=3, tools={"ready": ready})
    requests = [asyncio.create_task(server.handle(get("/wait"))) for _ in range(9)]
    await until(lambda: len(calls) == 9)
    assert [item["load"] for item in server.diagnostics().replicas] == [3, 3, 3]
    go.set()
    answers = [await (await request).response.text() for request in requests]
    assert sorted(answers) == sorted(["1", "2", "3"] * 3)


async def test_dispose_fails_what_waits(waiting):
    server, calls, _ = waiting
    request = asyncio.create_task(server.handle(get("/wait")))
    await until(lambda: calls)
    await server.dispose()
    with pytest.raises(ih.Disposed):
        await request


async def test_too_many_requests_at_once_are_refused(start_host):
    host = await start_host(
        "version: 1\nsandboxes:\n  default:\n    policies: {serve: {requests: 5}}\n"
    )
    async with host.create_app_server(source="serve({ fetch: () => new Promise(() => {}) })") as server:
        waiting = [asyncio.create_task(server.handle(get(), timeout_s=3)) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(ih.LimitExceeded, match="5 requests") as caught:
            await server.handle(get())
        assert caught.value.kind == "requests"
        assert "policies.serve.requests" in caught.value.hint
        for request in waiting:
            request.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
