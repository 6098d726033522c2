"""What the documentation says exists, exists; what it shows, works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from isolate_host import errors
from isolate_host.config import check_config
from isolate_host.plugin import PluginRegistry
from tests.support.markdown import ROOT, blocks_of, write_files

BIN = Path(sys.executable).parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md"), *ROOT.glob("plugins/*/README.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]*)(#[^)]+)?\)")
FILE = re.compile(r"`((?:core|plugins|tests|configs|scripts|packaging|benchmarks|examples|docs|schemas)/[\w./{},*-]*)`")


def without_fences(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """The anchors that a renderer makes of headings."""
    headings = re.findall(r"^#+ (.*)$", without_fences(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    page = ROOT / name
    for target, anchor in LINK.findall(without_fences(page.read_text())):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor:
            assert anchor[1:] in anchors(file), anchor


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name):
    named = FILE.findall(without_fences((ROOT / name).read_text()))
    # Some stand for others: `plugins/NAME/`, `core/{a,b}.py`; figures are written when somebody measures.
    plain = [path for path in named if not re.search(r"NAME|WHAT|\{|^benchmarks/", path)]
    assert [path for path in plain if not list(ROOT.glob(path.rstrip("/")))] == []


def configurations():
    for name in NAMES:
        for number, block in enumerate(blocks_of(name)):
            if block.language == "yaml" and name.startswith(("README", "docs/howto")) and "version: 1" in block.text:
                yield pytest.param(name, block.text, id=f"{name}:{number}")


@pytest.mark.parametrize(("page", "text"), list(configurations()))
def test_configurations_are_valid(page, text, tmp_path):
    write_files(page, tmp_path)
    (tmp_path / "node_modules").mkdir()  # which the reader made with npm
    (tmp_path / "shown.yaml").write_text(text)
    _, findings = check_config(tmp_path / "shown.yaml", PluginRegistry())
    sys.modules.pop("mytools", None)
    assert findings == []


@pytest.fixture
def folder(tmp_path):
    """A function that lays out the files of a page and runs a command among them; its stdout."""

    def run(page, *command):
        write_files(page, tmp_path)
        env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=50, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    return run


#: Pages that are run from top to bottom: each shell block, and each program with what it prints below it.
RUN = ["docs/tutorial.md", "docs/coming-from.md", *(f"docs/howto/{name}.md" for name in ("tools", "fetch", "files", "console", "crypto", "app-servers", "typecheck"))]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", RUN)
def test_pages_show_what_happens(page, tmp_path):
    write_files(page, tmp_path)
    blocks = blocks_of(page)
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONWARNINGS": "error"}
    ran = 0
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        shown = after.text if after is not None and after.language == "text" else None
        program = block.name is not None and block.language == "python" and shown is not None
        if block.language != "sh" and not program:
            continue
        command = ["python", block.name] if program else ["bash", "-euc", block.text]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=50, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        assert shown is None or done.stdout == shown
        ran += 1
    assert ran > 0


def test_embedding(folder):
    printed = folder("docs/howto/embed.md", "python", "-W", "error", "embed.py").splitlines()
    assert printed[0] == "[log] ada has 2 tags"
    assert re.fullmatch(r"\{'sum': 12, 'who': 'rt-1, tools:who:\d+'\}", printed[1])
    assert printed[2:] == ["ValueError - a name has letters only", "42"]


def test_aborting(folder):
    assert folder("docs/howto/embed.md", "python", "-W", "error", "abort.py") == "the user left\n"


def test_the_code_frame_is_shown_as_it_is(folder):
    shown = next(block.text for block in blocks_of("docs/howto/debug.md") if block.language == "text")
    assert folder("docs/howto/debug.md", "python", "-W", "error", "frame.py") == shown


def test_sessions_and_branches(folder):
    shown = [block.text for block in blocks_of("docs/howto/sessions.md") if block.language == "text"]
    assert [folder("docs/howto/sessions.md", "python", "-W", "error", name) for name in ("session.py", "explore.py")] == shown


def test_tests_of_guest_code(folder):
    script = next(block.text for block in blocks_of("docs/howto/test.md") if block.language == "sh")
    report = folder("docs/howto/test.md", "bash", "-euc", script)
    assert "✓ net > of 238 is 200" in report
    assert "\n1..4\n" in report
    table, shown = (block.text for block in blocks_of("docs/howto/test.md") if block.language == "text")
    _, measure = (block.text for block in blocks_of("docs/howto/test.md") if block.language == "sh")
    assert f"\n{table}" in folder("docs/howto/test.md", "bash", "-euc", measure)
    assert folder("docs/howto/test.md", "python", "-W", "error", "run_tests.py") == shown


def test_a_policy_from_the_command_line(folder):
    script = next(block.text for block in blocks_of("docs/howto/policy.md") if block.language == "sh")
    assert folder("docs/howto/policy.md", "bash", "-euc", script) == "host.yaml: ok\n6 WORDS!\n"


def test_a_client_of_a_daemon(folder, tmp_path):
    (tmp_path / "run").mkdir(mode=0o700)
    script = """
        isolate-host serve --config host.yaml --dry-run >/dev/null
        isolate-host --config host.yaml 2>daemon.log & daemon=$!
        while [ ! -S run/daemon.sock ]; do kill -0 $daemon; sleep 0.05; done
        python -W error client.py
        kill -TERM $daemon; wait $daemon
    """
    assert folder("docs/howto/daemon.md", "bash", "-euc", script) == "42\n"


def test_the_plugin_that_is_explained_is_the_one_that_is_there():
    """Every line of code on the page stands in the example, or in its tests."""
    example = ROOT / "examples/plugins/isolate-host-kv"
    files = [path for path in example.rglob("*") if path.suffix in (".py", ".js", ".toml")]
    there = {line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()}
    blocks = [block for block in blocks_of("docs/howto/plugin.md") if block.language in ("python", "js", "toml")]
    shown = [line.strip() for block in blocks for line in block.text.splitlines()]
    assert [line for line in shown if line not in there] == []


def test_every_error_is_named_where_it_is_explained():
    text = (ROOT / "docs/reference/errors.md").read_text()
    assert not [name for name in errors.__all__ if name[0].isupper() and f"`{name}`" not in text]


def test_all_pages_can_be_found():
    """Each page of the documentation is linked from another one."""
    linked = set()
    for page in PAGES:
        linked |= {(page.parent / target).resolve() for target, _ in LINK.findall(without_fences(page.read_text())) if target}
    folders = {path for path in linked if path.is_dir()}
    lost = [page for page in PAGES if page.is_relative_to(ROOT / "docs") and page not in linked and not (page.name == "README.md" and page.parent in folders)]
    assert lost == []
