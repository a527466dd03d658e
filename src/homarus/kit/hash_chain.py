"""A chain of hashes over records, so that a change in the middle shows.

A record is a JSON object with ``number``, ``previous`` and ``hash``; the hash is that of the
previous record's hash and of everything else in the record. Whoever holds the last hash can
tell that nothing before it was changed, reordered, added or left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homarus.kit.canonical import canonical_json

START = "0" * 64
"""What the first record is linked to."""
_LINK = frozenset({"previous", "hash"})


def link(previous: str, record: Mapping[str, Any]) -> str:
    """Return the hash of ``record`` after ``previous``: 64 hex digits."""
    document = {key: value for key, value in record.items() if key not in _LINK}
    return hashlib.sha256(previous.encode() + b"\n" + canonical_json(document)).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a chain is worth."""

    linked: int
    """Records whose links hold, from the first one on."""
    unlinked: int
    """Records at the end that have no link yet: nothing vouches for them."""
    last_hash: str
    problem: str
    """What is wrong with the first record that does not hold; empty: nothing."""


class ChainCheck:
    """Checks a chain record by record, in the order of its numbers."""

    def __init__(self) -> None:
        self._linked = 0
        self._unlinked = 0
        self._last = START
        self._problem = ""

    def feed(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Check further records; after the first problem nothing is looked at any more."""
        for record in records:
            if self._problem:
                return
            if record.get("number") is None:
                self._unlinked += 1
            else:
                self._problem = self._wrong(record)
                if not self._problem:
                    self._linked += 1
                    self._last = str(record["hash"])

    def _wrong(self, record: Mapping[str, Any]) -> str:
        number = self._linked + 1
        if self._unlinked:
            return f"record {record['number']} comes after records without a link"
        if record["number"] != number:
            return f"record {number} is missing: {record['number']} is in its place"
        if record.get("previous") != self._last:
            return f"record {number} is not linked to the one before it"
        if record.get("hash") != link(self._last, record):
            return f"record {number} was changed after it was linked"
        return ""

    def verdict(self) -> Verdict:
        """What can be said so far."""
        return Verdict(self._linked, self._unlinked, self._last, self._problem)
