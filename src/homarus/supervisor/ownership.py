"""Who owns a run folder: locks, not pids. A held lock is a live owner; there is no clock in it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import msgspec

from homarus.kit.files import write_atomic
from homarus.supervisor.procfs import ProcessId, boot_id, identify


class Owner(msgspec.Struct, frozen=True):
    """``owner.json``: who holds the run lock, with what tells it from a reused pid."""

    install_id: str
    nonce: str
    pid: int
    ticks: int
    boot_id: str

    def process(self) -> ProcessId | None:
        """The owner as a process, or None if it belongs to an earlier boot of the machine."""
        return ProcessId(self.pid, self.ticks) if self.boot_id == boot_id() else None


def take(path: Path) -> int | None:
    """Take the lock and return its descriptor; None if somebody has it.

    Held until the last copy of the descriptor is closed, by anyone who inherited it.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for last in (False, False, False, True):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # `held` has it for microseconds while it looks; that is no owner.
            if not last:
                time.sleep(0.003)
            continue
        return descriptor
    os.close(descriptor)
    return None


def held(path: Path) -> bool:
    """Say whether somebody holds the lock now. Takes and frees it if nobody does."""
    if not path.exists():
        return False
    descriptor = take(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def write_owner(path: Path, *, install_id: str, nonce: str) -> Owner:
    """Say who we are, for those who must signal us later."""
    me = identify(os.getpid())
    owner = Owner(
        install_id=install_id,
        nonce=nonce,
        pid=os.getpid(),
        ticks=0 if me is None else me.ticks,
        boot_id=boot_id(),
    )
    write_atomic(path, msgspec.json.encode(owner))
    return owner


def read_owner(path: Path) -> Owner | None:
    """The owner that was written last; it may be dead (ask the lock)."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Owner)
    except (OSError, msgspec.MsgspecError):
        return None


def other_generation_alive(bot_run: Path, *, but: Path) -> bool:
    """Say whether another generation of this bot has a live supervisor."""
    return any(lock.parent != but and held(lock) for lock in bot_run.glob("*/run.lock"))
