"""Real servers on loopback, and a transport that reaches them."""

import asyncio
import ssl

import pytest
import trustme
from aiohttp import web


class Names:
    """Stands in for DNS: each lookup takes the next answer; the last one stays."""

    def __init__(self, **answers):
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked = []

    async def lookup(self, host):
        self.asked.append(host)
        await asyncio.sleep(0)
        found = self.answers.get(host)
        if not found:
            raise OSError(None, "no such name")
        answer = found.pop(0) if len(found) > 1 else found[0]
        return answer if isinstance(answer, list) else [answer]


@pytest.fixture
def names():
    return Names


@pytest.fixture
async def serve():
    """A function that starts an aiohttp server from ``{"METHOD /path": handler}`` and gives its port."""
    runners = []

    async def start(routes, tls=None):
        app = web.Application(client_max_size=2**30)
        for route, handler in routes.items():
            method, path = route.split(" ")
            app.router.add_route(method, path, handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1, auto_decompress=False, handler_cancellation=True)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        return runner.addresses[0][1]

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def raw_server():
    """A function that starts a server which answers with a coroutine of ``(reader, writer)``, and gives its port."""
    servers = []

    async def start(answer):
        async def guarded(reader, writer):
            try:
                await answer(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def tls(authority):
    """A function that makes the context of a server with a certificate for the given names."""

    def make(*names):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*names).configure_cert(context)
        return context

    return make


class Reply:
    """The answer of the capability, read to its end."""

    def __init__(self, data, body):
        self.__dict__.update(data)
        self.body = body
        self.head = {}
        for name, value in data["headers"]:
            self.head.setdefault(name.lower(), []).append(value)


@pytest.fixture
async def fetcher(capability):
    """Makes fetch functions out of a policy: they go through the capability, without a guest."""
    opened = []

    def make(policy=None, **fields):
        policy = {"allow": ["*://*"], "private_addresses": "allow"} if policy is None else policy
        driver = capability("fetch", policy, **fields)
        opened.append(driver)

        async def fetch(url, **request):
            return await driver.call("fetch", {"url": url, **request})

        async def read(url, **request):
            data = await fetch(url, **request)
            body = data["body"]
            body = body if body is None or isinstance(body, bytes) else b"".join([chunk async for chunk in body.chunks])
            return Reply(data, body)

        read.raw = fetch
        read.driver = driver
        return read

    yield make
    for driver in opened:
        await driver.capability.aclose()
