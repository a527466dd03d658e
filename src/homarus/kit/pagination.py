"""Keyset pages: a cursor is the key of the last item seen, so pages never skip or repeat."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from homarus.errors import Invalid

T = TypeVar("T")
_HINT = "Use next_cursor of the page before, or leave it out."


@dataclass(frozen=True, slots=True)
class PageAsk:
    """Which page: at most ``limit`` items after the key ``after`` (empty: from the start)."""

    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in order; ``cursor`` asks for the next page, None means this was the last."""

    items: Sequence[T]
    cursor: str | None


def encode_cursor(key: str) -> str:
    """Return ``key`` as an opaque word for URLs."""
    return base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> str:
    """Inverse of `encode_cursor`.

    Raises:
        Invalid: it is not one of our cursors.
    """
    try:
        padded = (cursor + "=" * (-len(cursor) % 4)).encode()
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as fault:
        raise Invalid("cursor: this is not a cursor of ours.", hint=_HINT) from fault


def bind_key(listing: str, key: Sequence[str]) -> str:
    """Return a key of several parts as one that is good for ``listing`` alone."""
    return json.dumps([_mark(listing), *key])


def bound_key(text: str, listing: str, *, parts: int) -> list[str]:
    """Inverse of `bind_key`.

    Raises:
        Invalid: it was bound to another listing.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    words = [str(word) for word in found] if isinstance(found, list) else []
    if len(words) != parts + 1 or words[0] != _mark(listing):
        raise Invalid("cursor: it belongs to a list with other filters or order.", hint=_HINT)
    return words[1:]


def _mark(listing: str) -> str:
    return hashlib.blake2b(listing.encode(), digest_size=8).hexdigest()
