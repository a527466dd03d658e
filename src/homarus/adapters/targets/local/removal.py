"""Remove a bot's files for good: all of them, or an error that names what is left."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from homarus.errors import Transient

_AGAIN = timedelta(seconds=60)


def remove(tree: Path) -> None:
    """Remove ``tree``, also folders that their bot had locked. None there: nothing to do.

    Links are removed, never followed. Nothing of the bot may run.

    Raises:
        Transient: something could not be removed; it names the path. The rest may be gone.
    """
    if not tree.exists():
        return
    try:
        _unlock(tree)
        shutil.rmtree(tree, onerror=_unless_gone)
    except OSError as fault:
        raise Transient(
            f"{fault.filename or tree} cannot be removed: {fault.strerror}.", delay=_AGAIN
        ) from fault


def _unlock(tree: Path) -> None:
    """Give every folder of ``tree`` back to its owner: who may not enter it cannot empty it.

    Links are not entered; nothing of the bot runs that could put one in meanwhile.
    """
    pending = [(str(tree), os.lstat(tree))]
    while pending:
        path, seen = pending.pop()
        if not stat.S_ISDIR(seen.st_mode):
            continue
        if seen.st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(path, stat.S_IRWXU)
        with os.scandir(path) as entries:
            pending += [
                (entry.path, entry.stat(follow_symlinks=False))
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
            ]


def _unless_gone(
    step: Callable[..., Any], path: str, failure: tuple[type[BaseException], BaseException, Any]
) -> None:
    fault = failure[1]
    if isinstance(fault, FileNotFoundError):
        return
    if isinstance(fault, OSError):
        fault.filename = path
    raise fault
