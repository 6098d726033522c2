"""``server.handle``: requests from Python to handlers in an isolate, embedded and over a daemon."""

import asyncio
import json

import pytest

import isolate_host as ih
from tests.support.pair import until


def get(path="/", method="GET", **fields):
    return ih.Request(method, f"http://localhost{path}", **fields)


async def text(server, request, **options):
    return await (await server.handle(request, **options)).response.text()


async def test_a_response_with_status_headers_and_body(serve):
    server = await serve(
        """serve({ fetch(request) {
             const headers = new Headers({ "x-method": request.method });
             headers.append("set-cookie", "a=1"); headers.append("set-cookie", "b=2");
             return new Response(request.headers.get("accept"), { status: 201, statusText: "Made", headers });
        } })"""
    )
    served = await server.handle(get("/hello", headers={"Accept": "text/html"}))
    assert (served.type, served.response.status, served.response.status_text) == ("response", 201, "Made")
    assert served.response.headers["X-Method"] == "GET"
    assert served.response.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert await served.response.text() == "text/html"


@pytest.mark.parametrize(
    "source",
    [
        "serve({ fetch: () => new Response('here') })",
        "export default { fetch() { return new Response('here') } }",
        "class App { #text = 'here'; fetch = () => new Response(this.#text) }\nexport default new App()",
        "class App { #text = 'here'; fetch() { return new Response(this.#text) } }\nexport default new App()",
        "await null; serve({ fetch: async () => { await null; return new Response('here') } })",
        "serve({ fetch: () => new Response('there') }); serve({ fetch: () => new Response('here') })",
    ],
)
async def test_ways_to_register(serve, source):
    assert await text(await serve(source), get()) == "here"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("export const nothing = 1", "no request handler"),
        ("export default 7", "no request handler"),
        ("serve({})", "must be an object with a function 'fetch'"),
        ("throw new RangeError('at the start')", "at the start"),
        ("syntax error", "SyntaxError|Unexpected"),
        ("serve({ fetch() {}, websocket: 1 })", "'websocket' must be"),
    ],
)
async def test_a_program_that_does_not_start(host, source, message):
    with pytest.raises(ih.GuestError, match=message):
        await host.create_app_server(source=source)
    assert host.diagnostics().servers == 0
    assert (await host.diagnostics())["runtimes"] == 0


async def test_an_entry_of_the_module_resolver(host):
    modules = ih.create_module_resolver().virtual("/app/main.ts", "import { word } from './word.ts'; export default { fetch: () => new Response(word) }")
    modules.virtual("/app/word.ts", "export const word: string = 'typed'")
    async with host.create_app_server(entry="main.ts", cwd="/app", bindings=ih.Bindings(modules=modules)) as server:
        assert await text(server, get()) == "typed"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_537, 1_048_577, 5_000_000])
async def test_bodies_come_back_exact(serve, size):
    server = await serve("serve({ async fetch(r) { return new Response(await r.arrayBuffer()) } })")
    data = bytes(i * 7 & 0xFF for i in range(size % 251)) + b"\xff" * (size - size % 251)
    assert await (await server.handle(get(method="POST", body=data))).response.read() == data


async def test_streams_both_ways_first_byte_before_the_last(serve):
    server = await serve("serve({ fetch: (r) => new Response(r.body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream())) })")
    turn = asyncio.Event()

    async def body():
        yield b"one"
        await turn.wait()
        yield "zwöi".encode()

    served = await server.handle(get(method="POST", body=body()))
    chunks = served.response.iter_bytes()
    assert await anext(chunks) == b"one"
    turn.set()
    assert b"".join([chunk async for chunk in chunks]).decode() == "zwöi"


async def test_a_slow_reader_stops_the_producer(serve):
    server = await serve(
        """let made = 0;
        serve({ fetch(r) {
          if (r.url.endsWith("/made")) return Response.json(made);
          return new Response(new ReadableStream({ pull(c) { made += 65536; c.enqueue(new Uint8Array(65536)); } }));
        } })"""
    )
    served = await server.handle(get("/endless"))
    chunks = served.response.iter_bytes()
    await anext(chunks)
    await asyncio.sleep(0.2)
    made = json.loads(await text(server, get("/made")))
    assert made < 2_000_000
    await chunks.aclose()


