"""``isolate-host typecheck``."""

import json
from pathlib import Path

import pytest

from isolate_host.cli import main

HOST = """\
version: 1
plugins: [console, modules, tools]
sandboxes:
  agent:
    policies:
      console: {}
      modules: {source_trees: [{prefix: "@app/", root: ./src}]}
      tools: {python: {shout: "host_tools:shout"}}
  mute:
    policies: {}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("host.yaml").write_text(HOST)
    Path("host_tools.py").write_text("def shout(text: str) -> str:\n    return text.upper()\n")
    Path("src").mkdir()
    Path("src/lib.ts").write_text("export const half = (n: number) => n / 2;\n")
    Path("src/good.ts").write_text("import { half } from './lib';\nconsole.log((await shout('a')).length, half(2));\n")
    Path("src/bad.ts").write_text("import { half } from './lib.ts';\nhalf('2');\nawait shout(1);\n")
    return tmp_path


def test_a_sandbox(folder, capsys):
    assert main(["typecheck", "src/good.ts", "--config", "host.yaml", "--sandbox", "agent"]) == 0
    assert capsys.readouterr().out == "src/good.ts: ok\n"
    assert main(["typecheck", "src/bad.ts", "--config", "host.yaml", "--sandbox", "agent"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("src/bad.ts:2:6: error[TS2345]: Argument of type 'string'")
    assert lines[1].startswith("src/bad.ts:3:13: error[TS2345]")
    assert main(["typecheck", "src/good.ts", "--config", "host.yaml", "--sandbox", "mute"]) == 1
    assert "error[TS2304]: Cannot find name 'shout'" in capsys.readouterr().out


def test_formats(folder, capsys):
    assert main(["typecheck", "src/bad.ts", "--capability", "files", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert [(item["line"], item["column"], item["code"]) for item in report["findings"]] == [(2, 6, "TS2345"), (3, 7, "TS2304")]
    assert main(["typecheck", "src/bad.ts", "--profile", "agent", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=src/bad.ts,line=2,col=6,title=TS2345::Argument of type")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nothing.ts"], "cannot read nothing.ts"),
        (["src/bad.ts", "--sandbox", "agent"], "--sandbox needs --config"),
        (["src/bad.ts", "--config", "host.yaml", "--profile", "agent"], "leave out --profile"),
        (["src/bad.ts", "--config", "host.yaml", "--sandbox", "other"], "--sandbox one of: agent, mute"),
        (["src/bad.ts", "--profile", "frontend"], "invalid choice"),
        (["src/bad.ts", "--capability", "dom"], "no plugin provides the capability 'dom'"),
    ],
)
def test_wrong_commands(folder, capsys, args, words):
    assert main(["typecheck", *args]) == 2
    assert words in capsys.readouterr().err
