"""Public names."""

import ast
import importlib
import pkgutil
import subprocess
import sys

import pytest

import isolate_host


def test_all_is_sorted(sources):
    """Constants, classes and functions in the order that ruff's RUF022 keeps; here: no name twice, and every name exists."""
    for path, tree in sources.items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
                if not isinstance(node.value, (ast.List, ast.Tuple)):
                    continue
                names = ast.literal_eval(node.value)
                assert len(names) == len(set(names)), path


def test_the_root_exports_what_it_says():
    missing = [name for name in isolate_host.__all__ if not hasattr(isolate_host, name)]
    assert not missing
    assert list(isolate_host.__all__) == sorted(isolate_host.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_the_contract_is_exported():
    wanted = ["AbortController", "AbortSignal", "Aborted", "BigInt", "Bindings", "BrowserBinding", "ConfigError", "ConsoleEntry", "DaemonOptions", "Disposed", "ExecutionTimeout", "GuestError", "GuestFunction", "HostCallContext", "IsolateHost", "IsolateHostError", "IsolationUnavailable", "JSSet", "Limits", "LimitExceeded", "MarshalError", "NamespaceInUse", "NestedHostPolicy", "NotConnected", "PluginError", "PolicyDenied", "ProtocolError", "SandboxViolation", "WorkerCrashed", "create_isolate_host", "create_module_resolver", "hookimpl", "hookspec"]
    assert not [name for name in wanted if name not in isolate_host.__all__]


def test_nothing_global_is_called_core_or_plugins():
    for name in ("core", "plugins", "schemas", "configs"):
        assert name not in sys.modules


def modules():
    return [info.name for info in pkgutil.walk_packages(isolate_host.__path__, "isolate_host.") if not info.name.endswith("__main__")]


@pytest.mark.parametrize("name", modules())
def test_every_module_can_be_imported(name):
    module = importlib.import_module(name)
    assert not [name for name in getattr(module, "__all__", []) if not hasattr(module, name)]


def test_importing_the_package_has_no_side_effects():
    """No V8, no threads, no plugins, no third-party server code: an import is cheap and quiet."""
    code = (
        "import sys, threading, isolate_host; "
        "heavy = {'_STPyV8', 'STPyV8', 'stevedore', 'jsonschema', 'yaml', 'aiohttp'} & set(sys.modules); "
        "assert not heavy, heavy; assert threading.active_count() == 1"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
