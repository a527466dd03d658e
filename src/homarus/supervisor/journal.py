"""What was accepted and what came of it, on disk before anybody is told."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from homarus.errors import HomarusError
from homarus.kit.files import storage_error, write_atomic

log = logging.getLogger(__name__)
_KEEP_FINISHED = 256
_COMPACT_BYTES = 256 * 1024


class Entry(msgspec.Struct, frozen=True):
    """One step of one command. ``seq`` rises over all generations of the bot."""

    seq: int
    key: str
    state: str
    text: str = ""
    usage: dict[str, int] = {}


class _Acked(msgspec.Struct, frozen=True):
    acked: int


class Journal:
    """Append-only, one JSON line per entry, synced before ``append`` returns.

    A torn last line (power cut, kill) is dropped on open: nobody was told of it. A bad line
    in the middle is skipped and logged: what is left of the journal is worth more than none.
    The file belongs to the holder of the bot's state lock alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: dict[str, Entry] = {}
        self._entries: list[Entry] = []
        self.acked = 0
        self._seq = 0
        self._load()
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _load(self) -> None:
        if not self._path.exists():
            return
        raw = self._path.read_bytes()
        whole = raw.rfind(b"\n") + 1
        bad = 0
        for line in raw[:whole].split(b"\n")[:-1]:
            try:
                if line.startswith(b'{"acked"'):
                    self.acked = msgspec.json.decode(line, type=_Acked).acked
                else:
                    self._remember(msgspec.json.decode(line, type=Entry))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                bad += 1
        if bad:
            log.error("%s: %d lines could not be read and were skipped", self._path, bad)
        if whole != len(raw):
            os.truncate(self._path, whole)

    def _remember(self, entry: Entry) -> None:
        self._seq = max(self._seq, entry.seq)
        self._entries.append(entry)
        # Last one at the end: compaction keeps the youngest keys.
        self._latest.pop(entry.key, None)
        self._latest[entry.key] = entry

    def append(
        self, key: str, state: str, *, text: str = "", usage: Mapping[str, int] | None = None
    ) -> Entry:
        """Write the step and sync it; only then may it be acted upon or told.

        Raises:
            DiskFull: nothing was written; the journal is as it was.
        """
        entry = Entry(self._seq + 1, key, state, text, dict(usage or {}))
        self._write(entry, sync=True)
        self._remember(entry)
        return entry

    def _write(self, record: msgspec.Struct, *, sync: bool) -> None:
        """Append one line, whole or not at all."""
        line = msgspec.json.encode(record) + b"\n"
        before = os.fstat(self._fd).st_size
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                # What the kernel says of a disk that fills up in mid-line.
                raise OSError(errno.ENOSPC, "short write")
            if sync:
                os.fsync(self._fd)
        except OSError as fault:
            os.ftruncate(self._fd, before)
            raise storage_error(fault, self._path) from fault

    def latest(self, key: str) -> Entry | None:
        """The last known step of a command; None: never accepted here, or long forgotten."""
        return self._latest.get(key)

    def unfinished(self) -> Sequence[str]:
        """Keys that were accepted and have no result: a crash came in between."""
        return [key for key, entry in self._latest.items() if entry.state == "accepted"]

    def pending(self, after: int) -> Sequence[Entry]:
        """Entries to tell the control plane, in order, beyond ``after`` and what it has stored."""
        floor = max(after, self.acked)
        return [entry for entry in self._entries if entry.seq > floor]

    def ack(self, seq: int) -> None:
        """The control plane stored everything up to ``seq``. Losing this note costs a resend."""
        if seq <= self.acked:
            return
        self.acked = min(seq, self._seq)
        self._entries = [entry for entry in self._entries if entry.seq > self.acked]
        try:
            self._write(_Acked(self.acked), sync=False)
        except HomarusError as fault:
            log.warning("an acknowledgement was not noted: %s", fault.message)
            return
        if os.fstat(self._fd).st_size > _COMPACT_BYTES:
            self._compact()

    def _compact(self) -> None:
        finished = [key for key, entry in self._latest.items() if entry.state != "accepted"]
        for key in finished[:-_KEEP_FINISHED]:
            if self._latest[key].seq <= self.acked:
                del self._latest[key]
        keep = {entry.seq: entry for entry in (*self._latest.values(), *self._entries)}
        lines = [msgspec.json.encode(keep[seq]) for seq in sorted(keep)]
        lines.append(msgspec.json.encode(_Acked(self.acked)))
        write_atomic(self._path, b"\n".join(lines) + b"\n")
        os.close(self._fd)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._fd)
