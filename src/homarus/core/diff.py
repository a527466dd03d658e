"""What would change between two documents, leaf by leaf, for people to read before it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One leaf. ``before`` or ``after`` is None where the leaf is new or goes away."""

    path: str
    before: Any
    after: Any


def diff(before: Mapping[str, Any], after: Mapping[str, Any], *, path: str = "") -> list[Change]:
    """Return every leaf that differs, by path; lists are leaves, as they replace as a whole."""
    changes: list[Change] = []
    for key in sorted({*before, *after}):
        where = f"{path}.{key}" if path else key
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            changes += diff(old, new, path=where)
        elif old != new:
            changes.append(Change(where, old, new))
    return changes
