"""Makes ``plugins/browser/api.json`` from the installed Playwright: what guests may call, and what both sides call it.

Names and arguments come from the Python API, which is what the host drives; how JavaScript calls them comes from the declarations of the driver.
A member must be understood by the rules below or be named in one of the lists: a new Playwright that brings something else makes this
fail, so that somebody decides.
"""

from __future__ import annotations

import functools
import importlib.metadata
import inspect
import json
import pathlib
import re
import typing
from typing import Any

import playwright
from playwright.async_api import _generated as generated
from playwright_types import Interface, read_interfaces

__all__ = ["table"]

#: Offered as objects. What is missing here would reach more than pages: other browsers, the whole driver, the machine.
CLASSES = (
    "APIRequestContext", "APIResponse", "BrowserContext", "CDPSession", "Clock", "ConsoleMessage", "Dialog", "Download", "ElementHandle",
    "FileChooser", "Frame", "FrameLocator", "JSHandle", "Keyboard", "Locator", "Mouse", "Page", "Request", "Response", "Route",
    "Touchscreen", "Tracing", "Video", "WebError", "WebSocket", "WebSocketRoute", "WebStorage", "Worker",
)  # fmt: skip
ASSERTIONS = ("LocatorAssertions", "PageAssertions", "APIResponseAssertions")
#: Belong to another object and live as long: known by its id and the property's name.
PARTS = ("APIRequestContext", "Clock", "Keyboard", "Mouse", "Touchscreen", "Tracing", "WebStorage")
LOCATORS = ("Locator", "FrameLocator")
#: Python's own ways to wait; the guest waits by events.
_WAITS = re.compile(r"expect_\w+|wait_for_event|on|once|remove_listener")
#: Written by hand, in the guest (matching, callbacks, mirrored state) or in the host (files, new pages).
BY_HAND = {
    "BrowserContext": {
        "add_init_script", "browser", "close", "expose_binding", "expose_function", "new_cdp_session", "new_page", "route", "route_from_har",
        "route_web_socket", "unroute", "unroute_all", "set_default_timeout", "set_default_navigation_timeout", "set_storage_state",
    },
    "Page": {
        "add_init_script", "add_locator_handler", "expose_binding", "expose_function", "frame", "remove_locator_handler", "route", "route_from_har",
        "route_web_socket", "unroute", "unroute_all", "set_default_timeout", "set_default_navigation_timeout", "wait_for_url", "pause",
    },
    "Frame": {"wait_for_url"},
    "Locator": {"page", "description", "all"},
    "Download": {"save_as", "path"},
    "Video": {"save_as", "path"},
    "WebSocketRoute": {"connect_to_server", "on_close", "on_message", "send"},
    "Tracing": {"start_har", "stop_har"},
    "JSHandle": {"as_element"},
    "Request": {"existing_response"},
}  # fmt: skip
#: Nobody sits in front of the browser; or it would reach what is no page of the guest; or Chromium has it not.
NOT_OFFERED = {
    "BrowserContext": {"credentials", "debugger", "background_pages"},
    "APIRequestContext": {"tracing"},
    "Page": {"screencast", "webmcp", "pick_locator", "cancel_pick_locator"},
    "Frame": {"webmcp"},
    "Locator": {"normalize", "highlight", "hide_highlight"},
}  # fmt: skip
#: Where a path of the host would stand: the guest's path, and what is done with it.
FILES = {
    ("pdf", "path"): "write", ("screenshot", "path"): "write", ("storage_state", "path"): "write",
    ("stop", "path"): "out", ("stop_chunk", "path"): "out",
    ("add_script_tag", "path"): "text", ("add_style_tag", "path"): "text", ("fulfill", "path"): "read", ("set_input_files", "files"): "upload",
    ("set_files", "files"): "upload", ("drop", "payload"): "upload",
}  # fmt: skip
_SIGNS = {
    "query_selector": "$", "query_selector_all": "$$", "eval_on_selector": "$eval", "eval_on_selector_all": "$$eval",
    "or_": "or", "and_": "and", "continue_": "continue",
}  # fmt: skip
_ACRONYMS = {"url": "URL", "css": "CSS", "js": "JS", "ok": "OK"}


def table() -> str:
    """The text of ``api.json``."""
    types = pathlib.Path(inspect.getfile(playwright)).parent / "driver" / "package" / "types" / "types.d.ts"
    text = types.read_text(encoding="utf-8")
    interfaces = read_interfaces(text)
    classes = {name: _Class(name, interfaces[name], text).to_json() for name in CLASSES}
    assertions = {name: _assertions(name) for name in ASSERTIONS}
    context = {
        _camel(name, text): name
        for name, parameter in inspect.signature(generated.Browser.new_context).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and not name.startswith("record_")
    }
    made = {
        "playwright": importlib.metadata.version("playwright"), "classes": classes, "assertions": assertions, "contextOptions": context,
    }  # fmt: skip
    return _lines(made, 0) + "\n"


def _lines(value: Any, depth: int) -> str:
    """JSON with one member a line, so that a new Playwright reads as a diff."""
    if not isinstance(value, dict) or depth == 4 or not value:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    inside = ",\n".join(f"{json.dumps(key)}:{_lines(item, depth + 1)}" for key, item in sorted(value.items()))
    return f"{{\n{inside}\n}}"


