"""Prefixed, sortable ids: ``bot_01J9Z3M8Q5…`` (ULID, Crockford base 32, lower collision risk).

The first ten characters after the prefix are milliseconds since 1970, so that ids
of one kind sort by their time of birth, which keyset pagination relies on.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(r"^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$")


def new_id(prefix: str, *, now: datetime, entropy: bytes | None = None) -> str:
    """Return a new id of kind ``prefix``; two calls never return the same.

    Args:
        now: the moment of birth, aware. Ids of one millisecond sort at random.
        entropy: ten random bytes; given only by a simulation that must repeat itself.
    """
    random = os.urandom(10) if entropy is None else entropy
    number = (int(now.timestamp() * 1000) << 80) | int.from_bytes(random, "big")
    digits = []
    for _ in range(26):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return f"{prefix}_{''.join(reversed(digits))}"


def first_id(prefix: str, *, since: datetime) -> str:
    """Return what no id of kind ``prefix`` that was born at ``since`` or later sorts before.

    With it an index on ids bounds a search by time; ids of the same millisecond that are
    older are not told apart.
    """
    return new_id(prefix, now=max(since, _EPOCH), entropy=bytes(10))


def is_id(text: str, prefix: str) -> bool:
    """Say whether ``text`` has the shape of an id of kind ``prefix``; it may not exist."""
    return text.startswith(prefix + "_") and _SHAPE.match(text) is not None
