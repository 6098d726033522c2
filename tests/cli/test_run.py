"""``isolate-host run`` as a user starts it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("isolate-host")
CONFIGS = Path(__file__).parents[2] / "configs"
YAML = """
version: 1
sandboxes:
  default:
    limits: {timeout_s: 3, memory_mb: 32}
    policies: {console: {output_bytes: 64KiB}, modules: {source_trees: [{prefix: "@app/", root: src}]}}
  silent: {}
"""


@pytest.fixture
def run(tmp_path):
    def run(source, *args, stdin=None, name="main.ts"):
        (tmp_path / "src").mkdir(exist_ok=True)
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source)
        command = [COMMAND, "run", file, *args]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)

    return run


def test_console_goes_where_it_belongs(run):
    done = run("console.log('out'); console.error('err'); console.warn('warn'); console.group('g'); console.info('a\\nb'); console.groupEnd();")
    assert done.stdout == "out\ng\n  a\n  b\n"
    assert done.stderr == "err\nwarn\n"
    assert done.returncode == 0


def test_arguments_and_input(run, tmp_path):
    program = "console.log(args.join(), typeof input); input"
    done = run(program, "--json", "--input", "-", "--", "a", "--b", stdin='{"x": [1]}')
    assert done.stdout == 'a,--b object\n{"x":[1]}\n'
    (tmp_path / "input.txt").write_text("plain text")
    assert run(program, "--json", "--input", "input.txt").stdout == ' string\n"plain text"\n'
    assert run("typeof input", "--json").stdout == '"undefined"\n'


def test_program_from_stdin(tmp_path):
    done = subprocess.run([COMMAND, "run", "-"], input="console.log(1 as number)", capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_imports_of_the_own_folder_and_no_other(run, tmp_path):
    (tmp_path / "outside.ts").write_text("export const secret = 1")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.ts").write_text("export const a: number = 1")
    assert run("import {a} from './a'; console.log(a)", name="src/main.ts").stdout == "1\n"
    done = run("await import('../outside')", name="src/main.ts")
    assert done.returncode == 1
    assert "outside" in done.stderr


def test_a_guest_error_shows_the_place(run):
    done = run("const n: number = 1;\nthrow new TypeError('bad');")
    assert done.returncode == 1
    assert "TypeError: bad" in done.stderr
    assert "/main.ts:2:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("for (;;);", 124, "limits.timeout_s"),
        ("await new Promise((resolve) => setTimeout(resolve, 60_000))", 124, "limits.timeout_s"),
        ("const a = []; for (;;) a.push(new Array(1e5).fill(1.5));", 137, "limits.memory_mb"),
        ("let x: = 1", 1, "SyntaxError"),
        ("console.log('x'.repeat(70_000))", 1, "policies.console.output_bytes"),
        ("await import('@app/../secret')", 1, "Access denied"),
        ("() => 1", 1, "--json"),
    ],
)
def test_ends(run, tmp_path, source, code, text):
    (tmp_path / "host.yaml").write_text(YAML)
    done = run(source, "--config", "host.yaml", "--json")
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr


def test_sandboxes(run, tmp_path):
    (tmp_path / "host.yaml").write_text(YAML)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/b.ts").write_text("export const b = 'tree'")
    assert run("import {b} from './b'; console.log(b)", "--config", "host.yaml", name="src/main.ts").stdout == "tree\n"
    done = run("console.log(1)", "--config", "host.yaml", "--sandbox", "silent")
    assert done.stdout == ""
    done = run("1", "--config", "host.yaml", "--sandbox", "none")
    assert done.returncode == 2
    assert "has no sandbox 'none'" in done.stderr
    assert "--sandbox one of: default, silent" in done.stderr


@pytest.mark.parametrize("stage", ["zygote", "boot", "program"])
def test_ctrl_c(tmp_path, stage):
    # What a turn says is sent at its end, so the endless one comes after the one that speaks.
    (tmp_path / "main.ts").write_text("console.log('started'); setTimeout(() => { for (;;); });")
    with subprocess.Popen([COMMAND, "run", tmp_path / "main.ts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        if stage == "program":
            assert process.stdout.readline() == "started\n"
        else:
            while not any(children.read_text() for children in Path(f"/proc/{process.pid}/task").glob("*/children")):
                time.sleep(0.005)
            time.sleep(0.2 if stage == "boot" else 0)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error == "isolate-host: interrupted\n"


@pytest.mark.parametrize(
    ("config", "program", "output"),
    [
        ("minimal.yaml", "hello.ts", "hello, world\n"),
        ("isolation.yaml", "hello.ts", "hello, world\n"),
        ("tools-python.yaml", "tools.ts", "Hello, isolate!\n{ words: 5, asked_by: 'default' }\n3\n2\n1\n"),
        ("modules.yaml", "main.ts", "MODE SANDBOX, AT MOST 10 ITEMS!\n"),
        ("typecheck.yaml", "checked.ts", "13 Hello, types!\n"),
    ],
)
def test_the_examples_do_what_they_say(config, program, output):
    command = [COMMAND, "run", "--config", CONFIGS / config, CONFIGS / "guest" / program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout == output
    assert done.returncode == 0


def test_a_program_ends_when_nobody_reads_its_output(tmp_path):
    program = tmp_path / "endless.js"
    program.write_text("setInterval(() => { for (let i = 0; i < 1000; i++) console.log(`line ${i}`); }, 1);")
    with subprocess.Popen([COMMAND, "run", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "line 0\n"
        process.stdout.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == ""


def test_json_line_is_last(run):
    done = run("setTimeout(() => console.log('later'), 10); await new Promise(r => setTimeout(r, 50)); ({done: true})", "--json")
    assert json.loads(done.stdout.splitlines()[-1]) == {"done": True}
