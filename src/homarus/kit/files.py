"""Files that are whole or absent: written beside, synced, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from homarus.errors import DiskFull, HomeNotWritable


def write_atomic(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``content``: readers see the old file or the new one, never a part.

    The file has ``mode`` from its first byte on. It survives a power cut once this returns.

    Raises:
        DiskFull: nothing was changed.
        HomeNotWritable: the folder may not be written; nothing was changed.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            write_atomic_at(folder, path.name, content, mode=mode)
        finally:
            os.close(folder)
    except OSError as fault:
        raise storage_error(fault, path) from fault


def write_atomic_at(
    folder: int, name: str, content: bytes, *, mode: int = 0o600, owner: int | None = None
) -> None:
    """`write_atomic` within an open folder, which may belong to somebody who means ill.

    Nothing that lies in the folder is followed or written to: the temporary file is new or
    this fails, and the rename replaces a link instead of following it. ``owner`` (a user and
    group id) gets the file before it has its name.

    Raises:
        OSError: untranslated; nothing was changed.
    """
    beside = f".{secrets.token_hex(8)}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(beside, flags, mode, dir_fd=folder)
    try:
        try:
            if owner is not None:
                os.fchown(fd, owner, owner)
            os.fchmod(fd, mode)
            with os.fdopen(fd, "wb", closefd=False) as out:
                out.write(content)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable (a rename is durable only after this)."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def storage_error(fault: OSError, path: Path) -> DiskFull | HomeNotWritable | OSError:
    """Translate what the file system said into what a person can mend."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No space left to write {path}.", hint="Free some disk and try again.")
    if fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return HomeNotWritable(
            f"{path} cannot be written.",
            hint="Give this user write access, or set HOMARUS_HOME to a folder it owns.",
        )
    return fault
