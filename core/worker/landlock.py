"""Landlock: no file, no TCP, no signal or abstract socket leaves the worker. A second wall behind seccomp."""

from __future__ import annotations

import struct

from isolate_host.worker.syscalls import syscall

__all__ = ["LandlockRuleset"]

_VERSION_QUERY = 1
#: Number of file-system access rights that each ABI version knows.
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FS_RIGHTS_NEWEST = 16
_NET_SINCE, _SCOPE_SINCE = 4, 6
_BIND_AND_CONNECT = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3


class LandlockRuleset:
    """A ruleset that handles every right and grants none; made once in the zygote, applied in each child."""

    def __init__(self) -> None:
        try:
            self.version = syscall("landlock_create_ruleset", 0, 0, _VERSION_QUERY)
            self._descriptor = self._create()
            self.state = "on"
        except OSError as error:
            self.version, self._descriptor = 0, -1
            self.state = f"off: {error.strerror}"

    def _create(self) -> int:
        rights = (1 << _FS_RIGHTS.get(self.version, _FS_RIGHTS_NEWEST)) - 1
        net = _BIND_AND_CONNECT if self.version >= _NET_SINCE else 0
        scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if self.version >= _SCOPE_SINCE else 0
        size = 8 if self.version < _NET_SINCE else 16 if self.version < _SCOPE_SINCE else 24
        return syscall("landlock_create_ruleset", struct.pack("QQQ", rights, net, scoped)[:size], size, 0)

    def restrict(self) -> None:
        """Put the ruleset on this process. Needs no_new_privs. Irrevocable."""
        if self._descriptor >= 0:
            syscall("landlock_restrict_self", self._descriptor, 0)
