"""What must be true of a machine before anything is started, and how to make it true."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from homarus.errors import DiskFull, HomeNotWritable, NotEnoughMemory, PortTaken, SandboxMissing
from homarus.kit.files import storage_error
from homarus.settings import Settings
from homarus.supervisor.isolation import sandbox_problem

MIB = 1 << 20
INSTALL_SPACE_MB = 2_200
"""OpenClaw (650), its npm cache (220), Node (200), the staging copy, and room to work."""
WORK_SPACE_MB = 150


def check_home(home: Path) -> None:
    """Make ``home``, private to this user.

    Raises:
        HomeNotWritable, DiskFull: it cannot be made or written.
    """
    probe = home / ".writable"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        home.chmod(0o700)
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as fault:
        translated = storage_error(fault, home)
        if isinstance(translated, OSError):
            raise HomeNotWritable(
                f"{home} cannot be used as the home folder: {fault.strerror}.",
                hint="Set HOMARUS_HOME to a folder that this user owns.",
            ) from fault
        raise translated from fault


def check_disk(home: Path, *, installed: bool) -> None:
    """Refuse to begin what the disk cannot take; ``home`` itself need not exist yet.

    Raises:
        DiskFull: nothing was downloaded or written.
    """
    need = WORK_SPACE_MB if installed else INSTALL_SPACE_MB
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free // MIB
    if free < need:
        raise DiskFull(
            f"{home} has {free} MB free; {need} MB are needed.",
            hint="Free some disk, or set HOMARUS_HOME to a folder on a larger one.",
        )


def check_memory(need_mb: int, *, meminfo: Path = Path("/proc/meminfo")) -> None:
    """Refuse to start a bot that the machine could not carry.

    Raises:
        NotEnoughMemory: less than ``need_mb`` is available now.
    """
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return  # not Linux: the bot's own reservation still counts
    told = [int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:")]
    free = told[0] if told else need_mb  # a kernel that does not say refuses nothing
    if free < need_mb:
        raise NotEnoughMemory(
            f"A bot of OpenClaw needs about {need_mb} MB, and {free} MB are available.",
            hint="Close something, or use a machine with more memory.",
        )


def check_ports(ports: Mapping[str, int]) -> None:
    """Refuse to start where somebody else listens.

    Raises:
        PortTaken: names the port and the setting that moves it.
    """
    for setting, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as fault:
                if fault.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                name = f"HOMARUS_{setting.upper()}"
                raise PortTaken(
                    f"Port {port} is taken by another program.",
                    hint=f"End that program, or choose another port: {name}={port + 100}",
                ) from fault


def runs_already(settings: Settings) -> bool:
    """Say whether a control plane over this very home folder serves now.

    On PostgreSQL several may serve one store; there the ports tell.
    """
    lock = settings.home / "homarus.sqlite.lock"
    if not settings.database_url.startswith("sqlite") or not lock.exists():
        return False
    with lock.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def ensure_sandbox(say: Callable[[str], None] = print, *, install: bool = True) -> None:
    """Make the sandbox work: with ``install``, install bubblewrap when this user may.

    Raises:
        SandboxMissing: it does not work; the hint has the one command, and the way without.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxMissing(
            "Bots run on Linux only.", hint="Use a Linux machine, a virtual one will do."
        )
    problem = _sandbox_trouble()
    if problem and install and shutil.which("bwrap") is None and _may_install():
        say("installing bubblewrap (it keeps bots apart from this machine)")
        _apt("update", "-qq")
        _apt("install", "-y", "-qq", "--no-install-recommends", "bubblewrap")
        problem = _sandbox_trouble()
    if problem:
        raise SandboxMissing(
            f"Bots cannot be sandboxed here: {problem}",
            hint="Run `sudo apt-get install bubblewrap`; or go without, at your own risk: "
            "homarus up --isolation plain",
        )


def _sandbox_trouble() -> str:
    """Why a sandbox cannot be had; empty once a first one has really been made."""
    absent = sandbox_problem()
    if absent is not None:
        return absent.message
    bwrap = shutil.which("bwrap")
    assert bwrap is not None
    trial = [bwrap, "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "/bin/true"]
    made = subprocess.run(trial, capture_output=True, text=True, check=False)
    return "" if made.returncode == 0 else made.stderr.strip() or "bwrap did not work"


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*arguments: str) -> None:
    """Run apt-get quietly; whether it worked shows in what is there afterwards."""
    apt = shutil.which("apt-get")
    assert apt is not None
    subprocess.run(
        [apt, *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
