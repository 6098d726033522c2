"""Distributions that exist only in a temporary folder."""

import json
import sys

import pytest


@pytest.fixture
def distribution(tmp_path, monkeypatch):
    """A function that installs a distribution with one plugin: ``distribution("dist-name", "plugin", code, requires=[…], schema={…})``."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def install(name, plugin, code="", *, requires=(), schema=None, module=None):
        module = module or name.replace("-", "_")
        package = site.joinpath(*module.split("."))
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"import sys; sys.imported = [*getattr(sys, 'imported', []), {name!r}]\n" + code)
        info = site / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        metadata = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {item}" for item in requires)]
        (info / "METADATA").write_text("\n".join(metadata))
        text = f"[isolate_host.plugins]\n{plugin} = {module}\n"
        if schema is not None:
            (package / "policy.schema.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
            text += f"[isolate_host.schemas]\n{plugin} = {module}:policy.schema.json\n"
        (info / "entry_points.txt").write_text(text)

    monkeypatch.setattr(sys, "imported", [], raising=False)
    yield install
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(site) in str(sys.modules[name].__file__):
            del sys.modules[name]
