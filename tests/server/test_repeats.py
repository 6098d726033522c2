"""Requests and answers that repeat what came before are read from memory: with the same outcome as if they had come first."""

import asyncio

import pytest

ECHO = """
export default { fetch: async (request) => Response.json([request.method, request.url, [...request.headers], await request.text()]) };
"""
FIELDS = b"Host: a\r\nX-One: 1\r\nX-Two: 2\r\n\r\n"
FIRST = b"GET /first HTTP/1.1\r\n" + FIELDS


async def answer(reader):
    """Head without the date, and body, of one answer; empty at the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"date:")]
    size = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return lines, await reader.readexactly(size)


async def exchange(port, *requests):
    """The answer to the last of the requests on one connection, each sent when the one before is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            writer.write(request)
            async with asyncio.timeout(20):
                last = await answer(reader)
        return last
    finally:
        writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        FIRST,
        b"GET /other?x=1&y=%20 HTTP/1.1\r\n" + FIELDS,
        b"DELETE /first HTTP/1.1\r\n" + FIELDS,
        b"POST / HTTP/1.1\r\n" + FIELDS,
        b"OPTIONS * HTTP/1.1\r\n" + FIELDS,
        b"GET /a/../b/./c HTTP/1.1\r\n" + FIELDS,
        b"GET /a/%2e%2E/b HTTP/1.1\r\n" + FIELDS,
        b"GET /.hidden HTTP/1.1\r\n" + FIELDS,
        b'GET /a"b<c HTTP/1.1\r\n' + FIELDS,
        b"GET //elsewhere/x HTTP/1.1\r\n" + FIELDS,
        b"GET http://a/absolute HTTP/1.1\r\n" + FIELDS,
        b"GET http://b/foreign HTTP/1.1\r\n" + FIELDS,
        b"get / HTTP/1.1\r\n" + FIELDS,
        b"GET / HTTP/1.0\r\n" + FIELDS,
        b"GET / HTTP/2.0\r\n" + FIELDS,
        b"GET  / HTTP/1.1\r\n" + FIELDS,
        b"CONNECT a:443 HTTP/1.1\r\n" + FIELDS,
        b"GET /\xc3\xa9 HTTP/1.1\r\n" + FIELDS,
        b"GET / HTTP/1.1\r\nX-Zero: 0\r\n" + FIELDS,
        b"GET / HTTP/1.1\r\nHost: b\r\n" + FIELDS,
        b"GET / HTTP/1.1\r\nConnection: close\r\n" + FIELDS,
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n" + FIELDS + b"hello",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + FIELDS + b"5\r\nhello\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n" + FIELDS,
        b"\r\n" + FIRST,
        b"GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 3\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + FIELDS.lower(),
        b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + FIELDS,
    ],
)
async def test_what_came_before_changes_nothing(front, request_bytes):
    app = await front({"server.js": ECHO}, entry="./server.js", limits={"header_bytes": 4096})
    alone = await exchange(app.port, request_bytes)
    assert await exchange(app.port, FIRST, request_bytes) == alone
    assert await exchange(app.port, FIRST, FIRST, request_bytes) == alone


async def test_requests_in_one_read_are_answered_in_turn(front, raw):
    app = await front({"server.js": ECHO}, entry="./server.js")
    last = b"GET /last HTTP/1.1\r\nConnection: close\r\n" + FIELDS
    answers = await raw(app.port, FIRST, FIRST + FIRST.replace(b"first", b"second"), FIRST[:20], FIRST[20:], FIRST.replace(b"first", b"third") + last, pause=0.05)
    assert [line.split(b"/")[3].split(b'"')[0] for line in answers.split(b"http:")[1:]] == [b"first", b"first", b"second", b"first", b"third", b"last"]


async def test_a_body_that_looks_like_a_request_is_none(front):
    app = await front({"server.js": ECHO}, entry="./server.js")
    head = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(FIRST)
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    writer.write(FIRST)
    await answer(reader)
    writer.write(head)
    await asyncio.sleep(0.05)
    writer.write(FIRST)
    _, body = await answer(reader)
    assert b'"POST"' in body
    assert b"GET /first" in body
    writer.close()


async def test_who_is_trusted_counts_for_the_next_request(front):
    """A reload is seen by connections that stand."""
    head = FIRST.replace(b"X-One: 1", b"X-Forwarded-For: 9.9.9.9")
    app = await front({"server.js": ECHO}, entry="./server.js")
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    for _ in range(2):
        writer.write(head)
        assert b"9.9.9.9" not in (await answer(reader))[1]
    await app.reload(app._path.read_text().replace('"listen"', '"trusted_proxies": ["127.0.0.0/8"], "listen"'))
    writer.write(head)
    assert b"9.9.9.9, 127.0.0.1" in (await answer(reader))[1]
    writer.close()


async def test_answers_with_the_same_head_and_every_kind_of_body(front):
    source = """
const bodies = ["", "plain", 'quoted " \\\\ and "],', "\\u2028 \\ud83d\\ude00 \\ud800", null, new Uint8Array([0, 255, 10]), new Blob(["blob"]), "x".repeat(70000)];
export default { fetch: (request) => new Response(bodies[+new URL(request.url).pathname.slice(1)], { headers: { "x-list": '["],' } }) };
"""
    app = await front({"server.js": source}, entry="./server.js")
    expected = [b"", b"plain", b'quoted " \\ and "],', "\u2028 \U0001f600 \ufffd".encode(), b"", b"\x00\xff\n", b"blob", None]
    for _ in range(2):
        for number, body in enumerate(expected):
            if body is None:
                continue
            lines, got = await exchange(app.port, b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
            assert lines[0] == b"HTTP/1.1 200 OK"
            assert b'x-list: ["],' in lines
            assert got == body


async def test_more_heads_than_are_remembered(front):
    source = 'let n = 0; export default { fetch: () => new Response("ok", { headers: { etag: `"${n++}"` } }) };'
    app = await front({"server.js": source}, entry="./server.js")
    for number in range(600):
        lines, _ = await exchange(app.port, *[b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
        assert b'etag: "%d"' % number in lines
    assert len(app.app()._answers._known) <= 256
