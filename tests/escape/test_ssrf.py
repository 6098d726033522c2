"""Server-side request forgery: ways by which a guest has elsewhere reached what its host alone should reach."""

import asyncio

import pytest
from aiohttp import web

from isolate_host.errors import PolicyDenied
from isolate_host.plugins.fetch.messages import NetworkFailure
from isolate_host.plugins.fetch.targets import BadTargetError

pytestmark = pytest.mark.adversarial

EVERYTHING = {"allow": ["*://*:*"]}

#: Spellings of 127.0.0.1 and of other addresses that no guest may reach.
SPELLINGS = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7F.1", "0177.0.0.1", "0177.0.0.01", "127.0.0.1.", "0x7f.0x0.0x0.0x1", "0", "0.0.0.0", "0x0", "00", "127.127.127.127", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:0:0:0:0:80ff:fffe]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "%31%32%37.0.0.1", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "%30", "⑯⑨。②⑤④。⑯⑨｡②⑤④"]


@pytest.fixture
async def trap(serve):
    """A server on loopback that notes who gets in."""
    visits = []

    async def visit(request):
        visits.append(request.path)
        return web.Response(text="you should not be here")

    port = await serve({"* /{rest:.*}": visit})
    return port, visits


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_leads_inside(fetcher, trap, host):
    port, visits = trap
    with pytest.raises((PolicyDenied, BadTargetError)):
        await fetcher(EVERYTHING)(f"http://{host}:{port}/")
    assert not visits


@pytest.mark.parametrize(
    "url",
    [
        "http://good.test@127.0.0.1:{port}/", "http://good.test:80@127.0.0.1:{port}/", "http://good.test%00@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@good.test/",
        "http://127.0.0.1:{port}?@good.test/", "http://127.0.0.1:{port}\\@good.test/", "http:127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\", "http:///127.0.0.1:{port}/",
        "hTtP://127.0.0.1:{port}/", " http://127.0.0.1:{port}/", "http://127.0.0.1\t:{port}/", "ht\ntp://127.0.0.1:{port}/", "http://①②⑦.0.0.1:{port}/good.test", "http://localtest:{port}/",
        "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "unix:///run/x.sock", "http+unix://x/", "http://127.0.0.1%2f:{port}/", "http://[::1%25lo]:{port}/",
    ],
)  # fmt: skip
async def test_no_confusion_of_parsers_leads_inside(fetcher, trap, names, url):
    port, visits = trap
    fetch = fetcher({"allow": ["*://*:*"]}, extra={"names": names(localtest=["127.0.0.1"], good_test=["203.0.113.7"])})
    with pytest.raises((PolicyDenied, BadTargetError, NetworkFailure)):
        await fetch(url.format(port=port))
    assert not visits


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_redirect_leads_inside(fetcher, serve, trap, host):
    port, visits = trap

    async def away(request):
        return web.Response(status=307, headers={"Location": f"http://{host}:{port}/".encode().decode("utf-8")})

    start = await serve({"GET /": away})
    fetch = fetcher({"allow": [{"scheme": "http", "host": "127.0.0.1", "port": start, "private_addresses": "allow"}, "*://*:*"]})
    with pytest.raises((PolicyDenied, NetworkFailure)):
        await fetch(f"http://127.0.0.1:{start}/")
    assert not visits


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "::ffff:127.0.0.1", "fe80::1%lo", "fd00:ec2::254", "64:ff9b::7f00:1", "::"])
async def test_no_name_leads_inside(fetcher, trap, names, address):
    port, visits = trap
    fetch = fetcher(EVERYTHING, extra={"names": names(inside_test=[address])})
    with pytest.raises(PolicyDenied) as caught:
        await fetch(f"http://inside.test:{port}/")
    assert caught.value.rule == "sandboxes.default.policies.fetch.private_addresses: deny"
    assert not visits


async def test_a_name_that_changes_is_looked_up_once(fetcher, trap, names):
    """DNS rebinding: public when it is checked, loopback when it is connected to."""
    port, visits = trap
    service = names(rebind_test=["203.0.113.7", "127.0.0.1", "127.0.0.1"])
    fetch = fetcher({**EVERYTHING, "timeout_s": 0.5}, extra={"names": service})
    with pytest.raises((PolicyDenied, NetworkFailure)):
        await fetch(f"http://rebind.test:{port}/")
    assert service.asked == ["rebind.test"]
    with pytest.raises(PolicyDenied):
        await fetch(f"http://rebind.test:{port}/")
    assert not visits


