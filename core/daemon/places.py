"""The unix socket's place in the file system: private folder, one owner, no leftovers."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from pathlib import Path

from isolate_host.errors import ConfigError

__all__ = ["SocketPlace"]

# The kernel's sun_path holds 108 bytes with the closing NUL.
_MAX_PATH_BYTES = 107


class SocketPlace:
    """A claimed socket path. The claim is a lock on ``<path>.lock``, which the kernel drops with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock = -1
        self._identity: tuple[int, ...] | None = None

    def check(self) -> None:
        """What can be said without changing anything. Raises ``ConfigError``."""
        self._check_length()
        if self.path.parent.exists():
            self._check_folder()
        self._check_free()

    def claim(self) -> None:
        """Make the folder, take the lock. Raises ``ConfigError`` when another daemon has it or the folder is not private."""
        self._check_length()
        self._prepare_folder()
        lock_path = f"{self.path}.lock"
        self._lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(self._lock, 32).decode("ascii", "replace").strip()
            os.close(self._lock)
            self._lock = -1
            raise ConfigError(
                f"another daemon (process {owner or 'unknown'}) serves {str(self.path)!r}", hint="stop it, or give this one its own --socket"
            ) from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())

    def _check_length(self) -> None:
        if len(os.fsencode(self.path)) > _MAX_PATH_BYTES:
            raise ConfigError(f"socket path {str(self.path)!r} is longer than {_MAX_PATH_BYTES} bytes", hint="choose a shorter one")

    def _prepare_folder(self) -> None:
        """Whoever may write to the folder could put a socket of his own in our place: nobody else may."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"cannot use the folder {str(self.path.parent)!r} for the socket: {error.strerror}") from None
        self._check_folder()

    def _check_folder(self) -> None:
        folder = self.path.parent
        try:
            status = folder.stat()
        except OSError as error:
            raise ConfigError(f"cannot use the folder {str(folder)!r} for the socket: {error.strerror}") from None
        if not stat.S_ISDIR(status.st_mode):
            raise ConfigError(f"{str(folder)!r} is not a folder, and cannot hold the socket", hint="choose another path")
        if status.st_uid != os.getuid():
            raise ConfigError(f"the folder {str(folder)!r} of the socket belongs to user {status.st_uid}", hint="choose a folder of your own")
        if status.st_mode & 0o077:
            raise ConfigError(
                f"the folder {str(folder)!r} of the socket is open to others (mode {stat.S_IMODE(status.st_mode):04o})",
                hint=f"chmod 700 {folder}, or choose another folder",
            )

    def _check_free(self) -> None:
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_socket()):
            raise ConfigError(f"{str(self.path)!r} exists and is not a socket", hint="remove it, or choose another path")

    def bind(self) -> socket.socket:
        """A listening socket with mode 0600, in place of what a dead daemon left behind."""
        self._check_free()
        self.path.unlink(missing_ok=True)  # ours: the lock is held, so nobody listens there
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        mask = os.umask(0o177)
        try:
            listener.bind(str(self.path))
        except OSError as error:
            listener.close()
            raise ConfigError(f"cannot listen on {str(self.path)!r}: {error.strerror}") from None
        finally:
            os.umask(mask)
        self._identity = _identity(self.path.lstat())
        listener.listen(128)
        listener.setblocking(False)
        return listener

    def release(self) -> None:
        """Remove the socket, if it is still ours, and give up the lock."""
        if self._identity is not None:
            try:
                if _identity(self.path.lstat()) == self._identity:
                    self.path.unlink()
            except OSError as error:
                if error.errno != errno.ENOENT:
                    raise
            self._identity = None
        if self._lock >= 0:
            # The file stays: removing it would let two daemons lock two files of the same name.
            os.close(self._lock)
            self._lock = -1


def _identity(status: os.stat_result) -> tuple[int, ...]:
    # An inode number alone may have been given to another file meanwhile.
    return status.st_dev, status.st_ino, status.st_mode, status.st_ctime_ns
