"""Work inside a folder that belongs to a bot, with rights that the bot does not have.

Whatever lies there may be a trap: links at any place, folders that become links between
two looks. So every step goes through an open folder, never through a path of several parts.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from homarus.errors import ActionRequired, HomarusError
from homarus.kit.files import storage_error, write_atomic_at

READ_LIMIT = 4 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class BotFolder:
    """An open folder of a bot. No method follows a link, and none leaves the folder."""

    def __init__(self, fd: int, *, uid: int | None) -> None:
        self._fd = fd
        self._uid = uid

    def names(self) -> list[str]:
        return os.listdir(self._fd)

    def kind(self, name: str) -> int:
        """The file type bits of ``name``, of a link itself; 0 when nothing is there."""
        try:
            return stat.S_IFMT(os.stat(name, dir_fd=self._fd, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            return 0

    def read(self, name: str) -> bytes | None:
        """The content of a regular file of at most `READ_LIMIT` bytes; None for all else."""
        try:
            fd = os.open(name, _FILE, dir_fd=self._fd)
        except OSError as fault:
            if fault.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
                return None
            raise
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            with os.fdopen(fd, "rb", closefd=False) as source:
                content = source.read(READ_LIMIT + 1)
        finally:
            os.close(fd)
        return content if len(content) <= READ_LIMIT else None

    def write(self, name: str, content: bytes, *, mode: int = 0o600) -> None:
        """Replace the file ``name``; it belongs to the bot from the moment it has its name."""
        write_atomic_at(self._fd, name, content, mode=mode, owner=self._uid)

    def put_aside(self, name: str) -> str:
        """Rename what is in the way to ``<name>.replaced-<n>`` and return that name."""
        pattern = re.compile(re.escape(name) + r"\.replaced-(\d{1,9})")
        used = [int(found[1]) for other in self.names() if (found := pattern.fullmatch(other))]
        aside = f"{name}.replaced-{max(used, default=0) + 1}"
        os.rename(name, aside, src_dir_fd=self._fd, dst_dir_fd=self._fd)
        return aside

    @contextlib.contextmanager
    def below(self, parts: Sequence[str]) -> Iterator[tuple[BotFolder, list[str]]]:
        """The folder ``parts`` below this one, made where it is missing.

        The second value names what was in the way of it and was put aside.
        """
        aside: list[str] = []
        with contextlib.ExitStack() as open_ones:
            here = self
            for depth, name in enumerate(parts):
                if (found := here.kind(name)) and found != stat.S_IFDIR:
                    aside.append("/".join([*parts[:depth], here.put_aside(name)]))
                    found = 0
                if not found:
                    os.mkdir(name, mode=0o700, dir_fd=here._fd)
                fd = os.open(name, _FOLDER, dir_fd=here._fd)
                open_ones.callback(os.close, fd)
                if not found and self._uid is not None:
                    os.fchown(fd, self._uid, self._uid)
                here = BotFolder(fd, uid=self._uid)
            yield here, aside


@contextlib.contextmanager
def open_bot_folder(root: Path, *, uid: int | None) -> Iterator[BotFolder]:
    """Open ``root``, whose own name the bot cannot change; it may be owned by the bot."""
    fd = os.open(root, _FOLDER)
    try:
        yield BotFolder(fd, uid=uid)
    finally:
        os.close(fd)


def give(tree: Path, uid: int | None) -> None:
    """Make the bot's user own the tree; links are not followed. Nothing to do without one."""
    if uid is None:
        return
    for _, folders, names, fd in os.fwalk(tree, follow_symlinks=False):
        os.fchown(fd, uid, uid)
        for name in (*folders, *names):
            with contextlib.suppress(FileNotFoundError):
                os.chown(name, uid, uid, dir_fd=fd, follow_symlinks=False)


def bot_folder_error(fault: OSError, path: Path) -> HomarusError:
    """What a person is told when the files of a bot cannot be brought up to date."""
    told = storage_error(fault, path)
    if isinstance(told, HomarusError):
        return told
    return ActionRequired(
        f"The files in {path} cannot be brought up to date: {fault.strerror}.",
        hint="Look at what lies there, mend it, and restart the bot.",
    )