async def test_the_address_that_was_judged_is_the_one_connected_to(fetcher, trap, names):
    port, visits = trap
    service = names(inside_test=["127.0.0.1", "203.0.113.7"])
    fetch = fetcher({"allow": [{"scheme": "http", "host": "inside.test", "port": port, "private_addresses": "allow"}]}, extra={"names": service})
    assert (await fetch(f"http://inside.test:{port}/")).status == 200
    assert service.asked == ["inside.test"]
    assert visits == ["/"]


async def test_a_private_address_among_others_is_left_out(fetcher, trap, names):
    """The others are refused as well here, so that no test asks for a public address."""
    port, visits = trap
    fetch = fetcher({**EVERYTHING, "deny": [{"host": "8.8.8.8"}]}, extra={"names": names(mixed_test=[["8.8.8.8", "127.0.0.1"]])})
    with pytest.raises(PolicyDenied):
        await fetch(f"http://mixed.test:{port}/")
    assert not visits


async def test_an_open_connection_is_no_way_around(fetcher, trap, names):
    """One rule opens the private address for one path; the connection that it left behind serves no other path."""
    port, visits = trap
    rule = {"scheme": "http", "host": "inside.test", "port": port}
    fetch = fetcher({"allow": [{**rule, "path": "/open", "private_addresses": "allow"}, rule]}, extra={"names": names(inside_test=["127.0.0.1"])})
    assert (await fetch(f"http://inside.test:{port}/open")).status == 200
    with pytest.raises(PolicyDenied):
        await fetch(f"http://inside.test:{port}/other")
    assert visits == ["/open"]


async def test_ten_thousand_requests_are_a_few_at_a_time(start_host, serve):
    running = most = 0

    async def slow(request):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return web.Response(text="ok")

    port = await serve({"GET /": slow})
    host = await start_host(f"version: 1\nplugins: [fetch]\nsandboxes: {{default: {{policies: {{fetch: {{allow: ['http://127.0.0.1:{port}'], private_addresses: allow, concurrent: 4}}}}}}}}\n")
    async with host.create_runtime() as rt:
        code = f"const all = await Promise.allSettled(Array.from({{length: 10000}}, () => fetch('http://127.0.0.1:{port}/').then(r => r.text()))); const ok = all.filter(x => x.status === 'fulfilled').length; [ok > 0, ok < 10000, await (await fetch('http://127.0.0.1:{port}/')).text()]"
        assert await rt.eval(code, timeout_s=30) == [True, True, "ok"]
    assert most <= 4


# ── the same by WebSocket ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_leads_a_socket_inside(fetcher, trap, host):
    port, visits = trap
    with pytest.raises((PolicyDenied, BadTargetError)):
        await fetcher(EVERYTHING).driver.call("connect", f"ws://{host}:{port}/", [])
    assert not visits


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00:ec2::254"])
async def test_no_name_leads_a_socket_inside(fetcher, trap, names, address):
    port, visits = trap
    service = names(inside_test=[address, "127.0.0.1"])
    with pytest.raises(PolicyDenied) as caught:
        await fetcher(EVERYTHING, extra={"names": service}).driver.call("connect", f"ws://inside.test:{port}/", [])
    assert caught.value.rule == "sandboxes.default.policies.fetch.private_addresses: deny"
    assert (service.asked, visits) == (["inside.test"], [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_a_socket_anywhere(fetcher, serve, trap, status):
    """Not even where the policy would let a socket go: nobody judged the URL."""
    port, visits = trap

    async def away(_request):
        return web.Response(status=status, headers={"Location": f"http://127.0.0.1:{port}/"})

    start = await serve({"GET /": away})
    with pytest.raises(NetworkFailure, match=f"it answered {status}"):
        await fetcher().driver.call("connect", f"ws://127.0.0.1:{start}/", [])
    assert not visits


async def test_a_connection_opened_for_a_request_is_no_way_around_for_a_socket(fetcher, trap, names):
    """``http`` may go to the private address, ``ws`` may not."""
    port, visits = trap
    rules = [{"scheme": "http", "host": "inside.test", "port": port, "private_addresses": "allow"}, {"scheme": "ws", "host": "inside.test", "port": port}]
    deny = [{"scheme": "ws", "host": "127.0.0.1"}]
    fetch = fetcher({"allow": rules, "deny": deny}, extra={"names": names(inside_test=["127.0.0.1"])})
    assert (await fetch(f"http://inside.test:{port}/")).status == 200
    with pytest.raises(PolicyDenied):
        await fetch.driver.call("connect", f"ws://inside.test:{port}/", [])
    assert visits == ["/"]
