"""Writes what follows from the code: the bundled schema and the reference pages.

``python scripts/generate.py`` writes; with ``--check`` it only says what differs, and exits 1 when something does.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from isolate_host import errors
from isolate_host.cli.app import build_parser
from isolate_host.config.codes import CODES
from isolate_host.config.schema import compose, core_schema, resolve
from isolate_host.host.type_declarations import base_declarations
from isolate_host.plugin import hookspecs
from isolate_host.plugin.registry import PluginRegistry

ROOT = Path(__file__).resolve().parent.parent
NOTICE = "<!-- Written by scripts/generate.py: change the code, then run it. -->\n"


def bundled_schema() -> str:
    """The schema of the configuration with the built-in plugins."""
    return json.dumps(compose(_builtin_schemas()), indent=2, ensure_ascii=False) + "\n"


def configuration_page() -> str:
    """Every key of a configuration file."""
    schema = core_schema()
    intro = (
        "Keys of a configuration file (`version: 1`). Unknown and repeated keys are errors. Paths are relative to the file in which they stand.\n"
        "Sizes are bytes or text such as `10MiB`. `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` work in values; inside\n"
        "`[ ]` and `{ }` put them in quotes.\n"
    )
    rows = [row for name, part in schema["properties"].items() for row in _rows(schema, name, part)]
    policies = _policies("sandboxes.NAME.policies")
    return "\n".join([NOTICE, "# Configuration", "", intro, _table(("key", "type", "default", "meaning"), rows), "", policies])


def findings_page() -> str:
    """Every code of a finding."""
    intro = "What `check-config` and every reader of a configuration may report. Codes are stable. Plugins explain their own in their READMEs.\n"
    return "\n".join([NOTICE, "# Findings", "", intro, _table(("code", "meaning"), [(f"`{code}`", text) for code, text in CODES.items()])])


def errors_page() -> str:
    """The error tree."""
    rows = []
    for name in errors.__all__:
        found = getattr(errors, name)
        if inspect.isclass(found):
            fields = ", ".join(f"`{field}`" for field in found.wire_fields) or "–"
            rows.append((f"`{name}`", f"`{found.code}`", _first_paragraph(found), fields))
    intro = "Every deliberate error is an `IsolateHostError` with `code`, `message` and `hint`. All keep their class over the hop to a daemon.\n"
    return "\n".join([NOTICE, "# Errors", "", intro, _table(("class", "code", "meaning", "attributes"), rows)])


def hooks_page() -> str:
    """Every hook, with its signature."""
    parts = [NOTICE, "# Hooks", "", _plain(inspect.getdoc(hookspecs) or "")]
    for name in hookspecs.__all__:
        hook = getattr(hookspecs, name)
        parts += ["", f"## `{name}`", "", "```python", f"def {name}{_signature(hook)}", "```", "", _plain(inspect.getdoc(hook) or "")]
    return "\n".join([*parts, ""])


def cli_page() -> str:
    """Every verb with its options."""
    parser = build_parser()
    parts = [NOTICE, "# Command line", "", _block(parser.epilog or "")]
    for verb in _verbs(parser):
        rows = [(_option(action), action.help or "") for action in verb._actions if action.dest != "help"]  # noqa: SLF001
        parts += [f"## `{verb.prog}`", "", _block(verb.description or ""), _table(("argument", "meaning"), rows)]
    return "\n".join(parts)


def guest_page() -> str:
    """What guest code finds: the declarations that type checks use, which a test compares with a real isolate."""
    base = dict(base_declarations())
    intro = (
        "The globals of guest code, as type checks know them (`isolate_host.get_type_profile` gives the same as files). A test compares them with a\n"
        "real isolate, name by name. [The web platform](web-platform.md) says where each comes from and where it differs from its standard.\n"
    )
    parts = [NOTICE, "# What guests have", "", intro, "## Everywhere", "", f"The language: {_globals(base['/lib/language.d.ts'])}.", ""]
    parts += [f"The web platform: {_globals(base['/lib/web.d.ts'])}.", "", "And these:", "", _code(base["/lib/guest.d.ts"])]
    registry = PluginRegistry()
    for info in registry.describe():
        text = registry.declare_types(info.name, {}, ROOT) if info.builtin else ""
        if info.name == "browser":
            described = _builtin_schemas()["browser"]["description"]
            parts += ["## With `browser`", "", f"{described} Its types are [a page of their own](guest-browser.md).", ""]
        elif re.search(r"^(?:declare|interface|type) ", text, re.MULTILINE):
            parts += [f"## With `{info.name}`", "", _builtin_schemas()[info.name]["description"], "", _code(text)]
    return "\n".join(parts)


def guest_browser_page() -> str:
    """The same for the browser, whose declarations are Playwright's."""
    intro = (
        "`browser`, and the namespace `Playwright`, as type checks know them: the declarations of the Playwright that is installed, without what\n"
        "guests have not. What guests may call of it stands in `plugins/browser/api.json`; what is different, in\n"
        "[its README](../../plugins/browser/README.md#what-a-guest-sees).\n"
    )
    return "\n".join([NOTICE, "# What guests have with `browser`", "", intro, _code(PluginRegistry().declare_types("browser", {}, ROOT))])


