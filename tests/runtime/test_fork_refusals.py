"""Where the configuration forbids forks, and where the machine cannot."""

from __future__ import annotations

import pytest

import isolate_host as ih
from tests.conftest import StartHost


async def test_where_nothing_forks(start_host: StartHost) -> None:
    host = await start_host("version: 1\nisolation: {fork: false}\nsandboxes: {default: {policies: {console: {}}}}\n")
    assert "fork" not in host.diagnostics()["isolation"]
    async with host.create_runtime() as trunk:
        with pytest.raises(ih.ForkRefused, match="cannot fork here") as caught:
            await trunk.fork()
        assert "isolation.fork" in (caught.value.hint or "")
        assert await trunk.eval("1 + 1") == 2
