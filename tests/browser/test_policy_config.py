"""The policy in a configuration: what is refused before anything runs, ``explain``, ``audit suggest``. No browser is started here."""

import json

import pytest

from isolate_host.cli import main
from isolate_host.plugin import Refusal
from isolate_host.plugins.browser.explain import suggest_policy
from isolate_host.plugins.browser.flags import OWN_FLAGS, refused_flag
from isolate_host.plugins.browser.launch import find_executable
from isolate_host.plugins.browser.policy import BrowserPolicy

HOST = """\
version: 1
plugins: [browser]
sandboxes:
  agent:
    policies:
      browser:
        allow:
          - "https://app.example.com/v1/*"
          - {scheme: http, host: 10.0.0.5, port: 8080}
        deny: [{host: tracker.example.com}]
  own:
    policies:
      browser: {bound_network: own}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "host.yaml").write_text(HOST)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("agent browser https://app.example.com/v1/x", 0, ["rule https://app.example.com/v1/*", "browser.allow[0] (host.yaml:8)", "must be public"]),
        ("agent browser POST https://app.example.com/v2", 1, ["no rule of", 'to allow it: add "https://app.example.com/v2"']),
        ("agent browser wss://app.example.com/v1/live", 0, ["allow[0]"]),
        ("agent browser http://10.0.0.5:8080/", 1, ["private_addresses: allow"]),
        ("agent browser https://tracker.example.com/", 1, ["deny[0]"]),
        ("agent browser file:///etc/passwd", 1, ["pages are on the web", "no policy opens another scheme"]),
        ("agent browser about:blank", 0, ["nothing of the host"]),
        ("own browser https://a.test/", 1, ["bound_network: own"]),
    ],
)  # fmt: skip
def test_explain(folder, capsys, asked, code, words):
    assert main(["explain", *asked.split(" ")]) == code
    out = capsys.readouterr().out
    assert [word for word in words if word not in out] == []


def test_suggest_names_the_urls_that_were_refused_and_nothing_else():
    found = suggest_policy(
        [
            Refusal("https://a.test/x", "no rule of k.allow matches", "GET"), Refusal("ws://127.0.0.1:8080/live", "no rule of k.allow matches", "GET"),
            Refusal("file:///etc/passwd", "schemes of the web only", "GET", "use http: or https:"), Refusal("Browser.close", "DevTools: one page only", "cdp"),
            Refusal("/data/x.png", "no files are granted", "write", "grant files"),
        ]
    )
    assert found.policy["allow"] == [
        {"host": "a.test", "path": "/x", "methods": ["GET"]},
        {"scheme": "ws", "host": "127.0.0.1", "port": 8080, "path": "/live", "methods": ["GET"], "private_addresses": "allow"},
    ]
    assert [refusal.value for refusal, _ in found.left] == ["file:///etc/passwd", "Browser.close", "/data/x.png"]


def test_suggest_reads_the_record(folder, capsys):
    record = {"v": 1, "ts": "2026-01-01T00:00:00+00:00", "event": "denied", "runtime": "rt-1", "sandbox": "agent", "capability": "browser", "op": "GET", "value": "https://b.test/", "rule": "no rule of k.allow matches"}
    (folder / "a.jsonl").write_text(json.dumps(record) + "\n")
    assert main(["audit", "suggest", "a.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sandboxes"]["agent"]["policies"]["browser"]["allow"] == [{"host": "b.test", "path": "/", "methods": ["GET"]}]


@pytest.mark.parametrize("flag", [*OWN_FLAGS[2:4], "--no-proxy-server", "--proxy-bypass-list=*", "--proxy-pac-url=http://a.test", "--REMOTE-DEBUGGING-PIPE", "--enable-features=DirectSockets", "--disable-features=x", "--single-process", "--gpu-launcher=sh", "--renderer-cmd-prefix=sh", "--log-net-log=/tmp/x", "--headless=old", "-x", "http://a.test", "--disable-site-isolation-trials", "--allow-file-access-from-files"])
def test_switches_that_undo_the_policy(flag):
    assert refused_flag(flag)


@pytest.mark.parametrize("flag", ["--lang=de", "--window-size=800,600", "--disable-gpu", "--mute-audio", "--use-gl=swiftshader", "--disable-dev-shm-usage"])
def test_switches_that_do_not(flag):
    assert refused_flag(flag) is None


def test_the_program_is_a_path_or_a_name(tmp_path):
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\n")
    assert find_executable({"executable_path": "./browser"}, tmp_path) is None
    program.chmod(0o755)
    assert find_executable({"executable_path": "./browser"}, tmp_path) == str(program)
    assert find_executable({"executable_path": "sh"}, tmp_path).endswith("/sh")
    assert find_executable({"executable_path": "no-such-program"}, tmp_path) is None


def test_a_policy_crosses_to_a_client_whole():
    policy = BrowserPolicy({"allow": ({"host": "a.test"},), "max_pages": 3, "launch": {"args": ()}}, "k", "host.yaml:3", "audit")
    sent = json.loads(json.dumps(policy.to_wire()))
    assert "launch" not in sent["policy"]
    again = BrowserPolicy.from_wire(sent)
    assert (again.options["allow"], again.limits.max_pages, again.mode, again.key) == ([{"host": "a.test"}], 3, "audit", "k")
    assert BrowserPolicy.from_wire(BrowserPolicy(None).to_wire()).guarded is False