def browser_table() -> str:
    """What guests may call of Playwright."""
    from playwright_table import table

    return table()


def browser_devices() -> str:
    """Playwright's descriptions of devices."""
    from playwright_devices import devices

    return devices()


PAGES: dict[str, Callable[[], str]] = {
    "plugins/browser/api.json": browser_table,
    "plugins/browser/devices.json": browser_devices,
    "schemas/host.v1.schema.json": bundled_schema,
    "docs/reference/configuration.md": configuration_page,
    "docs/reference/findings.md": findings_page,
    "docs/reference/errors.md": errors_page,
    "docs/reference/hooks.md": hooks_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/guest.md": guest_page,
    "docs/reference/guest-browser.md": guest_browser_page,
}


def _builtin_schemas() -> dict[str, dict[str, Any]]:
    registry = PluginRegistry()
    found = {info.name: registry.schema(info.name) for info in registry.describe() if info.builtin}
    return {name: schema for name, schema in found.items() if isinstance(schema, dict)}


def _globals(text: str) -> str:
    """The names of values that declarations make, as a list in running text."""
    names = set(re.findall(r"^(?:declare )?(?:abstract )?(?:var|let|const|function|class|namespace) (\w+)", text, re.MULTILINE))
    return ", ".join(f"`{name}`" for name in sorted(names, key=lambda name: (name.lower(), name)))


def _code(text: str) -> str:
    return f"```ts\n{text.strip()}\n```\n"


def _policies(path: str) -> str:
    parts = []
    for name, schema in _builtin_schemas().items():
        rows = [row for key, part in schema["properties"].items() for row in _rows(schema, key, part)]
        parts += [f"## `{path}.{name}`", "", schema["description"], "", _table(("key", "type", "default", "meaning"), rows), ""]
    mode = "Every policy also takes `mode: enforce` (default) or `mode: audit`, which lets refused operations pass and records them; `true` is the\n"
    return "\n".join(["# Policies", "", mode + "empty policy, `false` none.", "", *parts])


def _rows(root: dict[str, Any], path: str, part: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    found = resolve(root, part)
    default = json.dumps(found["default"]) if "default" in found else "–"
    yield f"`{path}`", _kind(root, found), default if default == "–" else f"`{default.strip(chr(34))}`", found.get("description", "")
    for name, inner in found.get("properties", {}).items():
        yield from _rows(root, f"{path}.{name}", inner)
    if isinstance(found.get("items"), dict) and "properties" in resolve(root, found["items"]):
        for name, inner in resolve(root, found["items"])["properties"].items():
            yield from _rows(root, f"{path}[].{name}", inner)
    extra = found.get("additionalProperties")
    if isinstance(extra, dict) and "properties" in resolve(root, extra):
        for name, inner in resolve(root, extra)["properties"].items():
            yield from _rows(root, f"{path}.NAME.{name}", inner)


def _kind(root: dict[str, Any], schema: dict[str, Any]) -> str:
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{item}`" for item in schema.get("enum", [schema.get("const")]))
    if schema.get("format") == "size":
        return "size"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(root, resolve(root, item)) for item in schema["anyOf"]))
    names = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number", "boolean": "true, false"}
    kinds = schema.get("type", [])
    return " or ".join(names.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "any"


def _verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 -- argparse has no public way to list sub-parsers
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                nested = list(_verbs(inner))
                yield from nested or [inner]


def _option(action: argparse.Action) -> str:
    value = f" {action.metavar or '{' + ','.join(action.choices or ()) + '}'}" if action.nargs != 0 and action.option_strings else ""
    return f"`{', '.join(action.option_strings) or action.metavar}{value}`"


def _block(text: str) -> str:
    return text.strip() + "\n"


def _signature(hook: Any) -> str:
    text = str(inspect.signature(hook))
    return re.sub(r"['\"]|\b(?:collections\.abc|typing|isolate_host(?:\.\w+)+)\.", "", text)


def _first_paragraph(item: Any) -> str:
    return _plain((inspect.getdoc(item) or "").split("\n\n")[0].replace("\n", " "))


def _plain(text: str) -> str:
    """A docstring's markup as Markdown."""
    text = re.sub(r":\w+:`~?([\w.]+)`", lambda match: f"`{match[1].rsplit('.', 1)[-1]}`", text)
    return text.replace("``", "`")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines) + "\n"


def main() -> int:
    """Write or check every page."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        file, text = ROOT / name, make().rstrip() + "\n"
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{'differs' if check else 'wrote'}: {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
