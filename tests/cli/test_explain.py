"""``isolate-host explain`` and ``audit suggest``."""

import json
from pathlib import Path

import pytest
import yaml

import isolate_host as ih
from isolate_host.cli import main

HOST = """\
version: 1
plugins: [console, fetch, tools]
sandboxes:
  agent:
    policies:
      console: {}
      fetch:
        allow:
          - "https://api.example.com/v1/*"
          - {host: "*.cdn.example.com", methods: [GET]}
          - {scheme: http, host: 10.0.0.5, port: 8080}
        deny:
          - "https://api.example.com/v1/admin/*"
        credentials: [{host: api.example.com, header: Authorization, value: "top-secret-value"}]
      tools:
        allow: [greet, "search_*"]
  trial:
    policies: {fetch: {mode: audit}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("host.yaml").write_text(HOST)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("agent fetch https://api.example.com/v1/users", 0, ["allowed: fetch", "rule https://api.example.com/v1/*", "policies.fetch.allow[0] (host.yaml:9)", "credentials[0] (Authorization) is added", "must be public"]),
        ("agent fetch GET https://a.cdn.example.com/x", 0, ["allow[1] (host.yaml:10)"]),
        ("agent fetch POST https://a.cdn.example.com/x", 1, ["denied: fetch POST", "no rule of", "policies.fetch.allow (host.yaml:8)", 'to allow it: add "https://a.cdn.example.com/x"']),
        ("agent fetch delete https://api.example.com/v1/admin/x", 1, ["fetch.deny: https://api.example.com/v1/admin/*", "deny[0] (host.yaml:13)", "to allow it: take"]),
        ("agent fetch http://10.0.0.5:8080/", 1, ["leads to a private address, 10.0.0.5", "allow[2] (host.yaml:11)", "private_addresses: allow"]),
        ("agent fetch wss://api.example.com/v1/live", 0, ["allow[0] (host.yaml:9)"]),
        ("agent fetch https://user:pass@api.example.com/v1/", 1, ["denied"]),
        ("agent fetch no-url", 1, ["denied", "invalid URL 'no-url'"]),
        ("agent fetch a b c", 1, ["that is no request"]),
        ("agent tools search_web", 0, ["pattern search_*", "tools.allow[1] (host.yaml:16)"]),
        ("agent tools delete", 1, ["no pattern of allow matches", "add 'delete' to allow"]),
        ("agent crypto subtle", 1, ["sandbox agent does not have crypto", "sandboxes.agent.policies (host.yaml:5)", "add sandboxes.agent.policies.crypto"]),
        ("agent console log", 1, ["not known: console log", "does not say", "policies.console (host.yaml:6)"]),
        ("trial fetch https://x.test/", 1, ["no rule of", "mode: audit lets it pass"]),
    ],
)  # fmt: skip
def test_explain(folder, capsys, asked, code, words):
    assert main(["explain", *asked.split(" ")]) == code
    out = capsys.readouterr().out
    assert [word for word in words if word not in out] == []
    assert "top-secret" not in out


def test_explain_as_json(folder, capsys):
    assert main(["explain", "agent", "fetch", "https://api.example.com/v1/x", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("notes")[1] == "credentials[0] (Authorization) is added by the host"
    assert found == {
        "sandbox": "agent", "capability": "fetch", "value": "https://api.example.com/v1/x", "allowed": True, "because": "rule https://api.example.com/v1/*",
        "key": "sandboxes.agent.policies.fetch.allow[0]", "file": "host.yaml", "line": 9, "grant": None, "mode": "enforce",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["nobody", "fetch", "x"], "there is no sandbox 'nobody'"),
        (["agent", "telepathy", "x"], "no installed plugin provides 'telepathy'"),
        (["agent", "fetch"], "required: VALUE"),
        (["agent", "fetch", "x", "--config", "missing.yaml"], "missing.yaml"),
    ],
)
def test_explain_what_is_not_there(folder, capsys, argv, text):
    assert main(["explain", *argv]) == 2
    assert text in capsys.readouterr().err


def refused(value, op="GET", rule="no rule of k.allow matches", sandbox="agent", capability="fetch", **more):
    return {"v": 1, "ts": "2026-01-01T00:00:00+00:00", "event": "denied", "runtime": "rt-1", "sandbox": sandbox, "capability": capability, "op": op, "value": value, "rule": rule, **more}


def suggest(capsys, file, *records):
    Path(file).write_text("".join(json.dumps(record) + "\n" for record in records))
    assert main(["audit", "suggest", file, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert main(["audit", "suggest", file]) == 0
    text = capsys.readouterr().out
    # What people paste is what the data says, whatever a guest wrote into it.
    assert (yaml.safe_load(text) or {"sandboxes": {}})["sandboxes"] == data["sandboxes"]
    return data, text


def test_suggest_is_narrow(folder, capsys):
    data, text = suggest(
        capsys, "a.jsonl",
        refused("https://api.example.com/v1/a"), refused("https://api.example.com/v1/a", "POST"), refused("https://api.example.com/v1/a"),
        refused("http://127.0.0.1:8080/x"),
        refused("https://inside.test/x"), refused("https://inside.test/x", rule="k.private_addresses: deny"),
        refused("greet", op="", rule="no pattern", capability="tools"),
        {"v": 1, "event": "lost", "count": 3}, {"v": 1, "ts": "", "event": "call", "runtime": "r", "capability": "tools", "op": "x"},
    )  # fmt: skip
    policies = data["sandboxes"]["agent"]["policies"]
    assert policies["fetch"]["allow"] == [
        {"scheme": "http", "host": "127.0.0.1", "port": 8080, "path": "/x", "methods": ["GET"], "private_addresses": "allow"},
        {"host": "api.example.com", "path": "/v1/a", "methods": ["GET", "POST"]},
        {"host": "inside.test", "path": "/x", "methods": ["GET"], "private_addresses": "allow"},
    ]
    assert policies["tools"] == {"allow": ["greet"]}
    assert (data["left"], data["lost"]) == ([], 3)
    assert "# Incomplete: 3 records were lost." in text


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (refused("https://api.example.com/*"), "would mean anything"),
        (refused("https://api.example.com/v1/%252e%252e/x"), "several ways"),
        (refused("https://0.0.0.0/"), "no policy opens this address"),
        (refused("https://a.test/", op="G*T"), "no rule can name this method"),
        (refused("https://a.test/x", rule="k.deny: https://a.test"), "a denying rule refuses it (k.deny: https://a.test)"),
        (refused("fetch", op="", rule="no policy grants it", hint="add sandboxes.agent.policies.fetch"), "add sandboxes.agent.policies.fetch"),
        (refused("https://a.test/x", sandbox=None), "had no sandbox"),
        (refused("*", op="", capability="tools"), "taken for a pattern"),
        (refused("a\nb: c\u2028d", op="", capability="console", hint="ask"), "ask"),
        (refused("x", op="", capability="not-installed"), "no rule of k.allow matches"),
    ],
)
def test_suggest_leaves_what_it_cannot_grant(folder, capsys, record, reason):
    data, text = suggest(capsys, "a.jsonl", record)
    assert data["sandboxes"] == {}
    assert reason in data["left"][0]["reason"]
    assert all(line.startswith("#") for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "error"),
    [("{}\n", "a.jsonl:1 is no audit record"), ('{"v": 1, "event": "call"}\nnope\n', "a.jsonl:2 is no audit record"), ('{"v": 2, "event": "x"}\n', "version 2"), ("\udcff", "not UTF-8")],
)
def test_suggest_says_what_is_wrong_with_a_file(folder, capsys, text, error):
    Path("a.jsonl").write_text(text, errors="surrogateescape")
    assert main(["audit", "suggest", "a.jsonl"]) == 2
    assert error in capsys.readouterr().err
    assert main(["audit", "suggest", "missing.jsonl"]) == 2


def test_a_record_that_is_being_written_is_no_error(folder, capsys):
    Path("a.jsonl").write_text('{"v": 1, "ev')
    assert main(["audit", "suggest", "a.jsonl"]) == 0
    assert capsys.readouterr().out == "# Nothing to add.\n"


async def test_from_a_run_in_audit_mode_to_a_policy_that_lets_it_pass(folder, capsys, serve):
    from aiohttp import web

    async def hello(_request):
        return web.Response(text="hello")

    port = await serve({"GET /hello": hello})
    code = f"await (await fetch('http://127.0.0.1:{port}/hello')).text()"
    config = {"version": 1, "plugins": ["fetch"], "audit": {"file": "audit.jsonl"}, "sandboxes": {"s": {"policies": {"fetch": {"mode": "audit"}}}}}

    async def run():
        Path("run.yaml").write_text(yaml.safe_dump(config))
        async with ih.create_isolate_host(config="run.yaml") as host, host.create_runtime(sandbox="s") as runtime:
            return await runtime.eval(code)

    assert await run() == "hello"
    assert main(["audit", "suggest", "audit.jsonl"]) == 0
    config["sandboxes"] = yaml.safe_load(capsys.readouterr().out)["sandboxes"]
    assert await run() == "hello"
    code = code.replace("/hello", "/other")
    with pytest.raises(ih.PolicyDenied, match="not allowed"):
        await run()
