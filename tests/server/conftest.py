"""App servers: from Python, and behind the HTTP front in the test's own process."""

import asyncio

import pytest

import isolate_host as ih
from tests.support.fronts import fronts


@pytest.fixture
async def serve(host):
    """A function that opens an app server with the program ``source``; bindings by name."""
    servers = []

    async def start(source, *, replicas=1, limits=None, **bindings):
        server = await host.create_app_server(source=source, replicas=replicas, limits=limits, bindings=ih.Bindings(**bindings))
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.dispose()


def get(path="/", **fields):
    return ih.Request("GET", f"http://localhost{path}", **fields)


@pytest.fixture
async def front(tmp_path):
    """Serves files, by name, as one app whose keys are given, or under a ``yaml`` of its own."""
    async with fronts(tmp_path) as start:
        yield start


@pytest.fixture
def raw():
    """A function that sends bytes to a port and gives what came until the end."""

    async def talk(port, *parts, pause=0.0, end=False):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                if pause:
                    await asyncio.sleep(pause)
            if end:
                writer.write_eof()
            async with asyncio.timeout(20):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    return talk
