"""Addresses and certificates that cannot be used: the message says what is wrong, and what to do."""

from __future__ import annotations

import asyncio
import errno
import shutil
import socket
import ssl
import subprocess

import pytest

from isolate_host.daemon.troubles import cannot_listen, load_certificate
from isolate_host.errors import ConfigError


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    """Two certificates with their keys, and a key with a passphrase."""
    if shutil.which("openssl") is None:
        pytest.skip("makes certificates with the openssl command")
    folder = tmp_path_factory.mktemp("pems")
    for name in ("one", "two"):
        make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run(["openssl", *make], cwd=folder, check=True, capture_output=True)
    lock = ["pkey", "-in", "one.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key"]
    subprocess.run(["openssl", *lock], cwd=folder, check=True, capture_output=True)
    (folder / "words.pem").write_text("hello")
    return folder


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        ("one.pem", "two.key", r"the key '.*two\.key' does not belong to the certificate '.*one\.pem'"),
        ("gone.pem", "one.key", r"cannot read '.*gone\.pem': No such file"),
        ("one.pem", "gone.key", r"cannot read '.*gone\.key': No such file"),
        ("words.pem", "one.key", r"cannot use the certificate '.*words\.pem'"),
        ("one.pem", "words.pem", r"with the key '.*words\.pem'"),
        ("one.pem", "locked.key", r"the key '.*locked\.key' wants a passphrase"),
    ],
)
def test_a_certificate_that_cannot_be_used(pems, certificate, key, told):
    with pytest.raises(ConfigError, match=told):
        load_certificate(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), pems / certificate, pems / key)


def test_a_good_certificate(pems):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load_certificate(context, pems / "one.pem", pems / "one.key")
    assert context.cert_store_stats()["x509"] == 0  # it is ours to show, and vouches for nobody


async def refusal(start):
    with pytest.raises(OSError) as caught:
        await start
    return cannot_listen("there", caught.value)


async def test_addresses_that_cannot_be_had(unused_tcp_port, tmp_path):
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", unused_tcp_port)):
        taken = await refusal(loop.create_server(asyncio.Protocol, "127.0.0.1", unused_tcp_port))
    assert "cannot listen on there: Address already in use" in str(taken)
    assert "stop it, or choose another port" in taken.hint
    foreign = await refusal(loop.create_server(asyncio.Protocol, "192.0.2.1", 0))
    assert "no such address" in foreign.hint
    missing = await refusal(loop.create_unix_server(asyncio.Protocol, tmp_path / "gone" / "a.sock"))
    assert "the folder of the socket does not exist" in missing.hint
    long = await refusal(loop.create_unix_server(asyncio.Protocol, tmp_path / ("a" * 150)))
    assert "107 bytes" in long.hint
    assert "None" not in str(long)


def test_a_name_that_nobody_knows():
    error = cannot_listen("nohost:80", socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert str(error).startswith("cannot listen on nohost:80: Name or service not known")


def test_a_port_for_the_privileged():
    assert "CAP_NET_BIND_SERVICE" in cannot_listen("127.0.0.1:80", PermissionError(errno.EACCES, "Permission denied")).hint
