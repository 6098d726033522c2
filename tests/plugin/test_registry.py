"""Finding, refusing, importing and calling plugins."""

import sys
from pathlib import Path

import pytest

from isolate_host.config import check_config
from isolate_host.config.catalog import Problem
from isolate_host.config.defaults import BUILTIN_PLUGINS
from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.plugin import Capability, PluginRegistry, hookimpl
from isolate_host.plugin.discovery import PLUGIN_GROUP, Discovery

GOOD = """
from isolate_host.plugin import Capability, GuestScript, hookimpl
class Echo(Capability):
    async def call(self, op, args, ctx):
        return [op, *args]
@hookimpl
def isolate_host_create_capability(request):
    return Echo()
@hookimpl
def isolate_host_guest_script():
    return GuestScript("echo", "registerCapability('echo', {})")
@hookimpl
def isolate_host_declare_types(policy):
    return f"declare const echo: {len(policy)};"
"""
SCHEMA = {"type": "object", "additionalProperties": False, "properties": {"loud": {"type": "boolean"}}}


def test_only_named_plugins_are_imported(distribution):
    distribution("isolate-host-echo", "echo", GOOD, schema=SCHEMA)
    distribution("isolate-host-other", "other", "raise RuntimeError('must not be imported')")
    registry = PluginRegistry()
    assert {"echo", "other", "console"} <= set(registry.installed())
    assert registry.schema("echo") == SCHEMA
    registry.describe()
    assert sys.imported == []
    assert registry.load(["echo"]) == {}
    assert sys.imported == ["isolate-host-echo"]
    assert registry.loaded == ["echo"]


async def test_hooks_of_one_plugin(distribution):
    distribution("isolate-host-echo", "echo", GOOD)
    registry = PluginRegistry()
    capability = registry.create_capability("echo", None)
    assert await capability.call("x", [1], None) == ["x", 1]
    assert [script.filename for script in registry.guest_scripts(["echo"])] == ["isolate-host:plugin/echo"]
    assert registry.declare_types("echo", {"a": 1}, Path()) == "declare const echo: 1;"
    assert registry.schema("echo") == {"type": "object", "additionalProperties": False, "properties": {}}


def test_two_distributions_with_one_name(distribution):
    distribution("isolate-host-echo", "echo", GOOD)
    distribution("a-hijacker", "echo", GOOD)
    problem = PluginRegistry().load(["echo"])["echo"]
    assert problem.code == "plugin-duplicate-name"
    assert problem.message == "2 distributions provide a plugin 'echo': a-hijacker 1.0, isolate-host-echo 1.0"
    assert sys.imported == []


def test_nobody_takes_a_name_of_ours(distribution):
    distribution("a-hijacker", "console", GOOD)
    registry = PluginRegistry()
    assert "a-hijacker 1.0, isolate-host" in registry.load(["console"])["console"].message
    assert registry.schema("console").code == "plugin-duplicate-name"


@pytest.mark.parametrize(
    ("requirement", "fits"),
    [
        ("isolate-host>=0.1", True),
        ("Isolate_Host>=99", False),
        ("isolate-host>=99; extra == 'dev'", True),
        ("isolate-host>=99; python_version < '3'", True),
        ("something-else>=99", True),
        ("???", True),
    ],
)
def test_requirement_is_checked_before_the_import(distribution, requirement, fits):
    distribution("isolate-host-echo", "echo", GOOD, requires=[requirement])
    problems = PluginRegistry().load(["echo"])
    assert (problems == {}) is fits
    assert (sys.imported == []) is not fits
    if not fits:
        assert problems["echo"].code == "plugin-incompatible"
        assert "requires Isolate_Host>=99, but this is isolate-host 0." in problems["echo"].message


@pytest.mark.parametrize(
    ("name", "hint"),
    [("consol", "did you mean 'console'?"), ("quantum", "pip install isolate-host-quantum")],
)
def test_missing_plugin(name, hint):
    problem = PluginRegistry().load([name])[name]
    assert problem.code == "plugin-not-installed"
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import no_such_dependency", "ModuleNotFoundError"),
        ("assert False, 'broken'", "AssertionError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("def f(:", "SyntaxError"),
        ("from isolate_host.plugin import hookimpl\n@hookimpl\ndef isolate_host_make_coffee(): pass", "isolate_host_make_coffee"),
        ("from isolate_host.plugin import hookimpl\n@hookimpl\ndef isolate_host_guest_script(sugar): pass", "sugar"),
    ],
)
def test_broken_plugin_disturbs_no_other(distribution, code, text):
    distribution("isolate-host-broken", "broken", code)
    distribution("isolate-host-echo", "echo", GOOD)
    registry = PluginRegistry()
    problems = registry.load(["broken", "echo"])
    assert list(problems) == ["broken"]
    assert text in problems["broken"].message
    assert problems["broken"].distribution == "isolate-host-broken 1.0"
    assert registry.loaded == ["echo"]
    with pytest.raises(PluginError) as caught:
        registry.create_capability("broken", None)
    assert (caught.value.plugin, caught.value.distribution) == ("broken", "isolate-host-broken 1.0")


class Raises:
    @hookimpl
    def isolate_host_create_capability(self, request):
        raise request

    @hookimpl
    def isolate_host_observe_event(self, event):
        raise ValueError("an observer fails")

    @hookimpl
    def isolate_host_check_policy(self, policy, where):
        raise KeyError("x")


class Watches:
    def __init__(self):
        self.seen = []

    @hookimpl
    def isolate_host_create_capability(self, request):
        return "not a capability"

    @hookimpl
    def isolate_host_observe_event(self, event):
        self.seen.append(event)


