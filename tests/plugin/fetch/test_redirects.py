"""Redirects: what follows them, what is dropped on the way, and what is judged again."""

import json

import pytest
from aiohttp import web

from isolate_host.errors import PolicyDenied
from isolate_host.plugins.fetch.messages import NetworkFailure, read_request
from isolate_host.plugins.fetch.redirects import redirected
from isolate_host.wire.streams import ByteStream, Inflow

OPEN = {"allow": ["*://*"], "private_addresses": "allow"}


async def echo(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    return web.json_response({"method": request.method, "body": await request.text(), "headers": headers})


async def bounce(request):
    return web.Response(status=int(request.match_info["status"]), headers={"Location": request.query["to"]})


@pytest.fixture
async def site(serve):
    port = await serve({"* /echo": echo, "* /to/{status}": bounce})
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "POST", "GET", ""), (302, "POST", "GET", ""), (303, "POST", "GET", ""), (303, "PUT", "GET", ""), (301, "PUT", "PUT", "x"),
        (302, "DELETE", "DELETE", "x"), (307, "POST", "POST", "x"), (308, "PUT", "PUT", "x"), (301, "GET", "GET", ""), (303, "HEAD", "HEAD", ""),
    ],
)  # fmt: skip
async def test_methods_and_bodies(site, fetcher, status, method, then, body):
    given = {} if method in ("GET", "HEAD") else {"body": b"x", "headers": [["Content-Type", "text/plain"], ["X-Own", "1"]]}
    reply = await fetcher(OPEN)(f"{site}/to/{status}?to=/echo", method=method, **given)
    assert (reply.status, reply.redirected, reply.url) == (200, True, f"{site}/echo")
    if then != "HEAD":
        seen = json.loads(reply.body)
        assert (seen["method"], seen["body"]) == (then, body)
        assert ("x-own" in seen["headers"]) == ("headers" in given)
        assert (seen["headers"].get("content-type") == "text/plain") == (body == "x")


async def test_modes(site, fetcher):
    fetch = fetcher(OPEN)
    reply = await fetch(f"{site}/to/302?to=/echo", redirect="manual")
    assert (reply.status, reply.head["location"], reply.redirected) == (302, ["/echo"], False)
    with pytest.raises(NetworkFailure, match="answered with a redirect"):
        await fetch(f"{site}/to/302?to=/echo", redirect="error")
    with pytest.raises(TypeError, match="redirect must be"):
        await fetch(f"{site}/echo", redirect="yes")


async def test_no_redirect_without_end(site, fetcher):
    with pytest.raises(NetworkFailure, match="more than 20 redirects"):
        await fetcher(OPEN)(f"{site}/to/302?to=%3Fto=%253Fto")


@pytest.mark.parametrize("to", ["http://[", "ftp://127.0.0.1/", "data:text/plain,x", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "javascript:1"])
async def test_where_no_redirect_leads(site, fetcher, to):
    with pytest.raises(NetworkFailure):
        await fetcher(OPEN)(f"{site}/to/302?to={to}")


async def test_a_streamed_body_is_sent_once(site, fetcher):
    inflow = Inflow(lambda count: None)
    inflow.data(b"x")
    inflow.end()
    stream = ByteStream(inflow, lambda reason: None)
    with pytest.raises(NetworkFailure, match="second time"):
        await fetcher(OPEN)(f"{site}/to/307?to=/echo", method="POST", body=stream)


def test_what_is_meant_for_one_origin_stays_there():
    headers = [["Authorization", "a"], ["Cookie", "c"], ["X-Own", "1"]]
    request = read_request({"url": "https://a.test/x#f", "headers": headers})
    assert [name for name, _ in redirected(request, 302, "/y").headers] == ["Authorization", "Cookie", "X-Own"]
    for location in ("https://b.test/", "http://a.test/", "https://a.test:444/", "//b.test"):
        assert [name for name, _ in redirected(request, 302, location).headers] == ["X-Own"]
    assert redirected(request, 302, "/y").target.href == "https://a.test/y#f"
    assert redirected(request, 302, "/y#g").target.href == "https://a.test/y#g"


async def test_each_hop_is_judged(site, serve, fetcher):
    port = int(site.rpartition(":")[2])
    fetch = fetcher({"allow": [{"scheme": "http", "host": "127.0.0.1", "port": port, "private_addresses": "allow"}], "deny": [{"path": "/echo"}]})
    for to in ("/echo", "http://169.254.169.254/latest/meta-data/", "http://localhost/", "https://elsewhere.test/"):
        with pytest.raises(PolicyDenied):
            await fetch(f"{site}/to/302?to={to}")
    assert len(fetch.driver.denied) == 4
