"""``WebSocket`` as guest code sees it, over both links, under a policy."""

import asyncio

import pytest
from aiohttp import WSCloseCode, WSMsgType, web

from tests.support.sockets import runtime_for


async def echo(request):
    ws = web.WebSocketResponse(protocols=["chat", "other"], max_msg_size=0)
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT and message.data.startswith("close "):
            _, code, reason = message.data.split(" ")
            await ws.close(code=int(code), message=reason.encode())
        elif message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


@pytest.fixture
async def site(serve):
    seen = {"closed": asyncio.Event(), "code": None, "headers": None, "read": 0, "sent": 0}

    async def watched(request):
        seen["headers"] = dict(request.headers)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str("hello")
        try:
            async for message in ws:
                seen["read"] += len(message.data)
        finally:
            seen["code"] = ws.close_code
            seen["closed"].set()
        return ws

    async def burst(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for number in range(200):
            await ws.send_str(str(number))
        await ws.close()
        return ws

    async def flood(request):
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        try:
            while seen["sent"] < 200:
                await ws.send_bytes(bytes(256 * 1024))
                seen["sent"] += 1
        finally:
            seen["closed"].set()
        return ws

    async def large(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_bytes(bytes(2 * 1024 * 1024))
        await ws.receive()
        seen["code"] = ws.close_code
        seen["closed"].set()
        return ws

    async def deaf(request):
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        request.transport.pause_reading()
        try:
            await asyncio.sleep(30)
        finally:
            seen["closed"].set()

    async def gone(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.receive()
        request.transport.abort()
        return ws

    async def refused(_request):
        return web.Response(status=403)

    routes = {"GET /echo": echo, "GET /watched": watched, "GET /burst": burst, "GET /flood": flood, "GET /large": large, "GET /deaf": deaf, "GET /gone": gone, "GET /refused": refused}  # fmt: skip
    port = await serve(routes)
    return {"port": port, "url": f"ws://127.0.0.1:{port}", **seen, "seen": seen}


@pytest.fixture
async def runtime(start_host, site):
    return await runtime_for(start_host, site["port"])


async def test_messages_of_every_kind_come_back(runtime):
    code = """
    const {ws, opened, closed} = socket("/echo");
    const got = [];
    const all = new Promise((resolve) => { ws.onmessage = (e) => { got.push(e.data); if (got.length === 6) resolve(); }; });
    const before = [ws.readyState, ws.binaryType, ws.protocol, ws.url, ws.bufferedAmount];
    await opened;
    ws.binaryType = "arraybuffer"; ws.binaryType = "nonsense";
    const bytes = new Uint8Array([9, 1, 2, 3]).subarray(1);
    ws.send("é\\u{1F600}"); ws.send(bytes); ws.send(bytes.buffer); ws.send(new DataView(bytes.buffer, 2)); ws.send(new Blob(["blob"])); ws.send(5);
    bytes[0] = 77;
    const buffered = ws.bufferedAmount;
    await all;
    const after = ws.bufferedAmount;
    ws.close(3001, "bye");
    const event = await closed;
    ({before, buffered, after, got: got.map(x => typeof x === "string" ? x : [...new Uint8Array(x)]), close: [event.code, event.reason, event.wasClean, event.isTrusted, ws.readyState]})
    """
    value = await runtime.eval(code)
    assert value["before"][:3] == [0, "blob", ""]
    assert value["before"][4] == 0
    assert (value["buffered"], value["after"]) == (6 + 3 + 4 + 2 + 4 + 1, 0)
    assert value["got"] == ["é\U0001f600", [1, 2, 3], [9, 1, 2, 3], [2, 3], [98, 108, 111, 98], "5"]
    # aiohttp's server answers with a code of its own and without the reason.
    assert value["close"][2:] == [True, True, 3]


async def test_blobs_are_the_default(runtime):
    code = "const {ws, opened, message} = socket('/echo'); await opened; ws.send(new Uint8Array([104, 105])); const {data, origin} = await message; [data instanceof Blob, await data.text(), origin]"
    value = await runtime.eval(code)
    assert value[:2] == [True, "hi"]
    assert value[2].startswith("ws://127.0.0.1:")


async def test_a_subprotocol_is_agreed_on(runtime):
    assert await runtime.eval("const a = socket('/echo', ['nope', 'chat']); await a.opened; a.ws.protocol") == "chat"
    assert await runtime.eval("const b = socket('/echo', ['nope']); await b.closed; b.log") == [["error", "the server did not accept the WebSocket: it chose none of the subprotocols"], ["close", 1006, "", False]]


async def test_the_server_closes(runtime):
    assert await runtime.eval("const a = socket('/echo'); await a.opened; a.ws.send('close 4001 enough'); await a.closed; a.log") == [["open"], ["close", 4001, "enough", True]]


async def test_a_code_goes_to_the_server(runtime, site):
    await runtime.eval("const a = socket('/watched'); await a.message; a.ws.send('12345'); a.ws.close(4123, 'why'); await a.closed; undefined")
    await asyncio.wait_for(site["closed"].wait(), 5)
    assert (site["seen"]["code"], site["seen"]["read"]) == (4123, 5)
    headers = site["seen"]["headers"]
    assert headers["User-Agent"] == "isolate-host"
    assert not {"Origin", "Cookie", "Accept-Encoding"} & set(headers)


async def test_each_message_is_a_task_of_its_own(runtime):
    code = """
    const {ws} = socket("/burst");
    const next = async () => { const e = await new Promise((resolve) => { ws.onmessage = resolve; }); await null; await null; return e.data; };
    const seen = [];
    while (seen.length < 200) seen.push(+(await next()));
    seen.every((n, i) => n === i)
    """
    assert await runtime.eval(code) is True


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new WebSocket()", "TypeError"), ("WebSocket('ws://x')", "TypeError"),
        ("new WebSocket('/relative')", "SyntaxError"), ("new WebSocket('ftp://x')", "SyntaxError"), ("new WebSocket('ws://x/#f')", "SyntaxError"),
        ("new WebSocket(site, ['a', 'a'])", "SyntaxError"), ("new WebSocket(site, ['a', 'A'])", "SyntaxError"), ("new WebSocket(site, 'a b')", "SyntaxError"), ("new WebSocket(site, '')", "SyntaxError"), ("new WebSocket(site, ['a\\r\\nX: y'])", "SyntaxError"),
        ("new WebSocket(site + '/echo').send('x')", "InvalidStateError"), ("new WebSocket(site + '/echo').close(1001)", "InvalidAccessError"), ("new WebSocket(site + '/echo').close(2999)", "InvalidAccessError"),
        ("new WebSocket(site + '/echo').close(1000, 'é'.repeat(62))", "SyntaxError"), ("WebSocket.prototype.readyState", "TypeError"),
    ],
)  # fmt: skip
async def test_wrong_use(runtime, code, name):
    assert await runtime.eval(f"let name = 'none'; try {{ {code} }} catch (error) {{ name = error.name }} name") == name


async def test_the_interface(runtime):
    code = """
    ({keys: Object.keys(WebSocket.prototype), constants: [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.prototype.CLOSED], length: WebSocket.length,
      tag: String(WebSocket.prototype), http: [new WebSocket(site.replace("ws:", "http:") + "/echo").url.slice(0, 5), new WebSocket("https://127.0.0.1").url], base: Object.getPrototypeOf(WebSocket) === EventTarget})
    """
    value = await runtime.eval(code)
    assert set(value.pop("keys")) == {"url", "readyState", "bufferedAmount", "extensions", "protocol", "close", "binaryType", "send", "onopen", "onerror", "onclose", "onmessage", "CONNECTING", "OPEN", "CLOSING", "CLOSED"}  # fmt: skip
    assert value == {"constants": [0, 1, 2, 3, 3], "length": 1, "tag": "[object WebSocket]", "http": ["ws://", "wss://127.0.0.1/"], "base": True}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/refused", "the server did not accept the WebSocket: it answered 403"),
        ("/secret", "GET {url}/secret is denied by sandboxes.default.policies.fetch.deny"),
    ],
)
async def test_what_is_refused(runtime, site, path, message):
    log = await runtime.eval(f"const a = socket('{path}'); await a.closed; [a.log, a.ws.readyState]")
    assert log[0][0][1].startswith(message.format(url=site["url"]))
    assert [log[0][0][0], *log[0][1:], log[1]] == ["error", ["close", 1006, "", False], 3]


