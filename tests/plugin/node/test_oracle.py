"""The modules compared with Node itself, whose answers are in expected/ (written by make.mjs; no Node is needed here)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import isolate_host as ih

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CASES = sorted(path.stem for path in (HERE / "cases").glob("*.js"))
EXPORTS = json.loads((HERE / "expected/exports.json").read_text())
#: Modules of Node that are not there at all.
ABSENT = {"inspector/promises", "trace_events", "wasi"}
#: Names that a module lacks; docs/reference/node.md says why.
MISSING = {
    "assert": ["CallTracker"],
    "assert/strict": ["CallTracker"],
    "console": ["createTask"],
    "fs": ["lchmod", "lchmodSync"],
    "fs/promises": ["lchmod"],
    "module": ["SourceMap", "globalPaths", "runMain"],
    "path": ["matchesGlob"],
    "path/posix": ["matchesGlob"],
    "path/win32": ["matchesGlob"],
    "process": [
        "assert", "domain", "initgroups", "loadEnvFile", "noProcessWarnings", "openStdin", "reallyExit", "setegid", "seteuid", "setgid",
        "setgroups", "setuid", "sourceMapsEnabled",
    ],
    "readline/promises": ["Readline"],
    "stream": ["duplexPair"],
    "sys": ["MIMEParams", "MIMEType"],
    "timers": ["active", "enroll", "unenroll"],
    "util": ["MIMEParams", "MIMEType"],
    "v8": ["promiseHooks", "startupSnapshot"],
    "worker_threads": ["postMessageToThread"],
}
_NUMBERS = re.compile(r"(DH|ENGINE|RTLD|TLS\d*|TLS\d_\d|SSL)_\w+|OPENSSL_VERSION_NUMBER|SIG\w+|UV_\w+|EXTENSIONLESS_\w+|default\w+")


@pytest.fixture
async def runtime(host_from_yaml):
    text = "version: 1\nplugins: [crypto, node]\nsandboxes: {s: {policies: {crypto: {}, node: {}}, limits: {timeout_s: 60}}}\n"
    async with host_from_yaml(text) as host, host.create_runtime(sandbox="s") as runtime:
        yield runtime


@pytest.mark.parametrize("name", CASES)
async def test_like_node(runtime, name):
    harness, source = (HERE / "harness.js").read_text(), (HERE / f"cases/{name}.js").read_text()
    text = await runtime.eval(f"const load = (name) => import(`node:${{name}}`);\n{harness}\n{source}\nJSON.stringify(answers)")
    got, expected = json.loads(text), json.loads((HERE / f"expected/{name}.json").read_text())
    assert {key: got.get(key) for key in expected if got.get(key) != expected[key]} == {}
    assert got.keys() == expected.keys()


async def test_exported_names(runtime):
    lacking, strangers = {}, []
    for name, names in EXPORTS.items():
        if name in ABSENT:
            with pytest.raises(ih.GuestError, match=f"No such built-in module: node:{name}"):
                await runtime.eval(f"await import('node:{name}')")
            continue
        found = set(await runtime.eval(f"Object.keys(await import('node:{name}'))"))
        lacks = [item for item in names if item not in found and not item.startswith("_") and not (name == "constants" and _NUMBERS.fullmatch(item))]
        if lacks:
            lacking[name] = lacks
        strangers += [f"{name}.{item}" for item in found - set(names)] if name in ("path", "querystring", "string_decoder", "async_hooks") else []
    assert lacking == MISSING
    assert strangers == []


def test_what_is_missing_is_documented():
    page = (ROOT / "docs/reference/node.md").read_text()
    for module, names in {**MISSING, **{name: [] for name in ABSENT}}.items():
        assert f"`{module}`" in page, module
        for name in names:
            assert f"`{name}`" in page, f"{module}.{name}"


async def test_both_names_are_one_module(runtime):
    assert await runtime.eval("""
        const names = ["buffer", "events", "fs", "stream/promises", "path/win32", "process"];
        (await Promise.all(names.map(async (n) => (await import(n)).default === (await import(`node:${n}`)).default))).join()""") == ",".join(["true"] * 6)
