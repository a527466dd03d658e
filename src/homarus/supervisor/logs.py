"""Read the runtime's log by cursor: a cursor is a byte offset, negative for "from the end"."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_MOST = 256 * 1024


class Page(msgspec.Struct, frozen=True):
    """A piece of the log. Ask again with ``cursor`` for what came after it."""

    cursor: int
    text: str


def tail(path: Path, *, cursor: int, limit: int) -> Page:
    """Return up to ``limit`` bytes from ``cursor``; whole lines if the piece holds one.

    A cursor beyond the end (the log began anew) starts at the beginning.
    """
    if not path.exists():
        return Page(0, "")
    size = path.stat().st_size
    wanted = min(max(limit, 1), _MOST)
    start = max(0, size - wanted) if cursor < 0 else cursor if cursor <= size else 0
    with path.open("rb") as source:
        source.seek(start)
        piece = source.read(wanted)
    cut = piece.rfind(b"\n") + 1
    if cut:
        piece = piece[:cut]
    return Page(start + len(piece), piece.decode(errors="replace"))


def trim(path: Path, *, limit: int, keep: int) -> None:
    """Cut a log that has grown beyond ``limit`` down to the whole lines of its last ``keep`` bytes.

    Its writer may go on: it appends. What it writes during the cut itself may be lost.
    """
    if not path.exists() or path.stat().st_size <= limit:
        return
    with path.open("r+b") as log:
        log.seek(-keep, os.SEEK_END)
        end = log.read(keep)
        end = end[end.find(b"\n") + 1 :]
        log.seek(0)
        log.write(end)
        log.truncate()
