"""App servers under several requests at once, and with files."""

import asyncio

import pytest

import isolate_host as ih


def get(path="/"):
    return ih.Request("GET", f"http://localhost{path}")


async def text(server, path):
    async with asyncio.timeout(30):
        return await (await server.handle(get(path))).response.text()


@pytest.mark.parametrize("waits_for", ["tool", "fetch", "file"])
async def test_a_fast_request_overtakes_one_that_waits(host, waits_for):
    arrived, go = asyncio.Event(), asyncio.Event()

    async def wait(*_):
        arrived.set()
        await go.wait()

    async def answer(_request):
        await wait()
        return ih.Response("late")

    class Files:
        """The operations of a file binding, of which reading waits."""

        async def read_file(self, path):
            await wait()
            return b"late"

        async def stat(self, path):
            return {"kind": "file", "size": 4, "mtime_ms": 0}

    source = """serve({ async fetch(r) {
      const what = new URL(r.url).pathname.slice(1);
      if (what === "tool") { await wait(); return new Response("late"); }
      if (what === "fetch") return new Response(await (await fetch("https://example.com")).text());
      if (what === "file") { const file = await (await (await getDirectory("/")).getFileHandle("a.txt")).getFile(); return new Response(await file.text()); }
      return new Response("fast");
    } });"""
    bindings = ih.Bindings(tools={"wait": wait}, fetch=answer, files=Files())
    async with host.create_app_server(source=source, bindings=bindings) as server:
        slow = asyncio.create_task(text(server, f"/{waits_for}"))
        await asyncio.wait_for(arrived.wait(), 30)
        assert await text(server, "/") == "fast"
        assert not slow.done()
        go.set()
        assert await slow == "late"


async def test_a_file_of_seven_megabytes_is_served_whole(host, tmp_path):
    data = bytes(range(251)) * 28_000
    (tmp_path / "long.bin").write_bytes(data)
    source = """serve({ async fetch() {
      const file = await (await (await getDirectory("/")).getFileHandle("long.bin")).getFile();
      return new Response(file.stream(), { headers: { "content-length": String(file.size) } });
    } });"""
    async with host.create_app_server(source=source, bindings=ih.Bindings(files=ih.create_file_bindings(tmp_path))) as server:
        response = (await server.handle(get())).response
        assert response.headers["content-length"] == str(len(data))
        assert await response.read() == data


async def test_chunks_pass_through_transforms_one_by_one(host):
    """As libraries for language models do: decode, split into lines, encode again."""
    source = """serve({ fetch(r) {
      let rest = "";
      const lines = new TransformStream({
        transform(part, out) { const all = (rest + part).split("\\n"); rest = all.pop(); for (const line of all) out.enqueue(`${line}!\\n`); },
        flush(out) { if (rest) out.enqueue(`${rest}?`); },
      });
      const [left, right] = r.body.pipeThrough(new TextDecoderStream()).pipeThrough(lines).pipeThrough(new TextEncoderStream()).tee();
      const second = new Response(right).text();
      return new Response(left, { headers: { "x-same": "1" } });
    } });"""

    async def parts():
        for part in ("zwö".encode()[:3], "zwö".encode()[3:] + b"\nei", b"ns\nre", b"st"):
            yield part
            await asyncio.sleep(0)

    async with host.create_app_server(source=source) as server:
        served = await server.handle(ih.Request("POST", "http://localhost/", body=parts()))
        assert (await served.response.read()).decode() == "zwö!\neins!\nrest?"