def test_a_hook_that_raises_is_a_plugin_error_and_deliberate_errors_stay():
    registry = PluginRegistry()
    registry.register("raises", Raises())
    with pytest.raises(PluginError, match="plugin 'raises' failed in isolate_host_create_capability: ZeroDivisionError: x"):
        registry.create_capability("raises", ZeroDivisionError("x"))
    denied = PolicyDenied("no", capability="c", value="v", rule="r")
    with pytest.raises(PolicyDenied):
        registry.create_capability("raises", denied)


def test_a_wrong_result_names_the_plugin():
    registry = PluginRegistry()
    registry.register("watches", Watches())
    with pytest.raises(PluginError, match="returned str, not a Capability"):
        registry.create_capability("watches", None)


def test_observers_do_not_disturb():
    registry, watches = PluginRegistry(), Watches()
    registry.register("raises", Raises())
    registry.register("watches", watches)
    registry.observe({"n": 1})
    registry.observe({"n": 2})
    assert watches.seen == [{"n": 1}, {"n": 2}]


def test_the_same_name_twice():
    registry = PluginRegistry()
    registry.register("watches", Watches())
    with pytest.raises(PluginError, match="watches"):
        registry.register("watches", Watches())


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("{", "Expecting property name"),
        ("[]", "not a JSON object"),
        ({"type": "object"}, "additionalProperties"),
        ({**SCHEMA, "type": "objekt"}, "objekt"),
        ({**SCHEMA, "properties": {"mode": {}}}, "the key 'mode' is the host's own"),
        ({**SCHEMA, "properties": {"a": {"$ref": "urn:elsewhere"}}}, "urn:elsewhere"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#/$defs/none"}}}, "#/$defs/none"),
    ],
)
def test_bad_schema_is_a_finding(distribution, tmp_path, schema, text):
    distribution("isolate-host-echo", "echo", GOOD, schema=schema)
    problem = PluginRegistry().schema("echo")
    assert isinstance(problem, Problem)
    assert problem.code == "plugin-bad-schema"
    file = tmp_path / "host.yaml"
    file.write_text("version: 1\nsandboxes: {a: {policies: {echo: {}, console: {}}}}\n")
    _, findings = check_config(file, PluginRegistry())
    assert [item.code for item in findings] == ["plugin-bad-schema"]
    assert text in findings[0].message
    assert sys.imported == []


def test_schema_of_a_third_party_lies_in_its_top_level_package(distribution):
    distribution("isolate-host-deep", "deep", GOOD, schema=SCHEMA, module="deep_package.inner")
    assert "top-level package" in PluginRegistry().schema("deep").message
    assert sys.imported == []


def test_third_party_policy_in_a_configuration(distribution, tmp_path):
    properties = {"loud": {"$ref": "#/$defs/b"}, "key": {"type": "string", "x-secret": True}}
    schema = {**SCHEMA, "$defs": {"b": {"type": "boolean"}}, "properties": properties}
    distribution("isolate-host-echo", "echo", GOOD, schema=schema)
    file = tmp_path / "host.yaml"
    file.write_text("version: 1\nsandboxes: {a: {policies: {echo: {loud: 1, lod: 2}}}}\n")
    _, findings = check_config(file, PluginRegistry())
    assert [(item.code, item.path[-1]) for item in findings] == [("policy-wrong-type", "loud"), ("policy-unknown-key", "lod")]
    (tmp_path / "key").write_text("s3cret\n")
    file.write_text("version: 1\nsandboxes: {a: {policies: {echo: {loud: true, key: '${file:key}'}}}}\n")
    loaded, findings = check_config(file, PluginRegistry())
    assert findings == []
    policy = loaded.config.sandboxes["a"].policies["echo"].policy
    assert policy["key"].reveal() == "s3cret"
    assert "s3cret" not in str(policy)


def test_a_check_that_raises_is_a_finding(tmp_path):
    registry = PluginRegistry()
    registry.register("console", Raises())
    file = tmp_path / "host.yaml"
    file.write_text("version: 1\nsandboxes: {a: {policies: {console: {}}}}\n")
    _, findings = check_config(file, registry)
    assert [item.code for item in findings] == ["plugin-broken"]


def test_the_cache_of_stevedore_is_not_read(distribution, tmp_path, monkeypatch):
    """Whoever can write the cache folder would otherwise choose what the host imports."""
    from stevedore import _cache

    monkeypatch.setattr(_cache.Cache, "get_group_all", lambda *_: pytest.fail("the cache was asked"))
    distribution("isolate-host-echo", "echo", GOOD)
    assert PluginRegistry().load(["echo"]) == {}


def test_describe(distribution):
    distribution("isolate-host-echo", "echo", GOOD, schema={**SCHEMA, "$id": "urn:echo"})
    found = {info.name: info for info in PluginRegistry().describe()}
    assert (found["echo"].distribution, found["echo"].builtin, found["echo"].schema_id) == ("isolate-host-echo 1.0", False, "urn:echo")
    assert found["console"].builtin
    assert found["console"].problem is None


def test_builtin_schemas_accept_their_examples():
    from jsonschema import Draft202012Validator

    registry = PluginRegistry()
    for name in BUILTIN_PLUGINS:
        schema = registry.schema(name)
        assert schema["examples"]
        for example in schema["examples"]:
            Draft202012Validator(schema).validate(example)


def test_guest_script_may_be_absent(distribution):
    distribution("isolate-host-bare", "bare", "")
    assert PluginRegistry().guest_scripts(["bare"]) == []


def test_base_capability_does_nothing():
    capability = Capability()
    capability.note(None)
    assert capability.guest_options == {}


def test_entry_points_are_read_once():
    calls = []
    discovery = Discovery(lambda group: calls.append(group) or [])
    assert discovery.names() == discovery.names() == []
    assert calls == [PLUGIN_GROUP]
