"""Put rendered files where the runtime reads them, by owner class.

``managed``: ours alone, drift is undone. ``block``: a marked section ours, the rest the
bot's. ``seeded``: written once, then the bot's. ``@{NAME}`` marks are filled here.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from homarus.errors import Permanent
from homarus.kit.files import write_atomic
from homarus.protocol.supervisor import File
from homarus.supervisor.bot_folder import BotFolder, bot_folder_error, give, open_bot_folder

_MARK = re.compile(r"@\{([A-Z][A-Z0-9_]*)\}")
BEGIN, END = "<!-- homarus:begin -->", "<!-- homarus:end -->"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace every ``@{NAME}``; an unknown name stays as it is (it may be the bot's own text)."""
    return _MARK.sub(lambda mark: values.get(mark[1], mark[0]), text)


def merge_block(existing: str, ours: str) -> str:
    """Return ``existing`` with our section replaced, or put in front where there is none."""
    block = f"{BEGIN}\n{ours.strip()}\n{END}\n"
    start, end = existing.find(BEGIN), existing.find(END)
    if start < 0 or end < start:
        return block + ("\n" + existing if existing else "")
    after = existing[end + len(END) :]
    return existing[:start] + block + after.removeprefix("\n")


def below(root: Path, path: str) -> Path:
    """Return ``root/path``, refusing whatever could leave ``root``.

    Raises:
        Permanent: an absolute path, or one with ``..``.
    """
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or ".." in parts:
        raise Permanent(f"A rendered file has the path {path!r}, which leaves its folder.")
    return root.joinpath(*parts)


def write_config(
    folder: Path, files: Iterable[File], values: Mapping[str, str], *, uid: int | None
) -> None:
    """Make ``folder`` hold exactly the managed configuration, owned by the bot's user.

    The folder is built beside and renamed over, so that a reader sees old or new.
    """
    beside = folder.with_name(folder.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(mode=0o700)
        for file in files:
            if file.area != "config":
                continue
            path = below(beside, file.path)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomic(path, fill(file.content, values).encode(), mode=_mode(file.path))
        give(beside, uid)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(beside, folder)
    except OSError as fault:
        raise bot_folder_error(fault, folder) from fault


def _mode(path: str) -> int:
    # What lies in bin/ is a program of ours that the runtime calls.
    return 0o500 if path.startswith("bin/") else 0o600


def write_workspace(
    folder: Path, files: Iterable[File], values: Mapping[str, str], *, uid: int | None
) -> list[str]:
    """Bring the workspace files up to date without destroying what the bot wrote.

    The folder is the bot's, and so is the one it lies in: nothing there is trusted or
    followed. What is in the way of a file of ours (a folder or a link in place of a file,
    or the reverse; a file too big to merge) is renamed; the new names are returned.

    Raises:
        HomarusError: a file could not be written; those before it are in place.
    """
    aside: list[str] = []
    try:
        with open_bot_folder(folder.parent, uid=uid) as root:
            for file in files:
                if file.area != "workspace":
                    continue
                path = below(folder, file.path)
                parts = path.relative_to(folder.parent).parts
                with root.below(parts[:-1]) as (place, in_the_way):
                    aside += in_the_way
                    old = _write_one(place, parts[-1], file, fill(file.content, values))
                    aside += ["/".join([*parts[:-1], name]) for name in old]
    except OSError as fault:
        raise bot_folder_error(fault, folder) from fault
    return aside


def _write_one(place: BotFolder, name: str, file: File, ours: str) -> list[str]:
    """Write one file by its owner class; return the name of what was put aside for it."""
    if file.owner == "seeded" and place.kind(name) == stat.S_IFREG:
        return []
    aside = []
    existing = place.read(name)
    if existing is None and place.kind(name):
        aside.append(place.put_aside(name))
    content = ours.encode()
    if file.owner == "block":
        # The bot's part may be no text at all: its bytes stay as they are.
        theirs = (existing or b"").decode(errors="surrogateescape")
        content = merge_block(theirs, ours).encode(errors="surrogateescape")
    if content != existing:
        place.write(name, content)
    return aside


def restore(folder: Path, files: Iterable[File], values: Mapping[str, str]) -> list[str]:
    """Undo every change to the live managed files; return the paths that had drifted.

    What is in the way of one is renamed, as in `write_workspace`.

    Raises:
        HomarusError: a file could not be put back.
    """
    drifted = []
    try:
        with open_bot_folder(folder.parent, uid=None) as root:
            for file in files:
                if file.area != "config":
                    continue
                *above, name = below(folder, file.path).relative_to(folder.parent).parts
                wanted = fill(file.content, values).encode()
                with root.below(above) as (place, _):
                    if place.read(name) == wanted:
                        continue
                    if place.kind(name) not in (0, stat.S_IFREG):
                        place.put_aside(name)
                    place.write(name, wanted, mode=_mode(file.path))
                drifted.append(file.path)
    except OSError as fault:
        raise bot_folder_error(fault, folder) from fault
    return drifted
