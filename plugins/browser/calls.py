"""Calls of methods that the table names: reading the arguments, files among them, and what is asked of the policy before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from isolate_host.plugins.browser.arguments import Reader, to_moment
from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.table import Api, Method

if TYPE_CHECKING:
    from isolate_host.plugins.browser.keeper import Keeper

__all__ = ["Calls", "as_number"]

_REQUESTS = frozenset({"delete", "fetch", "get", "head", "patch", "post", "put"})


class Calls:
    """Does what a guest asks of an object."""

    def __init__(self, api: Api, reader: Reader, objects: Objects, keeper: Keeper) -> None:
        self._api, self._reader, self._objects, self._keeper = api, reader, objects, keeper

    async def do(self, target: Any, name: Any, args: Any) -> tuple[Any, str, Any]:
        """Call a method; the object, the kind of the result, and the result itself.

        Raises ``LookupError`` and ``TypeError`` for what the table does not have, ``PolicyDenied``, and what Playwright raises.
        """
        thing, kind = self._reader.target(target)
        method = self._api.classes[kind].calls.get(name) if isinstance(name, str) else None
        if method is None:
            raise LookupError(f"{kind} has no method {str(name)[:40]!r}")
        where = f"{kind[0].lower()}{kind[1:]}.{name}"
        keywords = self._reader.keywords(where, method, _arguments(method, args))
        await self._ask(thing, kind, method.name, keywords)
        async with AsyncExitStack() as stack:
            path = await self._files(method, keywords, stack)
            if method.kind == "APIResponse":
                keywords["headers"] = stack.enter_context(self._keeper.requesting(_headers(thing, keywords)))
            result = await self._call(thing, kind, method, keywords)
        if path is not None:
            data = result if isinstance(result, bytes) else json.dumps(result).encode()
            await self._keeper.files.write(path, data)
        return thing, method.kind, result

    async def _call(self, thing: Any, kind: str, method: Method, keywords: dict[str, Any]) -> Any:
        _spell(kind, method.name, keywords)
        try:
            return await getattr(thing, method.name)(**keywords)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Arguments of a wrong type, noticed in the middle of Playwright: its text is about Python.
            raise TypeError(f"{kind}.{method.name}: an argument has a wrong type") from error

    async def _ask(self, thing: Any, kind: str, name: str, keywords: dict[str, Any]) -> None:
        """What the policy wants to know beforehand, so that a denial says what it is about. It is enforced outside of the page in any case."""
        if name == "goto":
            context = (thing if kind == "Page" else thing.page).context
            await self._keeper.check_url("GET", _text(keywords, "url"), context)
        elif kind == "APIRequestContext" and name in _REQUESTS:
            wanted = keywords.get("url") or keywords.get("url_or_request")
            method = keywords.get("method") if name == "fetch" else name
            url = wanted if isinstance(wanted, str) else getattr(wanted, "url", "")
            await self._keeper.check_url(str(method or getattr(wanted, "method", "GET")).upper(), url, None)
        elif kind == "CDPSession" and name == "send":
            self._keeper.check_cdp(_text(keywords, "method"), keywords.get("params") or {})
        elif name == "set_viewport_size":
            size = keywords.get("viewport_size")
            size = size if isinstance(size, dict) else {}
            self._keeper.check_size(size.get("width"), size.get("height"))
        elif name == "screenshot":
            await self._keeper.check_screenshot(_page_of(thing), keywords)
        if "timeout" in keywords:
            keywords["timeout"] = self._keeper.timeout_ms(as_number(keywords["timeout"]))

    # ------------------------------------------------------------------ files
    async def _files(self, method: Method, keywords: dict[str, Any], stack: AsyncExitStack) -> str | None:
        """Replace the guest's paths. Gives the path that the result is to be written to."""
        for name, use in method.files.items():
            if name not in keywords:
                continue
            if use == "upload":
                keywords[name] = await self._uploads(keywords[name])
                continue
            path = _text(keywords, name)
            del keywords[name]
            if use == "write":
                return path
            if use == "out":
                keywords[name] = await stack.enter_async_context(self._keeper.files.outgoing(path))
            else:
                found = await self._keeper.files.read(path)
                if use == "text":
                    keywords["content"] = found.buffer.decode("utf-8", "replace")
                else:
                    keywords["body"] = found.buffer
                    keywords.setdefault("content_type", found.mime_type)
        return None

    async def _uploads(self, given: Any) -> Any:
        """Files by path in the guest's files, or with their content. ``drop`` has data beside them."""
        if isinstance(given, dict) and ("files" in given or "data" in given):
            return {**given, **({"files": await self._uploads(given["files"])} if given.get("files") is not None else {})}
        items = given if isinstance(given, list) else [given]
        return [await self._upload(item) for item in items]

    async def _upload(self, item: Any) -> dict[str, Any]:
        if isinstance(item, str):
            found = await self._keeper.files.read(item)
            return {"name": found.name, "mimeType": found.mime_type, "buffer": found.buffer}
        if isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("buffer"), bytes):
            mime = item.get("mimeType")
            return {"name": item["name"], "mimeType": mime if isinstance(mime, str) else "application/octet-stream", "buffer": item["buffer"]}
        raise TypeError("a file is a path, or has name, mimeType and buffer")


def _headers(thing: Any, keywords: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of a request of the driver: given, or of the page's request that it repeats."""
    given = keywords.get("headers")
    if given is None:
        request = getattr(thing, "request", keywords.get("url_or_request"))
        given = getattr(request, "headers", {})
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
        raise TypeError("headers must be an object")
    return given


def _arguments(method: Method, args: Any) -> Sequence[Any]:
    if not isinstance(args, list):
        raise TypeError("arguments must be an array")
    if method.name == "select_option" and len(args) >= len(method.positional):
        return _chosen(method, args)
    return args


def _chosen(method: Method, args: list[Any]) -> list[Any]:
    """``selectOption`` takes texts, descriptions and elements in one list; Python has a list for each."""
    place = len(method.positional) - 1
    given = args[place] if isinstance(args[place], list) else [] if args[place] is None else [args[place]]
    options = dict(args[place + 1] if len(args) > place + 1 and isinstance(args[place + 1], dict) else {})
    values: list[Any] = []
    for item in given:
        described = [key for key in ("value", "label", "index") if isinstance(item, dict) and item.get(key) is not None]
        if isinstance(item, dict) and "$pw" in item:
            options.setdefault("element", []).append(item)
        elif described:
            key = described[0]
            (values if key == "value" else options.setdefault(key, [])).append(item[key])
        else:
            values.append(item)
    chosen = values if values or not any(key in options for key in ("element", "label", "index")) else None
    return [*args[:place], chosen, options]


def _spell(kind: str, name: str, keywords: dict[str, Any]) -> None:
    """Where Python's form of a value differs."""
    if kind == "Clock" and "time" in keywords:
        keywords["time"] = to_moment(keywords["time"])
    elif name in ("wait_for_function", "evaluate", "evaluate_handle", "evaluate_all", "eval_on_selector", "eval_on_selector_all"):
        _text(keywords, "expression")


def _page_of(thing: Any) -> Any:
    """The page that a page, a locator or a handle belongs to."""
    return getattr(thing, "page", thing)


def as_number(value: Any) -> float:
    """A timeout. Raises ``TypeError``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("timeout must be a number of milliseconds")
    return float(value)


def _text(keywords: dict[str, Any], name: str) -> str:
    value = keywords.get(name)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    return value
