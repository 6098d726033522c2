"""Uses an installed isolate-host: ``python smoke.py WHEEL``, in a folder that has nothing of the repository."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import isolate_host as ih


def cli(*args: str) -> str:
    """Run the installed command; its stdout."""
    command = Path(sys.executable).with_name("isolate-host")
    return subprocess.run([command, *args], check=True, capture_output=True, text=True, timeout=120).stdout


def check_contents(wheel: str) -> None:
    """Nothing global, nothing of the tests, and what is no Python is there."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert all(top == "isolate_host" or top.endswith(".dist-info") for top in tops), tops
    # The plugin called tests is no test of ours.
    assert not [name for name in names if "/tests/" in name.removeprefix("isolate_host/plugins/tests/") or "node_modules" in name]
    for name in ("core", "plugins", "schemas", "configs"):
        assert importlib.util.find_spec(name) is None, name


def check_commands() -> None:
    """The verbs that need no guest."""
    assert "isolate-host" in cli("version")
    assert json.loads(cli("schema", "--bundle"))["properties"]
    assert all(plugin["problem"] is None for plugin in json.loads(cli("plugins", "--json")))
    for config in Path(str(files("isolate_host.configs"))).glob("*.yaml"):
        cli("check-config", str(config))


async def check_host() -> None:
    """A guest computes, prints and calls back."""
    printed: list[str] = []
    bindings = {"console": lambda entry: printed.append(entry.text), "tools": {"double": lambda number: number * 2}}
    async with ih.create_isolate_host() as host, host.create_runtime(bindings=bindings) as runtime:
        assert await runtime.eval("const n: number = await double(21); console.log('n is', n); n", filename="/main.ts") == 42
    assert printed == ["n is 42"]


def main() -> None:
    """Everything."""
    check_contents(sys.argv[1])
    check_commands()
    asyncio.run(check_host())
    config = str(files("isolate_host.configs").joinpath("modules.yaml"))
    program = str(files("isolate_host.configs").joinpath("guest/main.ts"))
    assert cli("run", "--config", config, program) == "MODE SANDBOX, AT MOST 10 ITEMS!\n"
    print(f"wheel ok: {Path(sys.argv[1]).name}")


if __name__ == "__main__":
    main()
