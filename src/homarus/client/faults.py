"""Problem documents turned back into the errors they came from, so that exit codes are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from homarus.errors import (
    HomarusError,
    Internal,
    Invalid,
    Issue,
    ManifestInvalid,
    Outcome,
    TooMany,
    Transient,
)


def fault_of(problem: Mapping[str, Any], *, status: int, retry_after: float = 0) -> HomarusError:
    """Return the error that an answer tells of; an unknown code falls to that of its status."""
    message = str(problem.get("detail") or f"The server answered {status}.")
    hint = str(problem.get("hint") or "")
    issues = [
        Issue(str(i.get("path", "")), str(i.get("message", "")), str(i.get("hint", "")))
        for i in problem.get("issues", ())
    ]
    if issues:
        return ManifestInvalid(message, issues=issues, hint=hint)
    kind = _by_code().get(str(problem.get("code"))) or _by_status(status)
    if issubclass(kind, TooMany):
        return TooMany(message, retry_after=timedelta(seconds=retry_after), hint=hint)
    if issubclass(kind, Transient):
        return Transient(message, delay=timedelta(seconds=retry_after))
    return kind(message, hint=hint)


def leaves(root: type[HomarusError] = HomarusError) -> Iterator[type[HomarusError]]:
    """Every public error of the tree but its root, parents before children.

    What other modules derive for themselves (an answer of a wire, say) never leaves them.
    """
    for kind in root.__subclasses__():
        if kind.__module__ == HomarusError.__module__:
            yield kind
            yield from leaves(kind)


def _by_code() -> dict[str, type[HomarusError]]:
    return {kind.code: kind for kind in leaves() if kind is not ManifestInvalid}


def _by_status(status: int) -> type[HomarusError]:
    for kind in leaves():
        if kind.status == status and not issubclass(kind, Outcome):
            return kind
    return Invalid if 400 <= status < 500 else Internal
