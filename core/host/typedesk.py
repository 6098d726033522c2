"""Checks the types of what one guest is about to run: with the program's other files, and with what earlier evaluations declared."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

from isolate_host.client.typecheck import PROFILES
from isolate_host.errors import ExecutionTimeout, PluginError
from isolate_host.host.codeframe import code_frame
from isolate_host.host.module_answers import FoundModule
from isolate_host.host.spec import RuntimeSpec
from isolate_host.host.type_declarations import Files
from isolate_host.host.typecheck import CheckText, TypeChecker
from isolate_host.plugin.review import GuestCode, PackageTypes, TypeFinding

__all__ = ["EarlierCode", "TypeDesk"]

#: Path and text of what an import leads to; ``None`` = nothing that can be looked into.
FoundText = tuple[str, str] | None
#: Finds the declarations of packages behind imports, but for modules that are declared already.
FindPackages = Callable[[Iterable[tuple[str, str]], Files], Awaitable[list[PackageTypes]]]
#: The program's other files that a check reads.
_MOST_FILES, _MOST_CHARACTERS = 500, 4 << 20
#: What earlier evaluations declared, in characters. The oldest is forgotten first.
_MOST_EARLIER = 256 << 10
#: What an import leads to is decided when it is resolved: a name that the checker does not know is no error of types.
_OF_RESOLUTION = (2307, 2882, 7016)
#: For finding the program's other files: resolvers may be slow, or never answer.
_SECONDS = 10.0
_MOST_LOOKS = 2000
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")


class EarlierCode:
    """Declarations of one isolate's evaluations, which are globals of the next ones. A session keeps them, a branch begins with them."""

    def __init__(self, kept: OrderedDict[tuple[str, ...], str] | None = None) -> None:
        self._kept = OrderedDict() if kept is None else kept

    def text(self) -> str:
        """All of it, as one script."""
        return "\n".join(self._kept.values())

    def add(self, declarations: list[tuple[tuple[str, ...], str]]) -> None:
        """Keep these. What they declare anew is forgotten."""
        for names, text in declarations:
            for known in [known for known in self._kept if set(known) <= set(names)]:
                del self._kept[known]
            self._kept[names] = text
        while sum(map(len, self._kept.values())) > _MOST_EARLIER:
            self._kept.popitem(last=False)

    def copy(self) -> EarlierCode:
        """For a branch."""
        return EarlierCode(self._kept.copy())