async def test_cancelling_a_response_reaches_stream_and_signal(serve):
    lines = []
    server = await serve(
        """serve({ fetch(r) {
          r.signal.addEventListener("abort", () => console.log("signal " + r.signal.reason.name));
          return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(10_000)); }, cancel() { console.log("stream"); } }));
        } })""",
        console=lambda entry: lines.append(entry.text),
    )
    for _ in range(20):
        await (await server.handle(get())).response.cancel()
    await until(lambda: len(lines) == 40)
    assert sorted(set(lines)) == ["signal AbortError", "stream"]
    assert server.diagnostics().replicas[0]["load"] == 0


async def test_an_abort_reaches_the_guest_and_its_host_calls(serve):
    lines, contexts = [], []

    async def slow(ctx: ih.HostCallContext):
        contexts.append(ctx)
        await ctx.signal.wait()

    server = await serve(
        "serve({ async fetch(r) { r.signal.onabort = () => console.log(String(r.signal.reason)); await slow(); } })",
        console=lambda entry: lines.append(entry.text), tools={"slow": slow},
    )
    controller = ih.AbortController()
    waiting = asyncio.create_task(server.handle(get(), signal=controller.signal))
    await until(lambda: contexts)
    controller.abort("enough")
    with pytest.raises(ih.Aborted, match="enough"):
        await waiting
    await until(lambda: lines and contexts[0].signal.aborted)
    assert lines == ["enough"]
    # A task that is cancelled is an abort as well.
    waiting = asyncio.create_task(server.handle(get()))
    await until(lambda: len(contexts) == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: contexts[1].signal.aborted)
    await until(lambda: server.diagnostics().replicas[0]["load"] == 0)


async def test_identity_reaches_every_host_call(serve):
    seen = []

    async def who(ctx: ih.HostCallContext):
        seen.append((ctx.request_id, dict(ctx.metadata)))
        await asyncio.sleep(0.01)
        return ctx.request_id

    logged = []
    server = await serve(
        """serve({ async fetch(r) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          const [a, b] = await Promise.all([who(), (async () => { await null; return who(); })()]);
          console.log("done");
          return Response.json([a, b]);
        } })""",
        tools={"who": who}, console=lambda entry, ctx: logged.append(ctx.request_id),
    )

    async def one(number):
        return await (await server.handle(get(), request_id=f"r{number}", metadata={"tenant": number})).response.json()

    answers = await asyncio.gather(*(one(number) for number in range(50)))
    assert answers == [[f"r{number}"] * 2 for number in range(50)]
    assert sorted(logged) == sorted(f"r{number}" for number in range(50))
    assert all(metadata == {"tenant": int(name[1:])} for name, metadata in seen)
    # Outside of a request there is none.
    assert await (await server.handle(get())).response.json() == [None, None]


async def test_a_deadline_ends_the_request_and_not_the_server(serve):
    lines = []
    server = await serve(
        "serve({ async fetch(r) { if (r.url.endsWith('/slow')) { r.signal.onabort = () => console.log(r.signal.reason.name); await new Promise(() => {}); } return new Response('ok') } })",
        console=lambda entry: lines.append(entry.text),
    )
    slow = asyncio.create_task(server.handle(get("/slow"), timeout_s=0.3))
    assert await text(server, get("/fast")) == "ok"
    with pytest.raises(ih.ExecutionTimeout):
        await slow
    await until(lambda: lines)
    assert lines == ["TimeoutError"]
    assert await text(server, get("/fast")) == "ok"
    assert server.diagnostics().reloads == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "must return a Response, not undefined"),
        ("return 7", "must return a Response, not a number"),
        ("return { status: 200 }", "must return a Response, not another object"),
        ("throw 'text'", "text"),
        ("throw new RangeError('no')", "no"),
        ("const r = new Response('x'); await r.text(); return r", "was used already"),
        ("return Response.error()", "Response.error"),
        ("return new Proxy(new Response('x'), {})", "."),
    ],
)
async def test_a_handler_that_answers_wrongly(serve, body, error):
    server = await serve(f"serve({{ async fetch(request) {{ if (request.url.endsWith('/ok')) return new Response('ok'); {body} }} }})")
    with pytest.raises(ih.GuestError, match=error):
        await server.handle(get())
    assert await text(server, get("/ok")) == "ok"


