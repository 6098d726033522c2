"""Imports run one way through the layers."""

import ast

#: What each layer may import of ours, besides itself. ``*`` = anything.
ALLOWED = {
    "errors": set(),
    "engine": set(),
    "wire": {"errors"},
    "files": {"errors", "wire"},
    "worker": {"errors", "wire", "engine"},
    "config": {"errors", "schemas"},
    "plugin": {"errors", "wire", "config"},
    "client": {"errors", "wire", "files"},
    "host": {"client", "config", "errors", "guest", "plugin", "wire", "worker"},
    "daemon": {"errors", "wire", "config", "plugin", "client", "host"},
    "plugins": {"errors", "wire", "files", "config", "plugin", "client"},
    "guest": set(),
    "schemas": set(),
    "configs": {"plugin"},
    "cli": {"*"},
    "api": {"client", "config", "errors", "host", "plugin"},
    "testing": {"*"},
    "__init__": {"*"},
    "__main__": {"cli"},
}


def layer_of(path):
    return "plugins" if path.parts[0] == "plugins" else path.parts[1].removesuffix(".py")


def imported(tree):
    """(line, layer) of every import of ours, also those inside functions."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
            if node.module == "isolate_host":
                names = [f"isolate_host.{alias.name}" for alias in node.names]
        for name in names:
            if name.split(".")[0] == "isolate_host":
                yield node.lineno, [*name.split("."), "__init__"][1]


def test_every_layer_is_known(sources):
    assert {layer_of(path) for path in sources} <= set(ALLOWED)


def test_imports_run_one_way(sources):
    wrong = []
    for path, tree in sources.items():
        layer = layer_of(path)
        allowed = ALLOWED[layer] | {layer}
        for line, target in imported(tree):
            if "*" not in allowed and target not in allowed:
                wrong.append(f"{path}:{line}: {layer} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_no_relative_imports(sources):
    wrong = [f"{path}:{node.lineno}" for path, tree in sources.items() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert not wrong
