"""Whatever a file contains, the answer is a list of findings."""

import copy
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolate_host.config import check_config
from isolate_host.config.nodes import MapNode
from isolate_host.config.reader import MAX_FILE_BYTES, read_yaml
from isolate_host.plugin import PluginRegistry

CASES = Path(__file__).parent / "cases"
GOOD = yaml.safe_load((CASES / "full.good.yaml").read_text())
REGISTRY = PluginRegistry()
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["${env:X}", "${file:x}", "10MiB", "${"]))
KEYS = st.one_of(st.text(max_size=6), st.sampled_from(["limits", "policies", "console", "tools", "allow", "python", "mode", "memory_mb", "virtual"]))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)


def paths(value, path=()):
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*path, key))


def replaced(path, value):
    if not path:
        return value
    data = copy.deepcopy(GOOD)
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return data


def findings_of(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
        loaded, findings = check_config(file, REGISTRY, environ={})
        assert (loaded is None) is any(item.severity == "error" for item in findings)
        for item in findings:
            assert item.mark.line >= 1
            assert item.mark.column >= 1
            assert item.message
        return findings


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(paths(GOOD), key=str)), VALUES)
def test_any_value_in_any_place(path, value):
    findings_of(yaml.safe_dump(replaced(path, value), allow_unicode=True))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc:- []{}&*!|>'\"#%@`,?\n\t~01.\x00\ud800é", max_size=60))
def test_any_text(text):
    findings_of(text)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(raw):
    findings_of(raw)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 5000,
        "a: " + "{b: " * 5000,
        "- " * 5000 + "a",
        "a: &a [x]\nb: [" + "*a," * 1000 + "]",
        "a: &a " + "x" * 1000 + "\n" + "\n".join(f"k{i}: &b{i} [{','.join([f'*b{i - 1}' if i else '*a'] * 9)}]" for i in range(20)),
        "a: " + "9" * 10_000,
        "a: 1e" + "9" * 400,
        "? {a: b}\n: c",
        "a: !!binary aGk=",
        "%YAML 1.1\n---\na: 1",
        "a: *nowhere",
        "!!set {a, b}",
        "a" * (MAX_FILE_BYTES + 1),
    ],
    ids=lambda text: text[:12],
)
def test_bombs_are_refused_quickly(text):
    assert findings_of(text)


def test_a_folder_or_a_device_is_no_file(tmp_path):
    for file in (tmp_path, Path("/dev/zero")):
        loaded, findings = check_config(file, REGISTRY)
        assert loaded is None
        assert [item.code for item in findings] in (["file-unreadable"], ["yaml-limit"])


def test_positions_survive_long_lines_and_wide_characters(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("é😀: 1\n'b c': {d: [1, {e: x}]}\n", encoding="utf-8")
    findings = []
    root = read_yaml(file, findings)
    assert isinstance(root, MapNode)
    assert findings == []
    assert root.data() == {"é😀": 1, "b c": {"d": [1, {"e": "x"}]}}
    inner = root.items["b c"].items["d"].items[1]
    assert (inner.keys["e"].line, inner.keys["e"].column) == (2, 17)
