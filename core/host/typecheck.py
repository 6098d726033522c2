"""Checks the types of guest code in a locked worker of its own template: code and declarations of strangers are input like any other."""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from isolate_host.client.typecheck import PROFILES
from isolate_host.config.isolation import IsolationConfig
from isolate_host.config.model import HostConfig, SandboxConfig
from isolate_host.errors import ExecutionTimeout, LimitExceeded, PluginError, ProtocolError
from isolate_host.guest import read_bundle
from isolate_host.host.package_types import find_package_types, full, identity, named
from isolate_host.host.service_workers import ServiceWorkers
from isolate_host.host.spec import find_sandbox
from isolate_host.host.template import Template
from isolate_host.host.type_declarations import Files, base_declarations, profile_declarations, sandbox_declarations
from isolate_host.host.worker import WorkerLimits
from isolate_host.plugin import PackageTypes, PluginRegistry

__all__ = ["CheckText", "Checked", "TypeChecker"]

#: Two: a check may take half a gigabyte.
_WORKERS = 2
_LIMITS = WorkerLimits(1024, None, 64 << 20)
#: A page of code takes some 50 ms; what takes so long on a loaded machine is hostile.
_SECONDS = 10.0
_MAX_CHARACTERS = 512 << 10
_ENDINGS = re.compile(r"\.[cm]?[jt]sx?\Z")
_MAX_LIBRARIES = 8 << 20
#: What is given for a package, and data: their imports are their own affair.
_NO_PROGRAM = re.compile(r"\A/node_modules/|\.d\.[cm]?ts\Z|\.json\Z")
#: Answers about texts that guests run: replicas and new runtimes ask the same again.
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class CheckText:
    """What a guest is about to run, and what it may use."""

    source: str
    filename: str
    declarations: Files
    #: The program's other files, by absolute path.
    files: Files
    #: Declarations of earlier evaluations.
    earlier: str
    #: Numbers of errors that do not count.
    ignored: tuple[int, ...] = ()
    packages: Sequence[PackageTypes] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """``[message, line, column, code]`` of the first errors, the number of all, and what the text declares at its top level."""

    errors: list[Any]
    total: int
    declares: list[tuple[tuple[str, ...], str]]


class TypeChecker:
    """Answers ``typecheck`` of one broker. The first question starts the worker."""

    def __init__(self, kernel: str, isolation: IsolationConfig) -> None:
        self._kernel = kernel
        self._workers = ServiceWorkers("type checker", self._template, isolation, _LIMITS, most=_WORKERS)
        self._remembered: OrderedDict[bytes, Checked] = OrderedDict()

    def _template(self) -> Template:
        # The compiler finds the standard declarations beside it, and has read them before the first worker is forked.
        script = f"const libraries = {json.dumps(base_declarations())};\n{read_bundle('compiler')}"
        return Template("typecheck", (("kernel", self._kernel), ("compiler", script)))

    async def check(self, params: dict[str, Any], config: HostConfig, registry: PluginRegistry) -> dict[str, Any]:
        """``{"errors": [[message, line, column, code], …], "total": n}``.

        Raises ``ProtocolError`` for what no client of ours asks, ``ConfigError`` for an unknown sandbox, ``PluginError`` for an unknown capability
        and for declarations of a plugin that do not parse, ``LimitExceeded`` and ``ExecutionTimeout`` for code that is made to be slow or large.
        """
        request = _checked_request(params)
        declarations = _declarations(params, config, registry)
        packages = await self._packages(request, find_sandbox(params.get("sandbox"), config), config, registry, declarations)
        reply = await self._ask({**request, "declarations": [list(item) for item in declarations]}, packages)
        return _result(reply)

    async def _packages(
        self, request: dict[str, Any], sandbox: SandboxConfig | None, config: HostConfig, registry: PluginRegistry, declared: Files
    ) -> list[PackageTypes]:
        """What the program imports of the packages that its sandbox mounts."""
        own = [(request["filename"], request["source"]), *((path, text) for path, text in request["files"] if not _NO_PROGRAM.search(path))]
        if sandbox is None or not any("import" in text or "export" in text for _, text in own):
            return []
        imports = await self.imports_of(own)
        pairs = [(name, path) for (path, _), names in zip(own, imports, strict=True) for name in names]
        return await find_package_types(pairs, sandbox, config, registry, declared=declared, given=[path for path, _ in request["files"]])

    async def check_text(self, text: CheckText, timeout_s: float | None) -> Checked:
        """The same for what a guest is about to run."""
        key = hashlib.sha256(f"{text!r}{identity(text.packages)}".encode("utf-8", "surrogatepass")).digest()
        known = self._remembered.get(key)
        if known is None:
            request = _checked_request({"code": text.source, "filename": text.filename, "library_types": dict(text.files)})
            asked = {**request, "declarations": [list(item) for item in text.declarations], "earlier": text.earlier, "ignored": list(text.ignored)}
            reply = await self._ask(asked, text.packages, timeout_s)
            known = Checked(**_result(reply), declares=_declares(reply))
        self._remembered[key] = known
        self._remembered.move_to_end(key)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return known

    async def imports_of(self, files: Files) -> list[list[str]]:
        """What each text imports, as it is written there."""
        try:
            reply = await self._workers.call("imports", [list(item) for item in files], _SECONDS)
        except TimeoutError:
            raise ExecutionTimeout(f"the imports could not be read within {_SECONDS:g} s", timeout_s=_SECONDS) from None
        if not isinstance(reply, list) or len(reply) != len(files) or not all(isinstance(names, list) for names in reply):
            raise ProtocolError("the type checker gave a malformed answer")
        return [[name for name in names if isinstance(name, str)] for names in reply]

    async def _ask(self, request: dict[str, Any], packages: Sequence[PackageTypes], longest_s: float | None = None) -> Any:
        """A worker keeps the packages that it was sent; one that has not seen them says so."""
        seconds = min(_SECONDS, longest_s or _SECONDS)
        reply = await self._call({**request, **named(packages)}, seconds)
        if isinstance(reply, dict) and reply.get("missing"):
            reply = await self._call({**request, **full(packages)}, seconds)
        return reply

    async def _call(self, request: dict[str, Any], seconds: float) -> Any:
        filename = request["filename"]
        try:
            return await self._workers.call("check", request, seconds)
        except TimeoutError:
            raise ExecutionTimeout(
                f"the types of {filename} could not be checked within {seconds:g} s", timeout_s=seconds,
                hint="split the file, or write simpler types",
            ) from None
        except LimitExceeded as error:
            message = f"the types of {filename} need more memory than the checker may use"
            raise LimitExceeded(message, kind="memory", hint="split the file, or write simpler types") from error

    async def close(self) -> None:
        """Stop the workers and their zygote."""
        await self._workers.close()