class _Class:
    def __init__(self, name: str, interface: Interface, types: str) -> None:
        self._name, self._interface, self._types = name, interface, types
        self._class = getattr(generated, name)
        names = [*interface.methods, *interface.properties]
        self._javascript = {re.sub("_", "", name).lower(): name for name in names}
        self._hand = BY_HAND.get(name, set()) | NOT_OFFERED.get(name, set())

    def to_json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"base": self._interface.base, "events": sorted(self._interface.events)}
        made |= {"state": {}, "parts": {}, "steps": {}, "calls": {}}
        for name, member in vars(self._class).items():
            if name.startswith("_") or _WAITS.fullmatch(name) or name in self._hand:
                continue
            self._add(made, name, member)
        return {key: value for key, value in made.items() if value}

    def _add(self, made: dict[str, Any], name: str, member: Any) -> None:
        function = member.fget if isinstance(member, property) else member
        signature = inspect.signature(function, globals=vars(generated), eval_str=False)
        kind = _kind(signature.return_annotation)
        parameters = list(signature.parameters.values())[1:]
        javascript = self._name_of(name)
        if isinstance(member, property) and kind in PARTS:
            made["parts"][javascript] = [name, kind]
        elif kind in LOCATORS and not inspect.iscoroutinefunction(function):
            made["steps"][javascript] = [name, kind, *self._arguments(name, javascript, parameters)]
        elif isinstance(member, property) or (not inspect.iscoroutinefunction(function) and not parameters):
            made["state"][javascript] = [name, kind, 0 if isinstance(member, property) else 1]
        elif inspect.iscoroutinefunction(function):
            made["calls"][javascript] = [name, kind, *self._arguments(name, javascript, parameters)]
        else:
            raise ValueError(f"{self._name}.{name} is synchronous with arguments: write it by hand")

    def _name_of(self, name: str) -> str:
        found = _SIGNS.get(name) or self._javascript.get(name.replace("_", "").lower())
        if found is None:
            raise ValueError(f"{self._name}.{name}: JavaScript has no such member")
        return found

    def _arguments(self, name: str, javascript: str, parameters: list[inspect.Parameter]) -> list[Any]:
        """Names of the positional arguments, of the options, and the files among them, as JavaScript has them."""
        wanted = [item for item in self._interface.methods[javascript] if item != "options"]
        positional = [item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD]
        keyword = {_camel(item.name, self._types): item for item in parameters if item.kind is item.KEYWORD_ONLY}
        files = {}
        for item in parameters:
            if _mentions(item.annotation, pathlib.Path):
                use = FILES.get((name, item.name))
                if use is None:
                    raise ValueError(f"{self._name}.{name}: what does {item.name} do with a path of the host?")
                files[item.name] = use
            if "Callable" in str(item.annotation):
                raise ValueError(f"{self._name}.{name} takes a function: write it by hand")
        for extra in wanted[len(positional) :]:
            if extra not in keyword:
                raise ValueError(f"{self._name}.{name}: JavaScript has an argument {extra}")
            positional.append(keyword.pop(extra).name)
        return [positional, {key: item.name for key, item in keyword.items()}, *([files] if files else [])]


def _assertions(name: str) -> dict[str, Any]:
    """``toBeVisible`` → its name, arguments and options. The negative forms have the same."""
    found = {}
    for member, function in vars(getattr(generated, name)).items():
        if not member.startswith(("to_be", "to_have", "to_contain", "to_match")):
            continue
        parameters = list(inspect.signature(function).parameters.values())[1:]
        words = member.split("_")
        javascript = words[0] + "".join(_ACRONYMS.get(word, word.capitalize()) for word in words[1:])
        positional = [item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD]
        keyword = {re.sub(r"_(\w)", lambda match: match[1].upper(), item.name): item.name for item in parameters if item.kind is item.KEYWORD_ONLY}
        found[javascript] = [member, positional, keyword]
    return found


@functools.cache
def _members(types: str) -> dict[str, set[str]]:
    """The spellings of all members that the declarations have, by their names in lower case."""
    found: dict[str, set[str]] = {}
    for name in re.findall(r"\b(\w+)\??:", types):
        found.setdefault(name.lower(), set()).add(name)
    return found


def _camel(name: str, types: str) -> str:
    """How JavaScript spells an option."""
    found = _members(types).get(name.replace("_", "").lower(), set())
    plain = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    if not found:
        return plain
    return plain if plain in found else min(found)


def _kind(annotation: Any) -> str:
    """``value``, ``bytes``, ``void``, a class that is offered, or a list ``[Page]`` or mapping ``{JSHandle}`` of it."""
    text = re.sub(r"ForwardRef\('(\w+)'\)|'(\w+)'", r"\1\2", str(annotation)).replace("typing.", "").replace("Optional", "")
    if annotation is None or text in ("None", "AsyncContextManager"):
        return "void"
    if annotation is bytes:
        return "bytes"
    name = getattr(annotation, "__name__", None) if inspect.isclass(annotation) else text.strip("[]")
    if name in CLASSES:
        return str(name)
    match = re.fullmatch(r"(List|Dict\[str, )\[?(\w+)\]*", text)
    if match and match[2] in CLASSES:
        return f"[{match[2]}]" if match[1] == "List" else f"{{{match[2]}}}"
    if match and match[2] == "Error":
        return "errors"
    known = {name for name, item in vars(generated).items() if inspect.isclass(item) and item.__module__ == generated.__name__}
    if known & set(re.findall(r"\b[A-Z]\w+", text)):
        raise ValueError(f"a result of {text} is not understood")
    return "value"


def _mentions(annotation: Any, wanted: type, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a value of that type may hold one of ``wanted``, also in the fields of a dictionary."""
    if annotation is wanted:
        return True
    inner = list(typing.get_args(annotation))
    if typing.is_typeddict(annotation) and annotation not in seen:
        seen |= {annotation}
        inner += typing.get_type_hints(annotation).values()
    return any(_mentions(item, wanted, seen) for item in inner)
