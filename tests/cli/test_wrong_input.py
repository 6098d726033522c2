"""What a tired person types: no traceback, one clear error, the right exit code."""

import io
import os
import sys
from pathlib import Path

import pytest

from isolate_host.cli import main

FILES = {
    "ok.ts": "console.log(1)\n",
    "ok.test.ts": "test('a', () => {})\n",
    "empty": "",
    "list.yaml": "- 1\n",
    "broken.yaml": "version: 1\nsandboxes: [\n",
    "wrong.yaml": "version: 1\nsandboxes: {default: {polices: {}}}\n",
    "host.yaml": "version: 1\nsandboxes: {default: {policies: {console: {}, tests: {}, tools: {allow: [a]}}}}\n",
    "broken.json": '{"a":\n',
    "notes.jsonl": 'not json\n{"event": 1}\n',
}
#: What may stand where a file is wanted, and what is said of it.
NO_FILES = {
    "nothing": "No such file",
    "folder": "Is a directory",
    "ok.ts/inner": "Not a directory",
    "circle": "Too many levels of symbolic links",
    "binary": "UTF-8",
    "x" * 300: "File name too long",
}
READERS = [
    ["run", "?"],
    ["run", "ok.ts", "--config", "?"],
    ["run", "ok.ts", "--input", "?"],
    ["typecheck", "?"],
    ["typecheck", "ok.ts", "--config", "?"],
    ["test", "ok.test.ts", "--config", "?"],
    ["check-config", "?"],
    ["check-config", "--config", "?"],
    ["show-config", "?"],
    ["serve", "--dry-run", "--config", "?"],
    ["--dry-run", "--config", "?"],
    ["explain", "default", "tools", "a", "--config", "?"],
    ["audit", "suggest", "?"],
    ["repl", "--config", "?"],
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    Path("binary").write_bytes(b"\xff\xfe\x00")
    Path("folder").mkdir()
    Path("circle").symlink_to("circle")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path


def said(capsys):
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert "internal error" not in err
    return out + err


@pytest.mark.parametrize("name", NO_FILES, ids=[name[:12] for name in NO_FILES])
@pytest.mark.parametrize("command", READERS, ids=[" ".join(command) for command in READERS])
def test_a_file_that_is_none(folder, capsys, command, name):
    assert main([name if word == "?" else word for word in command]) == 2
    text = said(capsys)
    assert NO_FILES[name] in text
    assert len(text.splitlines()) <= 4


@pytest.mark.parametrize("command", [command for command in READERS if "--config" in command or "config" in command[0]], ids=" ".join)
@pytest.mark.parametrize(("name", "code"), [("empty", "config-empty"), ("list.yaml", "config-wrong-type"), ("broken.yaml", "yaml-syntax"), ("wrong.yaml", "config-unknown-key")])
def test_a_configuration_that_is_none(folder, capsys, command, name, code):
    assert main([name if word == "?" else word for word in command]) == 2
    text = said(capsys)
    assert f"error[{code}]" in text
    assert f"{name}:" in text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run", "required: FILE"),
        ("run ok.ts more", "unrecognized arguments: more"),
        ("run ok.ts --sandbox a", "--sandbox needs --config"),
        ("run ok.ts --config host.yaml --sandbox a", "--sandbox one of: default"),
        ("run ok.ts --conifg host.yaml", "did you mean --config? see isolate-host run --help"),
        ("run --timeout 5 ok.ts", "see isolate-host run --help"),
        ("plugin new --inot=. fine", "did you mean --into? see isolate-host plugin new --help"),
        ("rnu ok.ts", "invalid choice: 'rnu'"),
        ("--config", "expected one argument"),
        ("check-config --format xml", "invalid choice: 'xml'"),
        ("test", "required: FILE"),
        ("test nothing", "no test file matches nothing"),
        ("test folder", "no test file matches folder"),
        ("test ok.test.ts --jobs 0", "--jobs must be at least 1"),
        ("test ok.test.ts --jobs many", "invalid int value: 'many'"),
        ("test ok.test.ts --timeout soon", "invalid float value: 'soon'"),
        ("test ok.test.ts --timeout -1", "--timeout"),
        ("test ok.test.ts --retry -1", "--retry"),
        ("test ok.test.ts --filter (", "--filter: Invalid regular expression: /(/"),
        ("test ok.test.ts --reporter html", "one of pretty, junit, tap, json"),
        ("test ok.test.ts --reporter junit=folder", "cannot write folder: Is a directory"),
        ("test ok.test.ts --reporter pretty=folder", "cannot write folder: Is a directory"),
        ("test ok.test.ts --reporter tap --reporter json", "only one reporter can write to stdout"),
        ("typecheck", "required: FILE"),
        ("explain", "required: SANDBOX, CAPABILITY, VALUE"),
        ("explain other tools a --config host.yaml", "there is no sandbox 'other'"),
        ("explain default nope a --config host.yaml", "no installed plugin provides 'nope'"),
        ("audit", "required: ACTION"),
        ("audit suggest notes.jsonl", "notes.jsonl:1 is no audit record"),
        ("audit suggest broken.json", "broken.json:1 is no audit record"),
        ("schema nope", "no installed plugin is called 'nope'"),
        ("schema folder/ok.ts", "no installed plugin is called 'folder/ok.ts'"),
        ("plugin new", "required: NAME"),
        ("plugin new Upper", "not a possible name"),
        ("plugin new ../up", "not a possible name"),
        ("plugin new fine --into empty", "cannot write empty/isolate-host-fine"),
        ("plugin new fine --into circle", "Too many levels of symbolic links"),
        ("repl --session", "expected one argument"),
        ("repl --sandbox a", "--sandbox needs --config or --session"),
        ("repl --socket s", "--socket needs --session"),
        ("serve --dry-run --socket folder", "exists and is not a socket"),
        ("serve --dry-run --socket ok.ts/s", "is not a folder"),
        ("version --jsno", "unrecognized arguments: --jsno"),
    ],
)
def test_wrong_use(folder, capsys, command, words):
    folder.chmod(0o700)
    assert main(command.split(" ")) == 2
    assert words in said(capsys)


def test_empty_words(folder, capsys):
    for command in (["run", ""], ["repl", "--session", ""], ["plugin", "new", ""]):
        assert main(command) == 2
        said(capsys)


def test_a_socket_path_that_is_too_long(folder, capsys):
    assert main(["serve", "--dry-run", "--socket", "x" * 200]) == 2
    assert "is longer than 107 bytes" in said(capsys)


def test_a_hint_to_install_is_given_for_names_only(folder, capsys):
    main(["schema", "no/name; rm"])
    assert "pip install" not in said(capsys)
    main(["schema", "far-away"])
    assert "pip install isolate-host-far-away" in said(capsys)


def test_a_file_that_may_not_be_read(folder, capsys):
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    (folder / "ok.ts").chmod(0)
    # What the command imports on its way may be out of reach for the user whom modes mean.
    assert [main(["run", "nothing"]), main(["typecheck", "nothing"])] == [2, 2]
    said(capsys)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        codes = [main(["run", "ok.ts"]), main(["typecheck", "ok.ts"])]
    finally:
        os.seteuid(me)
    assert codes == [2, 2]
    assert said(capsys) == "isolate-host: cannot read ok.ts: Permission denied\n" * 2