def _checked_request(params: dict[str, Any]) -> dict[str, Any]:
    code, filename, libraries = params.get("code"), params.get("filename"), params.get("library_types")
    if not isinstance(code, str) or not isinstance(filename, str) or not filename.startswith("/") or "\0" in filename:
        raise ProtocolError("typecheck takes code and an absolute filename")
    if not isinstance(libraries, dict) or not all(isinstance(item, str) for pair in libraries.items() for item in pair):
        raise ProtocolError("library_types must be texts by path")
    if len(code) > _MAX_CHARACTERS:
        message = f"{filename} has {len(code)} characters; types of up to {_MAX_CHARACTERS} are checked"
        raise LimitExceeded(message, kind="payload", hint="split the file")
    size = sum(len(text) for text in libraries.values())
    if size > _MAX_LIBRARIES:
        message = f"library_types has {size} characters; up to {_MAX_LIBRARIES} are read"
        raise LimitExceeded(message, kind="payload", hint="give only the packages that the code imports")
    # By its ending the compiler knows the language.
    name = filename if _ENDINGS.search(filename) else f"{filename}.ts"
    return {"source": code, "filename": name, "files": [[path, text] for path, text in libraries.items() if path != name]}


def _declarations(params: dict[str, Any], config: HostConfig, registry: PluginRegistry) -> Files:
    profile, capabilities, tools = params.get("profile"), params.get("capabilities"), params.get("tools")
    if not isinstance(profile, str) or profile not in PROFILES:
        raise ProtocolError("typecheck takes a known profile")
    if not isinstance(capabilities, list) or not all(isinstance(name, str) for name in capabilities):
        raise ProtocolError("typecheck takes a list of capabilities")
    if tools is not None and (not isinstance(tools, str) or len(tools) > _MAX_CHARACTERS):
        raise ProtocolError("tools must be declarations")
    if params.get("sandbox") is None:
        found = profile_declarations(profile, capabilities, registry)
    else:
        sandbox = find_sandbox(params["sandbox"], config)
        found = [] if sandbox is None else sandbox_declarations(sandbox, config, registry)
    return found if tools is None else [*found, ("/bound/tools.d.ts", tools)]


def _result(reply: Any) -> dict[str, Any]:
    """The worker has read hostile text, so its answer is checked like any other."""
    if not isinstance(reply, dict) or not isinstance(reply.get("diagnostics"), list) or not isinstance(reply.get("broken"), list):
        raise ProtocolError("the type checker gave a malformed answer")
    total = reply.get("total")
    errors = [_error(item) for item in reply["diagnostics"]] + [_broken(item) for item in reply["broken"]]
    return {"errors": errors, "total": max(total if isinstance(total, int) else 0, len(errors))}


def _declares(reply: dict[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """What is malformed is left out: then the next evaluation is told that the name does not exist."""
    given = reply.get("declares")
    pairs = [item for item in given if isinstance(item, list) and len(item) == 2] if isinstance(given, list) else []
    sound = [(names, text) for names, text in pairs if isinstance(names, list) and isinstance(text, str)]
    return [(tuple(names), text) for names, text in sound if all(isinstance(name, str) for name in names)]


def _error(item: Any) -> list[Any]:
    if not isinstance(item, dict) or not all(isinstance(item.get(name), int) for name in ("line", "column", "code")):
        raise ProtocolError("the type checker gave a malformed error")
    return [str(item.get("message", "")), item["line"], item["column"], item["code"]]


def _broken(item: Any) -> list[Any]:
    """Declarations that do not parse: a plugin's are its author's fault; what the caller gave is an error of the result."""
    message, line, column, code = _error(item)
    name = str(item.get("name", ""))
    where = f"{name}:{line}:{column}: {message}"
    if name.startswith("/plugins/"):
        plugin = name.removeprefix("/plugins/").removesuffix(".d.ts")
        raise PluginError(f"the types that plugin {plugin!r} declares do not parse: {where}", plugin=plugin)
    return [where, 1, 1, code]
