"""Host side of the files of one runtime: answers from the mounts of the policy, or lets the caller's binding answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isolate_host.errors import PluginError
from isolate_host.files.building import MountSpec, build_store
from isolate_host.files.folder import Folder
from isolate_host.files.ledger import Quota, Usage
from isolate_host.files.mounts import Mount, Mounts
from isolate_host.files.operations import subjects
from isolate_host.files.paths import parse
from isolate_host.files.service import FileService, ServiceLimits, check_writes
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugin.context import HostCallContext

__all__ = ["Files"]


class Files(Capability):
    """A call belongs to the mount that its first path lies in. Mounts marked ``bound`` are the client's to answer, and so is
    everything when the policy names no mounts: what a policy says of writing is then judged here all the same.
    """

    def __init__(self, request: CapabilityRequest) -> None:
        self._request = request
        self._bound = request.binding is not None
        self._mounts = Mounts(_open_mounts(request), f"{request.key}.mounts")
        limits = ServiceLimits(max_open=request.policy.get("max_open", 64))
        self._service = FileService(self._mounts, limits, request.key, request.deny, own=True)

    @property
    def service(self) -> FileService:
        """The mounts of this runtime, for another capability that reads and writes what its guest may."""
        return self._service

    def passes(self, call: GuestCall) -> bool:
        """Judge a call by its paths alone; content and numbers of open files are for whoever answers."""
        if not self._bound:
            return False
        if not self._request.policy.get("mounts"):
            return True
        about = subjects(call.op, call.peek())
        check_writes(self._mounts, about, self._request.deny)
        found = [self._mounts.find(subject.path) for subject in about]
        bound = [mount is not None and mount.store is None for mount in found]
        # Between a mount of ours and one of the client's nothing can be moved: ours says so.
        return all(bound)

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """Answer from the mounts."""
        return await self._service.call(op, args)

    async def aclose(self) -> None:
        await self._service.aclose()


def _open_mounts(request: CapabilityRequest) -> list[Mount]:
    described: Sequence[Mapping[str, Any]] = request.policy.get("mounts", ())
    if not described and request.binding is not None:
        return [Mount((), None, True, request.key)]
    opened: list[Mount] = []
    try:
        for index, mount in enumerate(described):
            # Without a binding there is nothing to see there.
            if request.binding is not None or not mount.get("bound", False):
                opened.append(_open_mount(mount, index, request))
    except OSError as error:
        for done in opened:
            if done.store is not None:
                done.store.close()
        message = f"mount {mount['path']!r}: its root cannot be opened ({error.strerror})"
        raise PluginError(message, plugin=request.name, hint=f"see {request.key}.mounts[{index}].root") from None
    return opened


def _open_mount(mount: Mapping[str, Any], index: int, request: CapabilityRequest) -> Mount:
    key = f"{request.key}.mounts[{index}]"
    path = parse(mount["path"])
    scratch = mount.get("overlay", False) or mount.get("memory", False)
    write = mount.get("write", scratch)
    if mount.get("bound", False):
        return Mount(path, None, write, key)
    quota = Quota(mount.get("quota"), mount.get("max_files"), mount.get("max_file_size"))
    root = None if mount.get("memory", False) else request.base_dir / mount["root"]
    store = build_store(MountSpec(root, mount.get("overlay", False), quota), key, lambda place: _usage(place, request))
    return Mount(path, store, write, key)


def _usage(root: Path, request: CapabilityRequest) -> Usage:
    """One count for a folder, whichever runtimes of this host write there."""
    usages: dict[Path, Usage] = request.shared.setdefault("usages", {})
    return usages.setdefault(root.resolve(), Folder.usage_of(root))