async def test_without_a_grant_it_says_which_key_is_missing(start_host, site):
    runtime = await runtime_for(start_host, site["port"], sandbox="none")
    code = "const e = await new Promise((resolve) => { new WebSocket(site).onerror = resolve; }); [e instanceof ErrorEvent, e.error.code, e.error.message, String(e.error.hint ?? '')]"
    value = await runtime.eval(code)
    assert value[:2] == [True, "policy-denied"]
    assert "fetch.connect is not granted" in value[2]


async def test_closing_while_connecting(runtime):
    log = await runtime.eval("const a = socket('/echo'); a.ws.close(); const state = a.ws.readyState; await a.closed; [state, a.log.map(x => x[0]), a.ws.readyState]")
    assert log == [2, ["error", "close"], 3]


async def test_sockets_are_counted(runtime):
    code = """
    const open = [1, 2, 3].map(() => socket("/echo")); await Promise.all(open.map(x => x.opened));
    const fourth = socket("/echo"); await fourth.closed;
    open[0].ws.close(); await open[0].closed;
    const fifth = socket("/echo"); await fifth.opened;
    [fourth.log[0], fifth.ws.readyState]
    """
    refused, state = await runtime.eval(code)
    assert refused == ["error", "3 WebSockets are open (close some, or raise sandboxes.default.policies.fetch.max_websockets)"]
    assert state == 1


