"""What the kernel says about processes: identity that survives pid reuse, marks, ancestry."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "HOMARUS_RUN"
"""Environment mark of everything started for one generation; its value is the nonce."""
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process, not only a number: the start ticks tell a reused pid apart."""

    pid: int
    ticks: int


def boot_id() -> str:
    """The id of this boot of the machine; empty where the kernel has none."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _stat(pid: int) -> list[str] | None:
    try:
        raw = Path(f"/proc/{pid}/stat").read_text()
    except _GONE:
        return None
    # The command may hold spaces and brackets; everything after the last bracket is regular.
    return raw[raw.rindex(")") + 2 :].split()


def identify(pid: int) -> ProcessId | None:
    """The process with this pid now; None if there is none. A zombie counts as dead."""
    fields = _stat(pid)
    if fields is None or fields[0] in "ZX":
        return None
    return ProcessId(pid, int(fields[19]))


def parent(pid: int) -> int:
    """Its parent's pid; 0 when it is gone or has none."""
    fields = _stat(pid)
    return 0 if fields is None else int(fields[1])


def descends(pid: int, ancestor: int) -> bool:
    """Say whether ``pid`` is ``ancestor`` or was started by it, directly or not."""
    for _ in range(64):
        if pid == ancestor:
            return True
        if pid <= 1:
            return False
        pid = parent(pid)
    return False


def children(pid: int) -> list[int]:
    """Pids of its direct children; empty when it is gone."""
    found: list[int] = []
    with contextlib.suppress(*_GONE):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(*_GONE):
                text = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found += [int(one) for one in text.split()]
    return found


def _pids() -> Iterator[int]:
    if not sys.platform.startswith("linux"):
        return
    for name in os.listdir("/proc"):
        if name.isdigit():
            yield int(name)


def marked() -> dict[str, list[ProcessId]]:
    """Every live process that carries our mark, by its value. One pass over the machine."""
    found: dict[str, list[ProcessId]] = {}
    prefix = f"{MARK}=".encode()
    for pid in _pids():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except _GONE:
            continue
        for entry in environment.split(b"\0"):
            if entry.startswith(prefix):
                process = identify(pid)
                if process is not None:
                    found.setdefault(entry[len(prefix) :].decode(errors="replace"), []).append(
                        process
                    )
                break
    return found


def holders(path: Path) -> list[ProcessId]:
    """Every live process that has ``path`` open, found by device and inode, not by name."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    found = []
    for pid in _pids():
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except _GONE:
            continue
        for descriptor in descriptors:
            try:
                seen = os.stat(f"/proc/{pid}/fd/{descriptor}")
            except OSError:
                continue
            if (seen.st_dev, seen.st_ino) == (wanted.st_dev, wanted.st_ino):
                process = identify(pid)
                if process is not None:
                    found.append(process)
                break
    return found


def send(process: ProcessId, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone, whoever has its pid now."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (ProcessLookupError, OSError):
        return False
    try:
        # The descriptor is pinned first and the identity compared after: no reuse in between.
        if identify(process.pid) != process:
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True
