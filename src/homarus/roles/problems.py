"""How a role ends when it cannot start: last words for the launcher, and an exit code."""

from __future__ import annotations

import ctypes
import json
import os
import sys

from homarus.errors import HomarusError
from homarus.supervisor.entry import tie_to_parent


def last_words(fault: HomarusError) -> int:
    """Print ``fault`` as one line of JSON on standard error; return its exit code.

    Standard error is this role's own log, so the internal detail may stand above it.
    """
    if fault.detail:
        sys.stderr.write(fault.detail + "\n")
    said = {"error": type(fault).__name__, "message": fault.message, "hint": fault.hint}
    sys.stderr.write(json.dumps(said) + "\n")
    sys.stderr.flush()
    return fault.exit_code


def tie(parent: int) -> None:
    """End when the launcher ends; with 0 the role stands on its own."""
    if parent and sys.platform.startswith("linux"):
        tie_to_parent(ctypes.CDLL(None, use_errno=True), parent)


def say_ready(words: str = "") -> None:
    """Tell the launcher that this role serves now."""
    say(f"ready {words}".strip())


def say(line: str) -> None:
    """Tell the launcher something; nobody listening is fine."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