async def test_a_connection_that_breaks(runtime):
    assert await runtime.eval("const a = socket('/gone'); await a.opened; a.ws.send('x'); await a.closed; a.log") == [["open"], ["error", "WebSocket: the connection was lost"], ["close", 1006, "", False]]


async def test_too_long_a_message_ends_the_connection(runtime, site):
    log = await runtime.eval("const a = socket('/large'); await a.closed; a.log")
    assert [item[0] for item in log] == ["open", "error", "close"]
    assert log[2] == ["close", 1006, "", False]
    await asyncio.wait_for(site["closed"].wait(), 5)
    assert site["seen"]["code"] == WSCloseCode.MESSAGE_TOO_BIG
    log = await runtime.eval("const b = socket('/echo'); await b.opened; b.ws.send(new Uint8Array(2 ** 20 + 1)); await b.closed; b.log")
    assert log[1][1].startswith("a message has more than 1048576 bytes")


async def test_a_guest_that_does_not_listen_stops_the_server(runtime, site):
    """A busy guest takes nothing: the server gets no further than the buffers between them."""
    await runtime.eval("globalThis.a = socket('/flood'); await a.opened; globalThis.stop = false; undefined")
    # Each message keeps the guest busy until the host says otherwise, so that no further ones are asked for.
    busy = asyncio.ensure_future(runtime.eval("const until = Date.now() + 700; while (Date.now() < until); a.log.length"))
    last = -1
    while not busy.done():
        last = site["seen"]["sent"]
        await asyncio.sleep(0.05)
    await busy
    assert last < 100
    await runtime.eval("a.ws.close(); await a.closed; undefined")


async def test_a_server_that_does_not_read_stops_the_guest_only(runtime, site):
    code = "const a = socket('/deaf'); await a.opened; for (let i = 0; i < 60; i++) a.ws.send(new Uint8Array(2 ** 20)); await new Promise(r => setTimeout(r, 300)); globalThis.a = a; a.ws.bufferedAmount > 20 * 2 ** 20"
    assert await runtime.eval(code) is True
    # A server that reads nothing does not see the end either; the runtime ends all the same.
    await asyncio.wait_for(runtime.dispose(), 5)


async def test_the_end_of_the_runtime_closes_its_sockets(runtime, site):
    await runtime.eval("globalThis.a = socket('/watched'); await a.message; undefined")
    await runtime.dispose()
    await asyncio.wait_for(site["closed"].wait(), 5)


# ── the host side alone: what a guest could send past its own script ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("connect", ["http://127.0.0.1/", []]), ("connect", ["ws://127.0.0.1/#x", []]), ("connect", [5, []]), ("connect", ["ws://127.0.0.1/", "chat"]), ("connect", ["ws://127.0.0.1/", ["a\r\nX: y"]]),
        ("connect", ["ws://127.0.0.1/", ["a", "a"]]), ("connect", []), ("receive", [1]), ("receive", [True]), ("receive", ["1"]), ("send", [1, ["x"]]), ("close", [1, 1000, ""]), ("nonsense", []),
    ],
)  # fmt: skip
async def test_hostile_calls(capability, op, args):
    driver = capability("fetch", {"allow": ["*://*:*"], "private_addresses": "allow"})
    with pytest.raises((TypeError, ValueError, LookupError)):
        await driver.call(op, *args)
    await driver.capability.aclose()


@pytest.mark.parametrize(("op", "rest"), [("send", ["x"]), ("send", [[5]]), ("send", [None]), ("close", [1001, ""]), ("close", [1000, 5]), ("close", [True, ""]), ("close", [1000, "x" * 124])])
async def test_hostile_arguments_for_an_open_socket(capability, site, op, rest):
    driver = capability("fetch", {"allow": ["*://*:*"], "private_addresses": "allow"})
    number = (await driver.call("connect", site["url"] + "/echo", []))["id"]
    with pytest.raises(TypeError):
        await driver.call(op, number, *rest)
    await driver.call("send", number, ["still here"])
    assert (await driver.call("receive", number))["messages"] == ["still here"]
    await driver.capability.aclose()


async def test_secrets_go_with_the_handshake(capability, serve, tls, authority, tmp_path, names):
    seen = {}

    async def secure(request):
        seen.update(request.headers)
        return await echo(request)

    port = await serve({"GET /": secure}, tls=tls("a.test"))
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    policy = {
        "allow": ["https://*:*"], "private_addresses": "allow", "ca_file": "ca.pem",
        "credentials": [{"host": "a.test", "header": "Authorization", "value": "Bearer of-the-host"}],
    }  # fmt: skip
    driver = capability("fetch", policy, extra={"names": names(a_test=["127.0.0.1"])})
    await driver.call("connect", f"wss://a.test:{port}/", [])
    assert seen["Authorization"] == "Bearer of-the-host"
    await driver.capability.aclose()
