"""What a policy says about one import: ``isolate-host explain`` and ``audit suggest``. Files are looked at, the caller's resolver is not asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from isolate_host.client.import_map import ImportMap
from isolate_host.client.module_types import Importer, ResolvedModule
from isolate_host.config import Where
from isolate_host.errors import PolicyDenied
from isolate_host.plugin import Explanation, Refusal, Suggestion
from isolate_host.plugins.modules.plugin import resolver_of

__all__ = ["explain_policy", "suggest_policy"]

_VALUE: Final = re.compile(r"(?P<specifier>\S+)(?:\s+from\s+(?P<importer>/\S+))?")
_NOTE: Final = "a resolver that the caller binds may have it"


def explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """``value`` is a specifier, with ``from /app/main.ts`` behind it when it matters who imports."""
    match = _VALUE.fullmatch(value.strip())
    if match is None:
        return Explanation(False, "that is no import: write a specifier, or SPECIFIER from /path/of/the/importer")
    specifier, path = match["specifier"], match["importer"] or "/index.ts"
    importer = Importer(path, path.rpartition("/")[0] or "/")
    try:
        mapped = ImportMap.create(policy.get("imports", {}), policy.get("scopes", {})).apply(specifier, importer.path, importer.resolve_dir)
        # On a thread of its own: whoever asks may have an event loop.
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(asyncio.run, resolver_of(policy, where.base_dir, "modules").resolve(specifier, importer)).result()
    except PolicyDenied as error:
        return Explanation(False, error.message, grant=error.hint)
    except (LookupError, ValueError) as error:
        return Explanation(False, str(error).partition("\n")[0], notes=(_NOTE,))
    notes = (f"the import map makes it {mapped}",) if mapped != specifier else ()
    return _absent(specifier, notes) if found is None else _found(policy, mapped, found, notes)


def _found(policy: Mapping[str, Any], specifier: str, found: ResolvedModule, notes: tuple[str, ...]) -> Explanation:
    because = f"it is the module {found.id}"
    if specifier in policy.get("virtual", {}):
        return Explanation(True, because, ("virtual", specifier), notes=notes)
    for key, name in (("node_modules", "mount"), ("source_trees", "prefix")):
        for index, item in enumerate(policy.get(key, ())):
            if found.id.startswith("/" + item[name].strip("/") + "/"):
                return Explanation(True, because, (key, index), notes=notes)
    return Explanation(True, because, notes=notes)


def _absent(specifier: str, notes: tuple[str, ...]) -> Explanation:
    if specifier.startswith("node:"):
        because = "modules has nothing of that name: plugins provide what begins with node:"
        return Explanation(False, because, notes=("policies.node and policies.files do",))
    grant = "add it to virtual, its folder to source_trees, or the folder that it is installed in to node_modules"
    return Explanation(False, "no virtual module, source tree or package has it", (), grant, (*notes, _NOTE))


def suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Nothing: what this policy refuses are names that lead out of a folder, and no key opens those."""
    reason = "it leads out of the folder that its module lies in; put what it needs into that folder"
    return Suggestion({}, [(refusal, reason) for refusal in refusals])
