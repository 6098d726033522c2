"""Where new content will take its place: a name in a folder that is held open, so that it cannot be swapped meanwhile."""

from __future__ import annotations

import errno
import os
import stat

from isolate_host.files.failures import Refused, failure
from isolate_host.files.folder_files import NamedStage, StagedFile, copy_into, stage
from isolate_host.files.ledger import Credit, Ledger

__all__ = ["Placement"]

_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


class Placement:
    """One file to be. Owns ``folder``."""

    def __init__(self, folder: int, name: str, ledger: Ledger, *, exclusive: bool) -> None:
        self._folder, self._name, self._ledger, self._exclusive = folder, name, ledger, exclusive
        self._stage: NamedStage | None = None
        #: Whether an entry was counted for it.
        self._counted = False

    def begin(self, old: os.stat_result | None, content: int | None) -> StagedFile:
        """The staged file, with the content of the descriptor ``content``. Raises ``OSError``, ``LimitExceeded``, ``Refused``."""
        if old is not None and self._exclusive:
            raise failure(errno.EEXIST)
        if old is None:
            self._ledger.add_entry()
            self._counted = True
        try:
            descriptor = self._open()
        except BaseException:
            self.abandon()
            raise
        key = None if old is None else (old.st_dev, old.st_ino)
        credit = Credit(self._ledger, key, 0 if old is None else old.st_size)
        staged = _Closing(descriptor, self._ledger, credit, self)
        try:
            if content is not None:
                copy_into(content, staged)
        except BaseException:
            staged.close()
            raise
        return staged

    def _open(self) -> int:
        try:
            return stage(self._folder)
        except OSError as error:
            if error.errno not in _NO_NAMELESS:
                raise
        self._stage = NamedStage(self._folder)
        return self._stage.open()

    def place(self, staged: StagedFile) -> int | None:
        """Put it there; the size of what it replaced."""
        old = _look(self._folder, self._name)
        if old is None and self._link(staged.descriptor):
            if not self._counted:
                self._ledger.add_entry()
            self._counted = False
            return None
        if self._exclusive:
            raise failure(errno.EEXIST)
        old = old or _look(self._folder, self._name)
        if old is not None:
            _check_replaced(old)
            os.fchmod(staged.descriptor, stat.S_IMODE(old.st_mode) & 0o777)
        self._rename(staged.descriptor)
        if old is None:
            self._counted = False
        return old.st_size if old is not None and old.st_nlink == 1 else 0

    def _link(self, descriptor: int) -> bool:
        """The fast way for a new file: no other name in between. False when somebody was faster."""
        if self._stage is not None:
            return False
        try:
            os.link(f"/proc/self/fd/{descriptor}", self._name, dst_dir_fd=self._folder, follow_symlinks=True)
        except FileExistsError:
            return False
        return True

    def _rename(self, descriptor: int) -> None:
        if self._stage is None:
            self._stage = NamedStage(self._folder)
            self._stage.link(descriptor)
        os.rename(self._stage.name, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._stage = None

    def abandon(self) -> None:
        """Leave nothing behind; called in any case at the end."""
        if self._stage is not None:
            self._stage.remove()
        if self._counted:
            self._ledger.drop_entry()
        self._counted = False
        os.close(self._folder)


class _Closing(StagedFile):
    """Takes the placement with it."""

    def __init__(self, descriptor: int, ledger: Ledger, credit: Credit, placement: Placement) -> None:
        super().__init__(descriptor, ledger, credit, placement.place)
        self._placement = placement

    def _finish(self) -> None:
        super()._finish()
        self._placement.abandon()


def _look(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _check_replaced(old: os.stat_result) -> None:
    if stat.S_ISDIR(old.st_mode):
        raise failure(errno.EISDIR)
    if not stat.S_ISREG(old.st_mode):
        raise Refused("what stands there is no ordinary file, and is not replaced")
