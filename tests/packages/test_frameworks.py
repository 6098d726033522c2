"""Hono and itty-router as they come from npm, as apps behind the HTTP front."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.support.fronts import fronts

YAML = """
version: 1
sandboxes:
  web:
    limits: {memory_mb: 128}
    policies:
      console: {}
      crypto: {}
      modules: {node_modules: [{mount: /node_modules, root: %s}]}
app_servers:
  app: {sandbox: web, entry: ./server.ts, listen: "127.0.0.1:0"}
"""
HONO = """
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { stream, streamSSE, streamText } from "hono/streaming";

const app = new Hono();
const order: string[] = [];
app.use(async (c, next) => { order.push(`before ${c.req.path}`); await next(); c.header("x-order", order.splice(0).join(", ")); });
app.use("/api/*", cors(), etag());
app.use("/secret", basicAuth({ username: "anna", password: "s3cret" }));
app.get("/api/items/:id{[0-9]+}", (c) => c.json({ id: +c.req.param("id"), q: c.req.queries("q") ?? [] }));
app.post("/api/items", async (c) => c.json({ got: await c.req.json() }, 201, { location: "/api/items/1" }));
app.post("/form", async (c) => { const form = await c.req.parseBody(); return c.text(`${form.name} ${await (form.file as File).text()}`); });
app.put("/upload", async (c) => { let size = 0; for await (const chunk of c.req.raw.body!) size += chunk.length; return c.text(`${size}`); });
app.get("/secret", (c) => c.text("open"));
app.get("/text", (c) => streamText(c, async (out) => { for (const word of ["one", "two"]) { await out.writeln(word); await out.sleep(20); } }));
app.get("/bytes", (c) => stream(c, async (out) => { for (let i = 0; i < 3; i++) await out.write(new Uint8Array([i, 255])); }));
let aborted = 0;
app.get("/events", (c) => streamSSE(c, async (out) => {
  let id = 0;
  out.onAbort(() => { aborted++; });
  while (!out.aborted) { await out.writeSSE({ data: JSON.stringify({ id }), event: "tick", id: `${id++}` }); await out.sleep(10); }
}));
app.get("/aborted", (c) => c.json(aborted));
app.get("/teapot", () => { throw new HTTPException(418, { message: "short and stout" }); });
app.get("/broken", () => { throw new Error("secret of the inside"); });
app.onError((error, c) => error instanceof HTTPException ? error.getResponse() : c.text("our own 500", 500));
app.notFound((c) => c.json({ missing: c.req.path }, 404));
app.get("/later", (c) => { c.executionCtx.waitUntil(Promise.resolve()); return c.redirect("/text", 303); });
app.get("/ws/:room", (c) => c.env.upgrade(c.req.raw, { data: { room: c.req.param("room") } }) ? c.body(null) : c.text("upgrade", 426));
"""
DEFAULT = HONO + "export default app;\n"
WITH_SOCKETS = HONO + "serve({ fetch: app.fetch, websocket: { message: (ws, text) => ws.send(`${ws.data.room}: ${text}`) } });\n"
ITTY = """
import { AutoRouter, cors, error, json, StatusError, withContent, withParams } from "itty-router";

const { preflight } = cors({ origin: "https://example.com" });
const router = AutoRouter({ before: [preflight], finally: [(response) => { response.headers.set("x-after", "1"); }], base: "/v1" });
const todos = new Map([["1", "wash up"]]);
router
  .get("/todos", () => [...todos.values()])
  .get("/todos/:id", ({ id }) => todos.has(id) ? { id, text: todos.get(id) } : error(404, "no such todo"))
  .post("/todos", withContent, ({ content }) => { todos.set("2", content.text); return json({ count: todos.size }, { status: 201 }); })
  .get("/file/:name+", ({ params }) => new Response(params.name))
  .get("/stream", () => new Response(new ReadableStream({ async start(c) { for (const part of ["a", "b"]) { c.enqueue(new TextEncoder().encode(part)); await new Promise((f) => setTimeout(f, 10)); } c.close(); } })))
  .get("/fails", () => { throw new StatusError(409, "twice"); });
