"""What one machine can carry: start slots, memory reservations, ports and bot users.

All of it is lock files under ``run/.host``: a supervisor that dies gives everything back.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from homarus.errors import Unavailable
from homarus.kit.files import write_atomic
from homarus.supervisor.ownership import held, take

_POLL_S = 0.25
_USABLE = 0.9
_PORTS = range(14_000, 32_000)
_UID_BASE, _UID_SPAN = 1_000_000, 10_000
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def machine_memory_mb() -> int:
    """What bots may use of this machine or container together, in MB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in _CGROUP_LIMITS:
        try:
            total = min(total, int(limit.read_text()))
        except (OSError, ValueError):
            continue
    return int(total * _USABLE) >> 20


def default_start_slots() -> int:
    """How many runtimes may start at the same time: a start keeps about two cores busy."""
    return max(1, (os.cpu_count() or 1) // 2)


@contextmanager
def _mutex(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Admission:
    """One bot's share of the machine. Every claim ends with ``release`` or our death."""

    def __init__(self, host: Path, *, bot_id: str, start_slots: int, memory_mb: int) -> None:
        self._host = host
        self._bot_id = bot_id
        self._slots = start_slots
        self._capacity = memory_mb
        self._slot: int | None = None
        self._memory: int | None = None
        self._port: int | None = None

    async def memory(self, wanted_mb: int, waiting: Callable[[str], Awaitable[None]]) -> None:
        """Reserve memory for as long as the bot is wanted up; repeated calls change nothing."""
        while self._memory is None:
            free = self._try_memory(wanted_mb)
            if self._memory is None:
                await waiting(
                    f"waiting: memory ({wanted_mb} MB needed, {free} MB of "
                    f"{self._capacity} MB free for bots)"
                )
                await asyncio.sleep(_POLL_S)

    def _try_memory(self, wanted_mb: int) -> int:
        folder = self._host / "memory"
        folder.mkdir(exist_ok=True, mode=0o700)
        with _mutex(self._host / "memory.lock"):
            taken = 0
            for other in folder.iterdir():
                if other.name != self._bot_id and held(other):
                    taken += int(other.read_text() or 0)
            free = self._capacity - taken
            if wanted_mb <= free:
                mine = folder / self._bot_id
                self._memory = take(mine)
                if self._memory is not None:
                    mine.write_text(str(wanted_mb))
            return max(0, free)

    async def slot(self, waiting: Callable[[str], Awaitable[None]]) -> None:
        """Take one of the machine's start slots; kept until ``release_slot``."""
        folder = self._host / "slots"
        folder.mkdir(exist_ok=True, mode=0o700)
        while self._slot is None:
            for index in range(self._slots):
                self._slot = take(folder / f"start-{index}.lock")
                if self._slot is not None:
                    return
            await waiting("waiting: start slot")
            await asyncio.sleep(_POLL_S)

    def release_slot(self) -> None:
        """Let the next bot start. Safe to call twice."""
        if self._slot is not None:
            os.close(self._slot)
            self._slot = None

    def port(self, span: int) -> int:
        """Choose a loopback port with ``span`` free numbers from it on; another one each time.

        Raises:
            Unavailable: every block of ports is in use.
        """
        self.release_port()
        if span == 1:
            return _any_port()
        folder = self._host / "ports"
        folder.mkdir(exist_ok=True, mode=0o700)
        blocks = len(_PORTS) // span
        # Bots spread over the range, and a retry moves on: a foreign listener is met once.
        first = crc32(self._bot_id.encode()) + int.from_bytes(os.urandom(2), "big")
        for index in range(blocks):
            port = _PORTS.start + (first + index) % blocks * span
            self._port = take(folder / f"{port}.lock")
            if self._port is None:
                continue
            if _bindable(port):
                return port
            self.release_port()
        raise Unavailable("No block of ports is free for another bot.")

    def release_port(self) -> None:
        """Give the block back. Safe to call twice."""
        if self._port is not None:
            os.close(self._port)
            self._port = None

    def release(self) -> None:
        """Give everything back: the bot is down and meant to be."""
        self.release_slot()
        self.release_port()
        if self._memory is not None:
            os.close(self._memory)
            self._memory = None


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def bot_user(host: Path, *, install_id: str, bot_id: str) -> int:
    """The bot's own user id on this machine: the same for its whole life, shared with no other."""
    table = host / "users.json"
    with _mutex(host / "users.lock"):
        users: dict[str, int] = json.loads(table.read_text()) if table.exists() else {}
        if bot_id not in users:
            base = _UID_BASE + crc32(install_id.encode()) % 1000 * _UID_SPAN
            users[bot_id] = max(users.values(), default=base - 1) + 1
            write_atomic(table, json.dumps(users).encode())
        return users[bot_id]
