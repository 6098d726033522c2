"""What is written twice says the same twice."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from isolate_host.config import check_config
from isolate_host.config.codes import CODES
from isolate_host.config.defaults import BUILTIN_PLUGINS
from isolate_host.plugin import PluginRegistry

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PLUGIN_README = sorted(ROOT.glob("plugins/*/README.md"))
CODE = re.compile(r"(?:app|config|file|include|interpolation|limits|plugin|policy|sandbox|secret|yaml)(?:-[a-z]+)+")


def test_generated_files_are_up_to_date():
    """``make docs`` writes them."""
    done = subprocess.run([sys.executable, ROOT / "scripts/generate.py", "--check"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_every_code_of_a_finding_is_explained(sources):
    """Codes are text constants in the reader of configurations and in the registry."""
    used = set()
    for path, tree in sources.items():
        if path.parts[:2] in (("core", "config"), ("core", "plugin")) and path.name != "codes.py":
            used |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)}
    # These are put together from an area and a kind.
    used |= {f"{area}-{kind}" for area in ("config", "policy") for kind in ("unknown-key", "missing-key", "wrong-type", "bad-value")}
    assert used == set(CODES)


@pytest.mark.parametrize("readme", PLUGIN_README, ids=lambda path: path.parent.name)
def test_a_plugin_explains_its_own_codes(readme):
    folder = readme.parent
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    codes = set(re.findall(rf'"({folder.name}-[a-z-]+)"', text))
    assert not [code for code in codes if f"`{code}`" not in readme.read_text()]


@pytest.mark.parametrize("readme", [*PLUGIN_README, ROOT / "examples/plugins/isolate-host-kv/README.md"], ids=lambda path: path.parent.name)
def test_policies_in_a_readme_do_what_it_says(readme, tmp_path):
    """The block after "Works" is accepted; the one after "Fails (`code`" gives exactly that finding."""
    name = readme.parent.name.removeprefix("isolate-host-")
    if name not in PluginRegistry().installed():
        pytest.skip(f"plugin {name} is not installed here; its own test runs this")
    (tmp_path / "src").mkdir()
    (tmp_path / "mytools.py").write_text("def greet(name): return name")
    blocks = re.findall(r"^(Works|Fails \(`([a-z-]+)`).*?```yaml\n(.*?)```", readme.read_text(), re.DOTALL | re.MULTILINE)
    assert {word[:5] for word, _, _ in blocks} == {"Works", "Fails"}
    for _, code, text in blocks:
        file = tmp_path / "host.yaml"
        file.write_text(text)
        _, findings = check_config(file, PluginRegistry())
        assert [item.code for item in findings] == ([code] if code else [])
    sys.modules.pop("mytools", None)


def test_configs_are_valid(monkeypatch):
    for file in sorted((ROOT / "configs").glob("*.yaml")):
        _, findings = check_config(file, PluginRegistry())
        assert findings == [], str(findings[0])
        assert file.read_text().startswith("# yaml-language-server: $schema=../schemas/host.v1.schema.json\n")


def test_builtin_plugins_are_the_entry_points():
    groups = PYPROJECT["project"]["entry-points"]
    assert tuple(sorted(groups["isolate_host.plugins"])) == BUILTIN_PLUGINS
    assert sorted(groups["isolate_host.schemas"]) == sorted(groups["isolate_host.plugins"])


def test_every_plugin_has_the_same_files():
    for folder in sorted(path.parent for path in PLUGIN_README):
        names = {path.name for path in folder.iterdir()}
        assert {"__init__.py", "plugin.py", "policy.schema.json", "types.d.ts", "README.md"} <= names, folder


def test_the_list_of_packages_is_complete(sources):
    folders = {path.parent for path in sources} | {Path("schemas"), Path("configs")}
    names = {".".join(("isolate_host", *(folder.parts[1:] if folder.parts[0] == "core" else folder.parts))) for folder in folders}
    assert sorted(names) == sorted(PYPROJECT["tool"]["setuptools"]["packages"])


def test_data_files_are_listed(tracked):
    """Every tracked file of the package matches a pattern of package-data, or is known to be needed for the build only."""
    data = PYPROJECT["tool"]["setuptools"]["package-data"]
    build_only = re.compile(r"core/guest/(?!dist/|__init__)|plugins/\w+/guest/|.*\.pyi?$")
    for path in tracked:
        if path.parts[0] not in ("core", "plugins", "schemas", "configs") or build_only.match(str(path)):
            continue
        patterns = [*data["*"]]
        package = path.parent
        relative = path.name
        while package.parts and not (ROOT / package / "__init__.py").is_file():
            relative, package = f"{package.name}/{relative}", package.parent
        patterns += data.get(".".join(("isolate_host", *(package.parts[1:] if package.parts[0] == "core" else package.parts))), [])
        assert any(Path(relative).match(pattern) for pattern in patterns), path


def test_the_version_stands_in_the_changelog():
    text = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in text or f"## {PYPROJECT['project']['version']}" in text


def test_dependencies_are_pinned_with_hashes():
    for name in ("run", "dev"):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        pins = re.findall(r"^([a-z0-9-]+)==[^ ]+(?: ; [^\\]+)? \\\n    --hash=sha256:", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
        wanted = [re.match(r"[A-Za-z0-9_.-]+", item)[0].lower() for item in PYPROJECT["project"]["dependencies"]]
        assert set(wanted) <= set(pins)


def test_audit_schema_accepts_what_is_written():
    import json

    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads((ROOT / "schemas/audit.v1.schema.json").read_text()))
    call = {"capability": "tools", "op": "greet", "resource": "tools:greet:1", "outcome": "ok", "duration_ms": 0.1, "bytes": 3}
    assert validator.is_valid({"v": 1, "ts": "x", "event": "call", "runtime": "r1", "sandbox": None, **call})
    assert validator.is_valid({"v": 1, "event": "lost", "count": 1})
    assert not validator.is_valid({"v": 1, "ts": "x", "event": "denied", "runtime": "r1"})


def test_yaml_in_configs_is_plain_yaml_too():
    """Other tools read these files with a common parser."""
    for file in (ROOT / "configs").rglob("*.yaml"):
        assert yaml.safe_load(file.read_text())
