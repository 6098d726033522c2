"""``isolate-host explain``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isolate_host.cli.output import CommandError, find_config, print_json

if TYPE_CHECKING:
    from isolate_host.config import LoadedConfig, PolicyConfig
    from isolate_host.plugin import Explanation, PluginRegistry

__all__ = ["add"]

_DESCRIPTION = """\
Say what a sandbox decides about VALUE, by which rule of which file, and what would grant it. Nothing is run or connected to.

For fetch, VALUE is a URL, with a method before it or not: isolate-host explain agent fetch POST https://api.example.com/v1/users
The exit code is 0 when it is allowed, 1 when it is not or when the plugin cannot say."""


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "explain", help="which rule allows or denies something", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sandbox", metavar="SANDBOX", help="a sandbox of the configuration")
    parser.add_argument("capability", metavar="CAPABILITY", help="as below policies: in YAML")
    parser.add_argument("value", metavar="VALUE", nargs="+", help="what a guest would ask for")
    about = "configuration file (default: host.yaml); given again, files are merged"
    parser.add_argument("--config", metavar="FILE", action="append", type=Path, default=[], help=about)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.config import load_config
    from isolate_host.plugin import PluginRegistry

    registry = PluginRegistry()
    loaded = load_config(find_config(args.config), registry)
    answer = _answer(loaded, registry, args.sandbox, args.capability, " ".join(args.value))
    if args.json:
        print_json(answer)
    else:
        _print(answer)
    return 0 if answer["allowed"] else 1


def _answer(loaded: LoadedConfig, registry: PluginRegistry, sandbox: str, capability: str, value: str) -> dict[str, Any]:
    sandboxes = loaded.config.sandboxes
    if sandbox not in sandboxes:
        raise CommandError(f"there is no sandbox {sandbox!r}", f"one of: {', '.join(sorted(sandboxes)) or 'none is configured'}")
    if capability not in registry.installed():
        raise CommandError(f"no installed plugin provides {capability!r}", f"one of: {', '.join(registry.installed())}")
    key = ("sandboxes", sandbox, "policies", capability)
    asked = {"sandbox": sandbox, "capability": capability, "value": value}
    policy = sandboxes[sandbox].policies.get(capability)
    if policy is None:
        grant = f"add {'.'.join(key)}"
        return asked | _verdict(False, f"sandbox {sandbox} does not have {capability}", loaded, key[:3], grant=grant)
    found = _explanation(loaded, registry, policy, key, value)
    if found is None:
        because = f"the sandbox has {capability}, but the plugin does not say what that means for single values"
        return asked | _verdict(None, because, loaded, key, mode=policy.mode)
    return asked | _verdict(found.allowed, found.because, loaded, (*key, *found.path), grant=found.grant, notes=found.notes, mode=policy.mode)


def _explanation(loaded: LoadedConfig, registry: PluginRegistry, policy: PolicyConfig, key: tuple[str, ...], value: str) -> Explanation | None:
    from isolate_host.config import Where

    where = Where(policy.capability, key[1], policy.base_dir, key, lambda path: loaded.mark(*path))
    return registry.explain(policy.capability, policy.policy, value, where)


def _verdict(
    allowed: bool | None, because: str, loaded: LoadedConfig, key: tuple[str | int, ...], *,
    grant: str | None = None, notes: tuple[str, ...] = (), mode: str = "enforce",
) -> dict[str, Any]:
    from isolate_host.config.findings import path_text

    mark = loaded.mark(*key)
    place = {"key": path_text(key), "file": str(mark.file), "line": mark.line}
    return {"allowed": allowed, "because": because, **place, "grant": grant, "notes": list(notes), "mode": mode}


def _print(answer: dict[str, Any]) -> None:
    word = {True: "allowed", False: "denied", None: "not known"}[answer["allowed"]]
    print(f"{word}: {answer['capability']} {answer['value']}")
    print(f"  because: {answer['because']}")
    print(f"  decided by: {answer['key']} ({answer['file']}:{answer['line']})")
    if answer["grant"]:
        print(f"  to allow it: {answer['grant']}")
    if answer["mode"] == "audit" and not answer["allowed"]:
        print("  note: mode: audit lets it pass, and records it")
    for note in answer["notes"]:
        print(f"  note: {note}")
