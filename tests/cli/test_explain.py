"""``isolate-host explain`` and ``audit suggest``."""

import json
from pathlib import Path

import pytest
import yaml

import isolate_host as ih
from isolate_host.cli import main
from tests.support.packages import write_tree

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


FILES = """\
version: 1
plugins: [files, modules]
sandboxes:
  agent:
    policies:
      files:
        mounts:
          - {path: /data, root: ./data}
          - {path: /data/out, root: ./data, overlay: true, quota: 1MiB}
          - {path: /tmp/x, memory: true}
      modules:
        virtual: {"@/env": "export {}"}
        source_trees: [{prefix: "@app/", root: ./src}]
        node_modules: [{mount: /node_modules, root: ./node_modules}]
        imports: {react: pack, gone: null}
  bound:
    policies: {files: {}}
"""


@pytest.fixture
def files_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tree(tmp_path, {"host.yaml": FILES, "data/a.txt": "a", "src/main.ts": "export {}", "node_modules/pack/index.js": "exports.a = 1", "outside.ts": "export {}"})
    (tmp_path / "src/link.ts").symlink_to(tmp_path / "outside.ts")


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("agent files /data/a.txt", 0, ["it lies in the mount /data", "files.mounts[0] (host.yaml:8)"]),
        ("agent files read /data/../data/b", 0, ["mounts[0]"]),
        ("agent files write /data/a.txt", 1, ["/data is mounted for reading only", "mounts[0] (host.yaml:8)", "set write: true there"]),
        ("agent files write /data/out/x", 0, ["mounts[1] (host.yaml:9)", "stays in memory", "quota limits"]),
        ("agent files write /tmp/x/y", 0, ["mounts[2] (host.yaml:10)", "in memory and ends"]),
        ("agent files /tmp", 0, ["above a mount"]),
        ("agent files write /tmp", 1, ["no mount covers it", "files.mounts (host.yaml:7)", "add {path: /tmp"]),
        ("agent files /etc/passwd", 1, ["no mount covers it"]),
        ("agent files /../etc", 1, ["climbs above /"]),
        ("agent files a.txt", 1, ["that is no path"]),
        ("bound files /x", 0, ["what the caller binds"]),
        ("agent modules @/env", 0, ["modules.virtual.@/env"]),
        ("agent modules @app/main", 0, ["it is the module /@app/main.ts", "source_trees[0] (host.yaml:13)"]),
        ("agent modules ./main from /@app/other.ts", 0, ["source_trees[0]"]),
        ("agent modules @app/link.ts", 1, ["leads outside"]),
        ("agent modules @app/../../etc/passwd", 1, ["Access denied"]),
        ("agent modules pack", 0, ["it is the module /node_modules/pack/index.js", "node_modules[0] (host.yaml:14)"]),
        ("agent modules react", 0, ["pack/index.js", "the import map makes it pack"]),
        ("agent modules gone", 1, ["gone"]),
        ("agent modules missing-pack", 1, ["Cannot find module 'missing-pack'", "may have it"]),
        ("agent modules /nowhere.ts", 1, ["no virtual module, source tree or package has it", "to allow it: add it to virtual"]),
        ("agent modules node:fs", 1, ["plugins provide"]),
        ("agent modules a b", 1, ["that is no import"]),
    ],
)  # fmt: skip
def test_explain_files_and_modules(files_folder, capsys, asked, code, words):
    sandbox, capability, value = asked.split(" ", 2)
    assert main(["explain", sandbox, capability, value]) == code
    printed = capsys.readouterr().out
    assert [word for word in words if word not in printed] == [], printed


async def test_suggest_opens_memory_and_no_folder_of_the_host(folder, capsys):
    config = {"version": 1, "plugins": ["files", "modules"], "audit": {"file": "audit.jsonl"}, "sandboxes": {"s": {"policies": {
        "files": {"mounts": [{"path": "/data", "root": "data"}]}, "modules": {"source_trees": [{"prefix": "@src/", "root": "src"}]},
    }}}}  # fmt: skip
    write_tree(folder, {"data/a": "a", "src/main.ts": "export {}"})
    code = """
        const refused = [];
        const write = async (path) => { const names = path.split('/').slice(1), last = names.pop(); let at = await getDirectory('/');
          for (const name of names) at = await at.getDirectoryHandle(name, { create: true });
          const stream = await (await at.getFileHandle(last, { create: true })).createWritable(); await stream.write('x'); await stream.close() };
        for (const path of ['/scratch/x', '/data/b/c', '/top/y']) await write(path).catch((error) => refused.push(error.name));
        await import('@src/../../etc/passwd').catch((error) => refused.push('import'));
        refused"""

    async def run():
        Path("run.yaml").write_text(yaml.safe_dump(config))
        async with ih.create_isolate_host(config="run.yaml") as host, host.create_runtime(sandbox="s") as runtime:
            return await runtime.eval(code)

    assert len(await run()) == 4
    assert main(["audit", "suggest", "audit.jsonl", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["sandboxes"] == {"s": {"policies": {"files": {"mounts": [{"path": "/scratch", "memory": True}, {"path": "/top", "memory": True}]}}}}
    left = {item["value"]: item["reason"] for item in data["left"]}
    assert left["/data"] == "set sandboxes.s.policies.files.mounts[0].write: true"
    config["sandboxes"]["s"]["policies"]["files"]["mounts"] += data["sandboxes"]["s"]["policies"]["files"]["mounts"]
    assert await run() == ["NotAllowedError", "import"]


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