@pytest.mark.parametrize("status", [204, 205, 304])
async def test_statuses_without_a_body(serve, status):
    server = await serve(f"serve({{ fetch: () => new Response(null, {{ status: {status} }}) }})")
    response = (await server.handle(get())).response
    assert (response.status, await response.read()) == (status, b"")


async def test_head_has_no_body_and_stops_the_stream(serve):
    lines = []
    server = await serve(
        "serve({ fetch: () => new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(9)) }, cancel() { console.log('stopped') } })) })",
        console=lambda entry: lines.append(entry.text),
    )
    assert await (await server.handle(get(method="HEAD"))).response.read() == b""
    await until(lambda: lines == ["stopped"])


async def test_a_form_with_a_file(serve):
    server = await serve(
        "serve({ async fetch(r) { const f = (await r.formData()).get('doc'); return Response.json([f.name, f.type, await f.text()]) } })"
    )
    body = b'--b\r\nContent-Disposition: form-data; name="doc"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n'
    request = get(method="POST", headers={"content-type": "multipart/form-data; boundary=b"}, body=body)
    assert await (await server.handle(request)).response.json() == ["a.txt", "text/plain", "hello"]


async def test_background_work_is_waited_for_by_a_reload(serve):
    lines = []
    server = await serve(
        """let n = 0;
        serve({ fetch(r, server) {
          server.waitUntil(new Promise((resolve) => setTimeout(() => { console.log("background"); resolve(); }, 200)));
          return new Response("at once");
        } })""",
        console=lambda entry: lines.append(entry.text),
    )
    assert await text(server, get()) == "at once"
    assert lines == []
    await server.reload("new code", drain_s=10)
    await until(lambda: lines == ["background"])


async def test_background_work_is_bounded(serve):
    server = await serve("serve({ fetch(r, server, ctx) { for (let i = 0; i < 2000; i++) ctx.waitUntil(new Promise(() => {})); return new Response('') } })")
    with pytest.raises(ih.GuestError, match="more than 1000"):
        await server.handle(get())


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"request_id": 7}, TypeError),
        ({"request_id": "x" * 300}, ValueError),
        ({"metadata": []}, TypeError),
        ({"metadata": {"a": object()}}, ih.MarshalError),
        ({"metadata": {"a": "x" * 20_000}}, ih.MarshalError),
        ({"timeout_s": -1}, ValueError),
        ({"signal": "no"}, TypeError),
    ],
)
async def test_bad_arguments_are_told_at_once(serve, options, error):
    server = await serve("serve({ fetch: () => new Response('') })")
    with pytest.raises(error):
        await server.handle(get(), **options)
    with pytest.raises(TypeError):
        await server.handle("http://localhost/")
    with pytest.raises(ih.GuestError, match="URL|url"):
        await server.handle(ih.Request("GET", "/relative"))


async def test_the_counts_of_the_host_fall_again(host):
    async with host.create_app_server(source="serve({ fetch: () => new Response('') })", replicas=2) as server:
        assert host.diagnostics().servers == 1
        assert len(server.diagnostics().replicas) == 2
        assert server.diagnostics().state == "idle"
    assert host.diagnostics().servers == 0
    await until(lambda: server.diagnostics().state == "disposed")


async def test_after_dispose_a_request_starts_it_anew(serve):
    server = await serve("let n = 0; serve({ fetch: () => new Response(`${++n}`) })")
    assert await text(server, get()) == "1"
    assert await text(server, get()) == "2"
    await server.dispose()
    assert await text(server, get()) == "1"


async def test_a_script_runtime_may_not_be_asked(host):
    """The client's own link: calls pass only to what a capability opens for its client."""
    async with host.create_runtime() as runtime:
        with pytest.raises(ih.IsolateHostError):
            await runtime._session.endpoint.call("console", "anything")
