"""What a configuration means once it is accepted."""

import copy
import dataclasses
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isolate_host.config import HostConfig, LimitsConfig, Secret, default_config, load_config
from isolate_host.config.defaults import BUILTIN_PLUGINS
from isolate_host.errors import ConfigError
from isolate_host.plugin import PluginRegistry

CASES = Path(__file__).parent / "cases"
MIB = 1024 * 1024


@pytest.fixture
def full():
    return load_config(CASES / "full.good.yaml", PluginRegistry(), environ={"CASE_RUNTIMES": "7"})


def test_every_section(full):
    config = full.config
    assert config.plugins == ("console", "modules", "tools")
    assert config.max_runtimes == 7
    assert config.isolation.jit == "baseline"
    assert config.isolation.wasm is False
    assert (config.isolation.zygote.spares, config.isolation.canary.every_s) == (2, None)
    assert config.audit == dataclasses.replace(config.audit, file=CASES / "audit.jsonl", max_bytes=10**6, keep=2)
    assert config.daemon.socket == Path("/run/isolate-host.sock")
    assert str(config.daemon.http.listen) == "127.0.0.1:8700"
    assert str(config.daemon.tcp.listen) == "[::1]:8701"
    assert config.daemon.tcp.token.reveal() == "a-token-of-24-characters"
    assert config.configured
    assert config.base_dir == CASES


def test_isolation_takes_the_mode_and_then_single_layers(full):
    isolation = full.config.isolation
    assert isolation.action("seccomp") == "refuse"  # the mode's
    assert isolation.action("landlock") == "refuse"  # raised by the file
    assert isolation.action("namespaces.net") == "warn"
    assert isolation.action("namespaces.pid") == "ignore"
    assert isolation.action("a layer nobody knows") == "refuse"


def test_sandboxes_inherit_the_limits_of_the_host(full):
    agent, off = full.config.sandboxes["agent"], full.config.sandboxes["off"]
    assert (agent.limits.memory_mb, agent.limits.output_bytes, agent.limits.ops_in_flight) == (128, MIB, 64)
    assert (off.limits.memory_mb, off.limits.output_bytes, off.limits.timeout_s) == (256, 2 * MIB, None)


def test_policies(full):
    policies = full.config.sandboxes["agent"].policies
    assert dict(policies["console"].policy) == {"output_bytes": 65536}
    assert (policies["tools"].mode, policies["console"].mode) == ("audit", "enforce")
    assert "mode" not in policies["tools"].policy
    assert policies["tools"].policy["allow"] == ("greet",)
    assert policies["console"].origin == f"{CASES}/full.good.yaml:24 sandboxes.agent.policies.console"
    assert list(full.config.sandboxes["off"].policies) == ["tools"]


def test_paths_are_relative_to_the_file_in_which_they_stand(full):
    policy = full.config.sandboxes["other"].policies["modules"]
    assert policy.base_dir == CASES / "parts"
    assert full.mark("sandboxes", "other").file.name == "more.yaml"


def test_everything_is_read_only(full):
    config = full.config
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.max_runtimes = 1
    for mapping in (config.sandboxes, config.sandboxes["agent"].policies, config.sandboxes["agent"].policies["tools"].policy):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_what_is_shown_has_no_value_from_elsewhere(full):
    shown = json.dumps(full.shown())
    assert "a-token" not in shown
    assert full.shown()["daemon"]["tcp"]["token"] == "${file:parts/token}"
    assert full.shown()["max_runtimes"] == "${env:CASE_RUNTIMES:-20}"
    assert "a-token" not in str(full.origins())
    assert "a-token" not in repr(full.config)


def test_a_secret_written_in_the_file_is_a_warning_and_hidden(tmp_path):
    file = tmp_path / "host.yaml"
    file.write_text('version: 1\ndaemon: {tcp: {listen: "h:1", certificate: a, key: b, token: in-the-file-itself}}\n')
    loaded = load_config(file, PluginRegistry())
    assert [item.code for item in loaded.findings] == ["secret-in-file"]
    assert loaded.shown()["daemon"]["tcp"]["token"] == "***"


def test_errors_of_a_file_are_one_exception(tmp_path):
    file = tmp_path / "host.yaml"
    file.write_text("version: 1\na: 1\nb: 2\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(file), PluginRegistry())
    assert [item.code for item in caught.value.findings] == ["config-unknown-key"] * 2
    assert f"{file}:3:1: error[config-unknown-key]: unknown key 'b'" in str(caught.value)


def test_several_files_are_merged_like_includes(tmp_path):
    (tmp_path / "a.yaml").write_text("version: 1\nsandboxes: {a: {}}\n")
    (tmp_path / "b.yaml").write_text("version: 1\nsandboxes: {b: {}}\n")
    loaded = load_config([tmp_path / "a.yaml", tmp_path / "b.yaml"], PluginRegistry())
    assert sorted(loaded.config.sandboxes) == ["a", "b"]


def test_a_missing_file_is_a_finding(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the file: No such file"):
        load_config(tmp_path / "none.yaml", PluginRegistry())


def test_yaml_values_follow_yaml_12():
    config = load_config(CASES / "scalars.good.yaml", PluginRegistry()).config
    assert {name: box.description for name, box in config.sandboxes.items()} == {"on": "yes", "off": "1:30", "no": "${not a reference}"}


def test_defaults_without_yaml():
    config = default_config()
    assert config.plugins == BUILTIN_PLUGINS
    assert config == dataclasses.replace(HostConfig(plugins=BUILTIN_PLUGINS))
    assert not config.configured
    assert config.isolation.action("seccomp") == "refuse"


def test_a_sandbox_is_bounded_in_time_unless_it_says_otherwise(tmp_path):
    file = tmp_path / "host.yaml"
    file.write_text("version: 1\nsandboxes: {a: {}, b: {limits: {timeout_s: null}}, c: {limits: {timeout_s: 60}}}\n")
    boxes = load_config(file, PluginRegistry()).config.sandboxes
    assert [boxes[name].limits.timeout_s for name in "abc"] == [30, None, 60]


def test_a_secret_never_prints():
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]} {{'a': {secret!r}}}"
    assert secret == Secret("hunter2") != Secret("other")
    assert len({secret, Secret("hunter2")}) == 1
    for write in (pickle.dumps, json.dumps, copy.copy):
        with pytest.raises(TypeError):
            write(secret)


NUMBERS = st.one_of(st.none(), st.integers(0, 100), st.floats(0, 100))
LIMITS = st.fixed_dictionaries({}, optional=dict.fromkeys(("memory_mb", "timeout_s", "cpu_s", "output_bytes", "ops_in_flight"), NUMBERS))


def at_most(a, b):
    return b is None or (a is not None and a <= b)


@given(LIMITS, LIMITS)
def test_a_narrower_scope_only_narrows(outer, asked):
    scope = LimitsConfig(**outer)
    inner = scope.narrowed(asked)
    for field in dataclasses.fields(LimitsConfig):
        assert at_most(getattr(inner, field.name), getattr(scope, field.name))
        if field.name in asked and field.name not in scope.wider(asked):
            assert getattr(inner, field.name) == asked[field.name]
    assert inner.narrowed(asked) == inner


def test_an_unknown_limit_is_an_error():
    with pytest.raises(KeyError, match="memory"):
        LimitsConfig().narrowed({"memory": 3})
