"""Hosts over the fake broker."""

from contextlib import asynccontextmanager

import pytest

from isolate_host.client.host import IsolateHost
from tests.support.fake_broker import FakeLink


@pytest.fixture
def fake():
    """A function: enter ``fake(program, **create_options)`` to get ``(runtime, channel, host)``."""

    @asynccontextmanager
    async def make(program=None, **options):
        link = FakeLink(program or nothing)
        async with IsolateHost(link, link.hello) as host, host.create_runtime(**options) as runtime:
            yield runtime, link.channels[-1], host

    return make


async def nothing(guest, code):
    return None
