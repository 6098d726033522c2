"""The daemon over TCP: always TLS, always a token."""

import ipaddress
import shutil
import subprocess

import pytest

import isolate_host as ih
from isolate_host.config import Address, HostConfig, Secret, TcpConfig
from isolate_host.config.model import DaemonConfig
from tests.support.daemons import fake_daemon

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with the openssl command")


async def echo(guest, code):
    return code


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    address = ipaddress.ip_address("127.0.0.1")
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", f"subjectAltName=DNS:localhost,IP:{address}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
async def daemon(folder, certificate):
    tcp = TcpConfig(listen=Address("127.0.0.1", 0), certificate=certificate[0], key=certificate[1], token=Secret("open sesame"))
    async with fake_daemon(folder, echo, HostConfig(daemon=DaemonConfig(tcp=tcp))) as running:
        yield running


def options(daemon, certificate, **more):
    return ih.DaemonOptions(**{"address": daemon.server.addresses[1], "token": "open sesame", "ca_file": certificate[0], "timeout_s": 5, **more})


async def test_a_runtime_over_tls(daemon, certificate):
    async with ih.create_isolate_host(daemon=options(daemon, certificate)) as host, host.create_runtime() as rt:
        assert await rt.eval("over TLS") == "over TLS"


async def test_a_wrong_token(daemon, certificate):
    with pytest.raises(ih.NotConnected, match="token") as caught:
        await ih.create_isolate_host(daemon=options(daemon, certificate, token="guess"))
    assert "sesame" not in str(caught.value)
    assert not daemon.broker.channels


async def test_a_certificate_that_nobody_vouches_for(daemon, certificate):
    with pytest.raises(ih.NotConnected, match="certificate"):
        await ih.create_isolate_host(daemon=options(daemon, certificate, ca_file=None))


async def test_a_client_without_tls(daemon):
    import asyncio

    host, _, port = daemon.server.addresses[1].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x10\x00\x00\x00" + b"x" * 20)
    async with asyncio.timeout(30):
        assert b"ok" not in await reader.read()
    writer.close()
    assert daemon.server.accepted == 0


async def test_nobody_there(certificate):
    with pytest.raises(ih.NotConnected, match="cannot connect"):
        await ih.create_isolate_host(daemon=ih.DaemonOptions(address="127.0.0.1:1", token="x", ca_file=certificate[0]))