class TypeDesk:
    """The checks of one runtime (``isolate_host.plugin.CheckTypes``). ``declarations`` gives those of a profile, or of the sandbox."""

    def __init__(
        self, checker: TypeChecker, spec: RuntimeSpec, declarations: Callable[[str | None], Files], earlier: EarlierCode, packages: FindPackages,
    ) -> None:
        self._checker, self._spec, self._declarations, self._earlier, self._find_packages = checker, spec, declarations, earlier, packages
        #: What an import of a file leads to; the runtime's modules answer.
        self.look: Callable[[str, str], Awaitable[FoundModule | None]] | None = None
        self._proposed: tuple[str, list[tuple[tuple[str, ...], str]]] = ("", [])
        self._found: dict[tuple[str, str], FoundText] = {}
        self._declared: dict[str | None, Files] = {}

    async def __call__(self, code: GuestCode, *, profile: str | None = None, timeout_s: float | None = None) -> tuple[list[TypeFinding], int]:
        """See :class:`isolate_host.plugin.CheckTypes`."""
        if profile is not None and profile not in PROFILES:
            raise PluginError(f"there is no profile {profile!r}", plugin="typecheck", hint=f"one of: {', '.join(PROFILES)}")
        try:
            async with asyncio.timeout(_SECONDS):
                program, imports = await self._program(code)
                packages = await self._find_packages(imports, self._known(profile))
        except TimeoutError:
            message = f"the imports of {code.filename} could not be found within {_SECONDS:g} s"
            raise ExecutionTimeout(message, timeout_s=_SECONDS, hint="look at the resolver of modules") from None
        earlier = self._earlier.text() if code.kind == "eval" else ""
        text = CheckText(code.source, code.filename, self._known(profile), program, earlier, _OF_RESOLUTION, packages)
        checked = await self._checker.check_text(text, timeout_s)
        if code.kind == "eval":
            self._proposed = (code.source, checked.declares)
        findings = [
            TypeFinding(message, line, column, number, code_frame(code.source, line, column)) for message, line, column, number in checked.errors
        ]
        return findings, checked.total

    def _known(self, profile: str | None) -> Files:
        """What is declared for the guest. It stays the same as long as its owner does."""
        if profile not in self._declared:
            found = self._declarations(profile)
            bound = self._bound_tools(found)
            self._declared[profile] = [*found, *([("/bound/tools.d.ts", bound)] if bound else [])]
        return self._declared[profile]

    def admitted(self, code: GuestCode) -> None:
        """``code`` runs now: what it declares is known from here on."""
        source, declares = self._proposed
        if source == code.source:
            self._earlier.add(declares)

    def _bound_tools(self, declarations: Files) -> str:
        """Functions that the caller bound take anything, unless the policy declares them."""
        known = "\n".join(text for _, text in declarations)
        lines = []
        for name, about in (self._spec.bindings.get("tools") or {}).items():
            if not _IDENTIFIER.match(name) or re.search(rf"\b(?:function|const|let|var)\s+{re.escape(name)}\b", known):
                continue
            generates = isinstance(about, dict) and about.get("kind") == "generator"
            lines.append(f"declare function {name}(...args: any[]): {'AsyncGenerator<any, any, any>' if generates else 'Promise<any>'};")
        return "\n".join(lines)

    # ------------------------------------------------------------------ the program's other files
    async def _program(self, code: GuestCode) -> tuple[Files, dict[tuple[str, str], None]]:
        """What ``code`` imports by path, and what that imports, as far as it is the program's own; and what all of them import by name."""
        files: dict[str, str] = {}
        names_of: dict[tuple[str, str], None] = {}
        fresh = [(code.filename, code.source)]
        size = looked = 0
        while fresh and self.look is not None and any("import" in text or "export" in text for _, text in fresh):
            imports = await self._checker.imports_of(fresh)
            pairs = [(name, path) for (path, _), names in zip(fresh, imports, strict=True) for name in names]
            wanted = dict.fromkeys(pair for pair in pairs if pair[0].startswith((".", "/")))
            names_of.update(dict.fromkeys(pair for pair in pairs if pair not in wanted))
            looks = min(len(wanted), _MOST_LOOKS - looked)
            looked += looks
            found = await asyncio.gather(*(self._look(name, path) for name, path in list(wanted)[:looks]))
            fresh = []
            for item in found:
                if item is None or item[0] in files or item[0] == code.filename:
                    continue
                size += len(item[1])
                if size > _MOST_CHARACTERS or len(files) >= _MOST_FILES:
                    return list(files.items()), names_of
                files[item[0]] = item[1]
                fresh.append(item)
        return list(files.items()), names_of

    async def _look(self, name: str, importer: str) -> FoundText:
        key = (name, importer)
        if key not in self._found and self.look is not None:
            if len(self._found) >= _MOST_LOOKS:
                self._found.clear()
            self._found[key] = await _text(self.look(name, importer))
        return self._found.get(key)


async def _text(answer: Awaitable[FoundModule | None]) -> FoundText:
    """Path and text of a module that a resolver finds. Why it does not is told when the guest really imports it."""
    try:
        module = await answer
    except Exception:  # noqa: BLE001 - a resolver is the embedder's code, and may raise anything
        return None
    # A package is not the program's own, and its types are elsewhere.
    return None if module is None or "/node_modules/" in module.path else (module.compiler_name, module.source)
