"""Keyset pages: a cursor is the key of the last item seen, so pages never skip or repeat."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from homarus.errors import Invalid

T = TypeVar("T")


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
        raise Invalid(
            "cursor: this is not a cursor of ours.",
            hint="Use next_cursor of the page before, or leave it out.",
        ) from fault
