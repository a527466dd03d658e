"""One control-plane process per SQLite store, held by the kernel."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from homarus.errors import AlreadyRunning
from homarus.kit.files import storage_error


class StoreLock:
    """A lock file beside the database. The kernel frees it however this process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def take(self) -> None:
        """Take the lock now or say who is in the way.

        Raises:
            AlreadyRunning: another process (or another store of this one) holds it.
        """
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise storage_error(fault, self._path) from fault
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            os.close(fd)
            raise AlreadyRunning(
                f"Another Homarus has {self._path.parent} open.",
                hint="Use the running one, stop it first, or set HOMARUS_HOME to another folder.",
            ) from fault
        self._fd = fd

    def free(self) -> None:
        """Give the lock back; repeating it does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
