"""The ledger's own copy: records on this machine's disk, before anything leaves it.

A folder holds one worker's records in preallocated segments; spares are always ready, so
that a full disk is known before a call begins, never during one. A record is written with
one `pwrite` (safe against the death of this process) and synced within 50 ms by who drives
`sync` (safe against a power cut). Layout: length, CRC-32C over all that follows, number,
type, then the record as JSON.
"""

from __future__ import annotations

import fcntl
import os
import struct
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import google_crc32c

from homarus.errors import AlreadyRunning, DiskFull
from homarus.kit.files import storage_error, sync_folder

SEGMENT = 16 << 20
SYNC_WITHIN = 0.05
_HEAD = struct.Struct("<IIQB")
_CHECKED = struct.Struct("<QB")
_LARGEST = 64 << 10


class Kind(IntEnum):
    """Type byte of a record."""

    OPEN = 1
    TOPUP = 2
    CLOSE = 3
    RETURN = 4
    SEAL = 5


class Place(NamedTuple):
    """Where the next record is read: all that memory holds of an unshipped tail."""

    segment: int
    offset: int
    seq: int


class Quarantined(Exception):  # an alarm for who recovers a spool, not an answer to anybody
    """A record is bad although good ones follow it; the file was set aside."""


class Spool:
    """One worker's records. One process owns it (a lock says so); one thread appends."""

    def __init__(self, folder: Path, *, segment_size: int = SEGMENT) -> None:
        """Open or create ``folder``; a torn last record is cut away.

        Raises:
            AlreadyRunning: another process holds it.
            DiskFull: not even the first segments fit.
            Quarantined: see there; the rest of the folder is left as it is.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._size = segment_size
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            os.close(self._lock)
            raise AlreadyRunning(f"Another process owns the spool {folder}.") from held
        self._last: dict[int, int] = {}
        """Number of the last record in each finished segment."""
        self._unsynced: list[int] = []
        self.seq = 0
        self.sealed = False
        numbers = sorted(int(path.stem) for path in folder.glob("*.seg"))
        self._first = numbers[0] if numbers else 1
        self._segment = numbers[-1] if numbers else 1
        self._end = 0
        # Two, so that one still stands while the other is being replaced after a rotation.
        self._wanted = [folder / "spare-1", folder / "spare-2"]
        self._spares: list[Path] = []
        self._recover(numbers)
        if not numbers:
            self._prepare(self._path(1))
        self._fd = os.open(self._path(self._segment), os.O_RDWR | os.O_CLOEXEC)
        self.prepare_spare()

    # ---- writing

    def append(self, kind: Kind, payload: bytes) -> int:
        """Write one record and return its number. It survives the death of this process.

        Raises:
            DiskFull: there is no room and no spare; nothing was written.
        """
        seq = self.seq + 1
        checked = _CHECKED.pack(seq, kind) + payload
        record = struct.pack("<II", len(payload), google_crc32c.value(checked)) + checked
        if self._end + len(record) > self._size:
            self._rotate()
        try:
            os.pwrite(self._fd, record, self._end)
        except OSError as fault:
            raise storage_error(fault, self.folder) from fault
        self._end += len(record)
        self.seq = seq
        return seq

    @property
    def ready(self) -> bool:
        """Whether new calls may begin: a spare segment waits."""
        return bool(self._spares)

    @property
    def short(self) -> bool:
        """Whether `prepare_spare` has something to do."""
        return len(self._spares) < len(self._wanted)

    def prepare_spare(self) -> None:
        """Make the spare segments that are missing. Blocking; safe in another thread.

        Raises:
            DiskFull: it does not fit; try again later.
        """
        for path in self._wanted:
            if path not in self._spares:
                if not path.exists():
                    self._prepare(path)
                self._spares.append(path)

    def sync(self) -> None:
        """Make everything appended before this call durable. Blocking; safe in another thread."""
        old, self._unsynced = self._unsynced, []
        for fd in old:
            os.fdatasync(fd)
            os.close(fd)
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Sync and let go; the folder stays."""
        self.sync()
        os.close(self._fd)
        os.close(self._lock)

    def destroy(self) -> None:
        """Remove the folder: every record, the seal too, is folded."""
        os.close(self._fd)
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()
        os.close(self._lock)

    def _rotate(self) -> None:
        if not self._spares:
            raise DiskFull(f"No spare segment in {self.folder}.")
        self._last[self._segment] = self.seq
        self._unsynced.append(self._fd)
        self._segment += 1
        # Renamed first: whoever prepares spares meanwhile must not take it for standing.
        os.rename(self._spares[0], self._path(self._segment))
        self._spares.pop(0)
        self._fd = os.open(self._path(self._segment), os.O_RDWR | os.O_CLOEXEC)
        self._end = 0

    def _prepare(self, path: Path) -> None:
        beside = path.with_suffix(".new")
        try:
            fd = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(fd, 0, self._size)
                os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(beside, path)
            sync_folder(self.folder)
        except OSError as fault:
            beside.unlink(missing_ok=True)
            raise storage_error(fault, path) from fault

    # ---- reading

    def start(self) -> Place:
        """Return the place of the oldest record kept."""
        return Place(self._first, 0, 0)

    def read(self, place: Place, most: int) -> tuple[list[bytes], Place]:
        """Return at most ``most`` records from ``place`` on, and where the next one will be.

        The second ``seq`` is the number of the last record returned.
        """
        records: list[bytes] = []
        segment, offset, seq = place
        while len(records) < most:
            block = self._block(segment, offset)
            at = 0
            while len(records) < most:
                found = _parse(block, at)
                if found is None:
                    break
                size, seq, payload = found
                records.append(payload)
                at += size
            offset += at
            if at == 0:
                if segment >= self._segment:
                    break
                segment, offset = segment + 1, 0
        return records, Place(segment, offset, seq)

    def forget(self, acked: int) -> None:
        """Delete finished segments whose records are all folded."""
        for segment, last in sorted(self._last.items()):
            if last > acked:
                return
            self._path(segment).unlink(missing_ok=True)
            del self._last[segment]
            self._first = segment + 1

    def _block(self, segment: int, offset: int) -> bytes:
        limit = self._end if segment == self._segment else self._size
        if offset >= limit:
            return b""
        with self._path(segment).open("rb") as file:
            file.seek(offset)
            return file.read(min(limit - offset, 512 << 10))

    def _path(self, segment: int) -> Path:
        return self.folder / f"{segment:08d}.seg"

    # ---- recovery

    def _recover(self, numbers: list[int]) -> None:
        for number in numbers:
            content = self._path(number).read_bytes()
            at, sealed = 0, False
            while (found := _parse(content, at)) is not None:
                size, self.seq, _ = found
                sealed = content[at + _HEAD.size - 1] == Kind.SEAL
                at += size
            more = number != numbers[-1] and not _holds_nothing(content, at)
            if more or _has_good_record(content, at, self.seq):
                self._path(number).rename(self._path(number).with_suffix(".bad"))
                raise Quarantined(f"{self._path(number)} is damaged at byte {at}.")
            self._last[number] = self.seq
            self._end, self.sealed = at, sealed
        if numbers:
            self._last.pop(numbers[-1], None)
            self._cut(self._path(numbers[-1]), self._end)

    def _cut(self, path: Path, end: int) -> None:
        with path.open("r+b") as file:
            file.truncate(end)
            file.truncate(self._size)
            os.fsync(file.fileno())


def _parse(block: bytes, at: int) -> tuple[int, int, bytes] | None:
    """Return (size, number, payload) of the whole good record at ``at``, or None."""
    if at + _HEAD.size > len(block):
        return None
    length, check, seq, _ = _HEAD.unpack_from(block, at)
    end = at + _HEAD.size + length
    if length == 0 or length > _LARGEST or end > len(block):
        return None
    if google_crc32c.value(block[at + 8 : end]) != check:
        return None
    return end - at, seq, block[at + _HEAD.size : end]


def _holds_nothing(content: bytes, at: int) -> bool:
    return not content[at:].strip(b"\0")


def _has_good_record(content: bytes, at: int, seq: int) -> bool:
    """Say whether a good record lies somewhere behind the damage at ``at``."""
    start = content.find(b'["', at + 1)
    while start != -1:
        found = _parse(content, start - _HEAD.size) if start >= _HEAD.size + at else None
        if found is not None and found[1] > seq:
            return True
        start = content.find(b'["', start + 1)
    return False
