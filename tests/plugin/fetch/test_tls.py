"""HTTPS, and the secrets that go only there."""

import json
import logging

import pytest
from aiohttp import web

from isolate_host.config.secret import Secret
from isolate_host.plugins.fetch.credentials import Credentials
from isolate_host.plugins.fetch.messages import NetworkFailure
from isolate_host.plugins.fetch.targets import Target

TOKEN = "Bearer s3cret-token-of-the-host"


async def echo(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    return web.json_response(headers, headers={"X-Echo": request.headers.get("Authorization", "none"), "X-Part": TOKEN[7:]})


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return "ca.pem"


@pytest.fixture
async def secure(serve, tls, fetcher, names, ca_file):
    """A server that is called a.test and b.test, a plain one, and a fetch function for each policy."""

    async def to(request):
        raise web.HTTPFound(request.query["to"])

    routes = {"GET /": echo, "GET /to": to}
    secret, plain = await serve(routes, tls("a.test", "b.test")), await serve(routes)

    def make(**policy):
        known = names(a_test=["127.0.0.1"], b_test=["127.0.0.1"], wrong_test=["127.0.0.1"])
        return fetcher({"allow": ["*://*"], "private_addresses": "allow", "ca_file": ca_file, **policy}, extra={"names": known})

    return make, secret, plain


async def test_certificates_are_checked(secure, fetcher, names):
    make, port, plain = secure
    assert (await make()(f"https://a.test:{port}/")).status == 200
    with pytest.raises(NetworkFailure, match="certificate of wrong.test is not valid"):
        await make()(f"https://wrong.test:{port}/")
    distrustful = fetcher(extra={"names": names(a_test=["127.0.0.1"])})
    with pytest.raises(NetworkFailure, match="certificate of a.test is not valid"):
        await distrustful(f"https://a.test:{port}/")
    with pytest.raises(NetworkFailure, match="no secure connection"):
        await make()(f"https://a.test:{plain}/")


async def test_credentials_go_to_their_host_over_https_only(secure, caplog):
    make, port, plain = secure
    fetch = make(credentials=[{"host": "a.test", "header": "authorization", "value": TOKEN}])
    with caplog.at_level(logging.DEBUG):
        reply = await fetch(f"https://a.test:{port}/", headers=[["Authorization", "guess"]])
    assert json.loads(reply.body)["authorization"] == TOKEN
    assert (reply.head["x-echo"], reply.head["x-part"]) == (["[redacted]"], ["[redacted]"])
    assert "s3cret" not in caplog.text
    for url in (f"https://b.test:{port}/", f"http://a.test:{plain}/"):
        assert "authorization" not in json.loads((await fetch(url)).body)


async def test_credentials_do_not_follow_to_another_host(secure):
    make, port, plain = secure
    fetch = make(credentials=[{"host": "*.test", "header": "X-Key", "value": TOKEN}, {"host": "a.test", "header": "X-A", "value": "secret-of-a"}])
    assert json.loads((await fetch(f"https://a.test:{port}/to?to=/")).body)["x-key"] == TOKEN
    for start, to in (("a", f"https://b.test:{port}/"), ("a", f"http://a.test:{plain}/"), ("b", f"https://a.test:{port}/"), ("a", f"https://b.test:{port}/to?to=https://a.test:{port}/")):
        seen = json.loads((await fetch(f"https://{start}.test:{port}/to?to={to}")).body)
        assert "x-key" not in seen
        assert "x-a" not in seen


async def test_a_secret_in_a_redirect_is_not_shown(secure):
    make, port, _ = secure
    fetch = make(credentials=[{"host": "a.test", "header": "X-Key", "value": Secret("longsecret").reveal()}])
    assert (await fetch(f"https://a.test:{port}/to?to=/?key=longsecret")).url == f"https://a.test:{port}/?key=[redacted]"


def test_redaction_finds_the_token_in_its_value():
    credentials = Credentials([{"host": "a.test", "header": "A", "value": Secret("Basic dXNlcjpwYXNz")}])
    assert credentials.redact("you sent dXNlcjpwYXNz, that is Basic dXNlcjpwYXNz") == "you sent [redacted], that is [redacted]"
    assert credentials.apply(Target.parse("http://a.test/"), [("a", "own")]) == [("a", "own")]
    assert credentials.apply(Target.parse("https://a.test/"), [("a", "own")]) == [("A", "Basic dXNlcjpwYXNz")]
    assert "dXNl" not in repr(vars(credentials)["_entries"])


@pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\n", "\0", " a", "\u20ac"])
def test_a_secret_that_would_be_two_headers(value):
    with pytest.raises(ValueError, match="no header may have"):
        Credentials([{"host": "a.test", "header": "A", "value": Secret(value)}])
