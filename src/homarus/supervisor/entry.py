"""The first instructions of a bot's process. A script: standard library only, run with ``-I -S``.

It ties the process to its parent's life, and as root gives it a private view of the
few folders it may have before it drops to the bot's own user. Then it becomes the bot.
Argument: one JSON document (see `homarus.supervisor.isolation`); it holds no secret.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_STAGE = "/mnt"


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def tie_to_parent(libc: ctypes.CDLL, expected_parent: int) -> None:
    """Die when the parent dies, also if it died before this call."""
    _check(libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "prctl")
    if os.getppid() != expected_parent:
        sys.exit(0)


def stage(libc: ctypes.CDLL, sources: list[str]) -> None:
    """Bind ``sources`` to ``/mnt/0``, ``/mnt/1``, ... in a mount namespace of our own.

    The bot's user cannot walk to them by their real paths (a home folder is 0700), and
    need not. They are opened before the stage hides anything, so they may lie anywhere.
    """
    _check(libc.unshare(_CLONE_NEWNS), "unshare")
    _check(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    # Opened in the new namespace (a bind from another one is refused) and before the stage.
    opened = [os.open(source, os.O_PATH) for source in sources]
    kinds = [os.path.isdir(source) for source in sources]
    _check(libc.mount(b"tmpfs", _STAGE.encode(), b"tmpfs", 0, b"mode=755"), "mount the stage")
    for index, descriptor in enumerate(opened):
        place = f"{_STAGE}/{index}"
        if kinds[index]:
            os.mkdir(place, 0o755)
        else:
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
        source = f"/proc/self/fd/{descriptor}".encode()
        _check(libc.mount(source, place.encode(), None, _MS_BIND, None), sources[index])
        os.close(descriptor)


def main() -> None:
    """Do what the document says, then become ``argv``."""
    plan = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform.startswith("linux"):
        tie_to_parent(libc, plan["parent"])
    os.umask(0o077)
    if plan["sources"]:
        stage(libc, plan["sources"])
    os.chdir(plan["cwd"])
    os.execve(plan["argv"][0], plan["argv"], plan["env"])  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main()
