"""``server.ws``: WebSockets whose connections the embedder holds."""

import asyncio

import pytest

import isolate_host as ih
from tests.support.pair import until

CHAT = """
serve({
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/plain") return new Response("plain");
    const ok = server.upgrade(request, { data: { name: pathname.slice(1) } });
    console.log("upgraded", ok, server.upgrade(request), server.upgrade({}));
  },
  websocket: {
    open(ws) { ws.send(`hello ${ws.data.name}`); },
    async message(ws, message) {
      if (message === "who") ws.send(await who());
      else if (message === "throw") throw new Error("in the handler");
      else if (message === "close") ws.close(4001, "geh");
      else if (message === "bad") { try { ws.close(1005) } catch (error) { ws.send(error.name) } }
      else if (typeof message === "string") ws.send(message.toUpperCase());
      else ws.send(new Uint8Array(message).reverse());
    },
    close(ws, code, reason) { console.log("closed", ws.data.name, code, reason, ws.readyState); },
    error(ws, error) { console.log("error", error.message); },
  },
});
"""


def get(path):
    return ih.Request("GET", f"http://localhost{path}")


@pytest.fixture
async def chat(serve):
    """``server, commands, lines``."""
    lines, commands = [], []
    server = await serve(CHAT, console=lambda entry: lines.append(entry.text), tools={"who": lambda ctx: ctx.request_id})
    server.ws.on_command(commands.append)
    return server, commands, lines


async def test_the_life_of_one(chat):
    server, commands, lines = chat
    served = await server.handle(get("/anna"), request_id="r9")
    assert (served.type, served.data) == ("websocket", {"name": "anna"})
    assert lines == ["upgraded true false false"]
    ws, number = server.ws, served.connection_id
    await ws.open(number)
    await ws.message(number, "grüezi")
    await ws.message(number, b"\x00\xff\xfe")
    await ws.message(number, "who")
    await until(lambda: len(commands) == 4)
    assert [command.data for command in commands] == ["hello anna", "GRÜEZI", b"\xfe\xff\x00", "r9"]
    assert {command.connection_id for command in commands} == {number}
    await ws.close(number, 3000, "ade")
    assert lines[-1] == "closed anna 3000 ade 3"
    with pytest.raises(LookupError):
        await ws.message(number, "late")
    assert server.diagnostics().websockets == 0


async def test_every_byte_and_tricky_texts_are_exact(chat):
    server, commands, _ = chat
    number = (await server.handle(get("/b"))).connection_id
    await server.ws.open(number)
    await server.ws.message(number, bytes(range(256)) * 300)
    for tricky in ("", "base64:AAAA", "\x00", "𝒳 é"):
        await server.ws.message(number, tricky)
    await until(lambda: len(commands) == 6)
    assert commands[1].data == (bytes(range(256)) * 300)[::-1]
    assert [command.data for command in commands[2:]] == ["", "BASE64:AAAA", "\x00", "𝒳 É"]


async def test_the_guest_closes_and_its_errors_are_its_own(chat):
    server, commands, lines = chat
    number = (await server.handle(get("/c"))).connection_id
    await server.ws.open(number)
    await server.ws.message(number, "throw")
    await server.ws.message(number, "bad")
    await server.ws.error(number, "from the host")
    await until(lambda: len(lines) == 3)
    assert lines[1:] == ["error in the handler", "error from the host"]
    await server.ws.message(number, "close")
    await until(lambda: commands[-1].type == "close")
    assert [command.data for command in commands[1:-1]] == ["RangeError"]
    assert (commands[-1].code, commands[-1].reason) == (4001, "geh")
    served = await server.handle(get("/plain"))
    assert await served.response.text() == "plain"


async def test_upgrades_at_the_same_time_do_not_mix(chat):
    server, commands, _ = chat
    names = [f"n{number}" if number % 2 else "plain" for number in range(40)]
    served = await asyncio.gather(*(server.handle(get(f"/{name}")) for name in names))
    assert [item.type for item in served] == ["websocket" if name != "plain" else "response" for name in names]
    sockets = {item.connection_id: name for item, name in zip(served, names, strict=True) if item.type == "websocket"}
    assert len(sockets) == 20
    await asyncio.gather(*(server.ws.open(number) for number in sockets))
    await until(lambda: len(commands) == 20)
    assert {command.connection_id: command.data for command in commands} == {number: f"hello {name}" for number, name in sockets.items()}


async def test_what_counts_as_waiting_is_told_back(serve):
    lines, gate = [], asyncio.Event()
    server = await serve(
        """serve({ fetch(r, server) { server.upgrade(r) }, websocket: {
             message(ws) { ws.send(new Uint8Array(1000)); console.log(ws.bufferedAmount); },
             drain(ws) { console.log("drained", ws.bufferedAmount); } } })""",
        console=lambda entry: lines.append(entry.text),
    )

    async def slow(_command):
        await gate.wait()

    server.ws.on_command(slow)
    number = (await server.handle(get("/"))).connection_id
    await server.ws.open(number)
    await server.ws.message(number, "one")
    await server.ws.message(number, "two")
    assert lines == ["1000", "2000"]
    gate.set()
    await until(lambda: lines[-1] == "drained 0")


async def test_connections_of_a_lost_isolate_are_closed(chat):
    server, commands, _ = chat
    number = (await server.handle(get("/d"))).connection_id
    await server.reload()
    await until(lambda: any(command.type == "close" and command.connection_id == number for command in commands))
    assert commands[-1].code == 1012
    with pytest.raises(LookupError):
        await server.ws.open(number)


async def test_bad_arguments(chat):
    server, _, _ = chat
    with pytest.raises(TypeError):
        server.ws.on_command("no")
    with pytest.raises(LookupError):
        await server.ws.open("1-999")
    number = (await server.handle(get("/e"))).connection_id
    with pytest.raises(TypeError):
        await server.ws.message(number, 7)