export default { ...router };
"""


@pytest.fixture
async def serve(tmp_path, node_modules):
    async with fronts(tmp_path) as start:
        yield lambda source: start({"server.ts": source}, yaml=YAML % node_modules)


@pytest.mark.timeout(180)
async def test_hono(serve):
    app = await serve(DEFAULT)
    async with httpx.AsyncClient(base_url=app.url) as http:
        item = await http.get("/api/items/7?q=a&q=b", headers={"Origin": "https://elsewhere.example"})
        assert (item.status_code, item.json()) == (200, {"id": 7, "q": ["a", "b"]})
        assert item.headers["access-control-allow-origin"] == "*"
        assert item.headers["x-order"] == "before /api/items/7"
        assert (await http.get("/api/items/7?q=a&q=b", headers={"If-None-Match": item.headers["etag"]})).status_code == 304
        assert (await http.options("/api/items", headers={"Origin": "https://x.example", "Access-Control-Request-Method": "POST"})).status_code == 204
        made = await http.post("/api/items", json={"name": "grüezi"})
        assert (made.status_code, made.json(), made.headers["location"]) == (201, {"got": {"name": "grüezi"}}, "/api/items/1")
        assert (await http.post("/form", data={"name": "anna"}, files={"file": ("a.txt", b"content")})).text == "anna content"
        assert (await http.get("/secret")).status_code == 401
        assert (await http.get("/secret", auth=("anna", "s3cret"))).text == "open"
        assert [(await http.get(path)).status_code for path in ("/teapot", "/broken", "/none", "/api/items/x")] == [418, 500, 404, 404]
        assert (await http.get("/broken")).text == "our own 500"
        assert (await http.get("/none")).json() == {"missing": "/none"}
        assert (await http.get("/later")).headers["location"] == "/text"
        head = await http.head("/api/items/7")
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.timeout(180)
async def test_hono_streams(serve):
    app = await serve(DEFAULT)
    async with httpx.AsyncClient(base_url=app.url, timeout=30) as http:
        assert (await http.get("/text")).text == "one\ntwo\n"
        assert (await http.get("/bytes")).content == b"\x00\xff\x01\xff\x02\xff"

        async def pieces():
            for _ in range(20):
                yield bytes(10_000)

        assert (await http.put("/upload", content=pieces())).text == "200000"
        async with http.stream("GET", "/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            seen = []
            async for line in events.aiter_lines():
                seen.append(line)
                if len(seen) == 12:
                    break
        assert seen[:4] == ["event: tick", 'data: {"id":0}', "id: 0", ""]
        assert 'data: {"id":2}' in seen
        async with asyncio.timeout(30):
            while (await http.get("/aborted")).json() != 1:
                await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_hono_with_websockets(serve):
    app = await serve(WITH_SOCKETS)
    async with connect(f"ws://127.0.0.1:{app.port}/ws/kitchen") as socket:
        for word in ("hello", "again"):
            await socket.send(word)
            assert await socket.recv() == f"kitchen: {word}"
    async with httpx.AsyncClient(base_url=app.url) as http:
        assert (await http.get("/ws/kitchen")).status_code == 426
        assert (await http.get("/api/items/1")).json() == {"id": 1, "q": []}


@pytest.mark.timeout(180)
async def test_itty_router(serve):
    app = await serve(ITTY)
    async with httpx.AsyncClient(base_url=f"{app.url}/v1") as http:
        first = await http.get("/todos")
        assert (first.json(), first.headers["x-after"]) == (["wash up"], "1")
        preflight = await http.options("/todos", headers={"Origin": "https://example.com"})
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "https://example.com")
        assert (await http.get("/todos/1")).json() == {"id": "1", "text": "wash up"}
        assert (await http.get("/todos/5")).json() == {"status": 404, "error": "no such todo"}
        assert (await http.post("/todos", content=json.dumps({"text": "dry"}), headers={"Content-Type": "application/json"})).json() == {"count": 2}
        assert (await http.get("/file/a/b/c.txt")).text == "a/b/c.txt"
        assert (await http.get("/stream")).text == "ab"
        assert (await http.get("/fails")).status_code == 409
        assert (await http.get("/nothing")).status_code == 404
