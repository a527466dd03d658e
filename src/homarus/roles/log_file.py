"""Log files of bounded size: a role turns its own over, for nobody else knows when it writes.

Standard library alone: a supervisor has one, too.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path

LIMIT = 5 << 20
STARTED = '"event": "role.started"'
"""In a role's log, the mark of every start: what stands before it is of earlier processes."""
_TAIL = 64 << 10


def old_of(log: Path) -> Path:
    """Where the part of ``log`` before the present one is kept; what was there is gone."""
    return log.with_name(f"{log.name}.1")


def turn_if_full(log: Path, *, limit: int = LIMIT) -> None:
    """Make room for a writer that is about to open ``log``; nobody may have it open."""
    if log.exists() and log.stat().st_size > limit:
        os.replace(log, old_of(log))


def bound_stderr(log: Path, *, limit: int = LIMIT) -> None:
    """Keep this process' standard error, which goes to ``log``, to about ``limit`` bytes.

    Once it is full, at the end of a line, it becomes the old part and a new file takes over.
    The switch is one of descriptors: a line is in one file or the other, whole, whoever writes
    it and even while it happens. Where standard error goes elsewhere nothing is done.
    """
    raw = _Turning(log, limit)
    if raw.is_ours():
        buffered = io.BufferedWriter(raw)
        sys.stderr = io.TextIOWrapper(
            buffered, encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


def last_run(log: Path) -> list[str]:
    """Return what the newest process wrote to ``log``, or the end of that; no empty lines."""
    if not log.exists():
        return []
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - _TAIL))
        lines = source.read().decode(errors="replace").splitlines()
    starts = [number for number, line in enumerate(lines) if STARTED in line]
    return [line for line in lines[(starts[-1] + 1 if starts else 0) :] if line.strip()]


class _Turning(io.RawIOBase):
    """Standard error's descriptor as a file that turns itself over."""

    def __init__(self, log: Path, limit: int) -> None:
        super().__init__()
        self._log = log
        self._limit = limit
        self._line_ended = True

    def is_ours(self, fd: int = 2) -> bool:
        """Whether ``fd`` writes to the log, and not to a terminal or another file."""
        try:
            return os.path.samestat(os.fstat(fd), self._log.stat())
        except OSError:
            return False

    def fileno(self) -> int:
        return 2

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload] # any buffer, says the base class
        if self._line_ended and os.fstat(2).st_size + len(content) > self._limit:
            # A log that cannot be turned over (a full disk, a lost folder) grows on.
            with suppress(OSError):
                self._turn()
        written = os.write(2, content)
        self._line_ended = content[:written].endswith(b"\n")
        return written

    def _turn(self) -> None:
        if not self.is_ours():
            return  # somebody moved it away; it is theirs to bound now
        # A target gives a supervisor one file for both.
        both = self.is_ours(1)
        os.replace(self._log, old_of(self._log))
        fresh = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.dup2(fresh, 2)
            if both:
                os.dup2(fresh, 1)
        finally:
            os.close(fresh)
