"""``isolate-host repl`` as a person uses it, at a terminal and in a pipe."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from isolate_host.cli.repl_text import is_complete
from tests.support.hosts import stop_daemon

COMMAND = Path(sys.executable).with_name("isolate-host")
YAML = "version: 1\nsandboxes:\n  default: {limits: {timeout_s: 1}, policies: {console: {}}}\n  silent: {}\n"
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def pipe(tmp_path):
    def run(text, *args):
        return subprocess.run([COMMAND, "repl", *args], input=text, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)

    return run


class Terminal:
    def __init__(self, folder, *args, **environ):
        self.master, slave = pty.openpty()
        environ = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "TERM": "dumb", **environ}
        # Its controlling terminal, so that Ctrl-C arrives as a signal.
        command = ["setsid", "--ctty", "--wait", COMMAND, "repl", *args]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environ)
        os.close(slave)
        self.seen = ""
        self.read_to("> ")

    def read_to(self, text, seconds=30):
        """What comes up to ``text``."""
        limit = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0, limit - time.monotonic()))
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += _COLOUR.sub("", os.read(self.master, 4096).decode()).replace("\r", "")
        before, _, self.seen = self.seen.partition(text)
        return before

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        # Between showing its prompt and waiting for keys, input() notes a signal, and acts on it at the next key only. A person is slower than that.
        time.sleep(1)
        self.type("\x03")

    def ask(self, line):
        self.type(line + "\n")
        self.read_to(line + "\n")
        return self.read_to("> ").removesuffix("\n")

    def end(self):
        self.type("\x04")
        try:
            return self.process.wait(30)
        finally:
            os.close(self.master)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def open_terminal(*args, **environ):
        opened.append(Terminal(tmp_path, *args, **environ))
        return opened[-1]

    yield open_terminal
    for one in opened:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_a_pipe_is_evaluated_statement_by_statement(pipe):
    done = pipe("1 + 1\nlet o = {a: [1,\n  new Map([['k', 'v']])]}\no\nfunction twice(n: number): number {\n  return n * 2\n}\ntwice(21)\nawait Promise.resolve('x')\n_\n")
    assert done.stdout == "2\n{ a: [ 1, Map(1) { 'k' => 'v' } ] }\n42\n'x'\n'x'\n"
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_pipe_with_a_failure_goes_on_and_fails_at_the_end(pipe):
    done = pipe("throw new TypeError('no')\nconsole.log('on')\nlet x = {\n")
    assert done.stdout == "on\n"
    assert "TypeError: no\n    at /repl-1.ts:1:7" in done.stderr
    assert "SyntaxError" in done.stderr
    assert done.returncode == 1


def test_a_pipe_waits_for_what_it_started(pipe):
    assert pipe("let id = setTimeout(() => console.log('late'), 50); void 0\n").stdout == "late\n"


def test_commands(pipe, tmp_path):
    (tmp_path / "lib.ts").write_text("export const n: number = 7")
    (tmp_path / "script.ts").write_text("globalThis.loaded = (await import('./lib.ts')).n;\nloaded")
    done = pipe("globalThis.a = 1\n.load script.ts\n.clear\ntypeof a\n.load none.ts\n.what\n.exit\n'never'\n")
    assert done.stdout == "1\n7\n'undefined'\n"
    assert "cannot read none.ts" in done.stderr and "no command .what" in done.stderr


def test_a_sandbox_and_its_limits(pipe, tmp_path):
    (tmp_path / "host.yaml").write_text(YAML)
    done = pipe("globalThis.a = 1\nfor (;;) {}\ntypeof a\nawait import('./x.ts')\n", "--config", "host.yaml")
    assert done.stdout == "1\n'undefined'\n"
    assert "longer than 1 s" in done.stderr and "begins with an empty one" in done.stderr and "no policy grants modules" in done.stderr
    assert pipe("1 + 1\n", "--config", "host.yaml", "--sandbox", "silent").stdout == "2\n"
    assert pipe("1\n", "--config", "host.yaml", "--sandbox", "none").returncode == 2
    assert pipe("1\n", "--sandbox", "default").returncode == 2


def test_a_session_outlives_the_command(pipe, tmp_path):
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="ih-"))
    args = ("--session", "work", "--socket", str(folder / "s"))
    try:
        assert pipe("globalThis.n = 41\n", *args).stdout == "41\n"
        assert pipe("++n\n", *args).stdout == "42\n"
        assert pipe("typeof n\n", "--session", "other", *args[2:]).stdout == "'undefined'\n"
        assert pipe(".clear\ntypeof n\n", *args).stdout == "'undefined'\n"
    finally:
        stop_daemon(folder)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_terminal_has_prompts_colours_and_a_history(terminal, tmp_path):
    one = terminal()
    assert one.ask("1 + 1") == "2"
    one.type("[1,\n")
    one.read_to("... ")
    assert one.ask("2]").endswith("[ 1, 2 ]")
    assert "Type" not in one.ask(".help")
    assert one.ask("undefined") == "undefined"
    assert one.end() == 0
    history = tmp_path / "state/isolate-host/repl_history"
    assert "1 + 1" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_ctrl_c_stops_waiting_and_keeps_the_state(terminal):
    one = terminal()
    one.ask("globalThis.n = 7; setInterval(() => {}, 1e6); 0")
    one.type("await new Promise(() => {})\n")
    one.read_to("(() => {})\n")
    one.interrupt()
    one.read_to("> ")
    assert one.ask("n") == "7"
    assert one.end() == 0


def test_ctrl_c_ends_a_loop_with_its_isolate(terminal):
    one = terminal()
    one.ask("globalThis.n = 7")
    one.type("for (;;) {}\n")
    one.read_to("{}\n")
    one.interrupt()
    assert "did not stop" in one.read_to("> ")
    assert one.ask("typeof n") == "'undefined'"
    one.interrupt()
    one.read_to("Ctrl-D)\n> ")
    one.interrupt()
    assert one.process.wait(30) == 0


def test_a_pipe_is_interrupted_as_any_program(tmp_path):
    command = [COMMAND, "repl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tmp_path) as process:
        process.stdin.write("'ready'\nfor (;;) {}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "'ready'\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


@pytest.mark.parametrize("text", [
    "1", "f(1)", "`a ${b} ${`c ${'}'}`}`", "'it\\'s'", "// {", "/* { */ 1", "/[/]}/.test(x)", "a / b / c", "return /}/", "x++", "({})", "a ? b : c",
    "'open\n", "}", "const t = <div>it's</div>", "1 // +", "[1] / 2", "/a{2}/", "label: x",
])
def test_whole_statements(text):
    assert is_complete(text)


@pytest.mark.parametrize("text", ["{", "f(1,", "`a", "`a ${b", "`a ${b}", "/* x", "() =>", "a &&", "let x =", "[1, 2].map((n) => {", "a\n  .", "({ a: /}/"])
def test_unfinished_statements(text):
    assert not is_complete(text)
