"""How far a bot's process is kept from the machine: the command that builds its walls.

``sandbox``: bubblewrap with pid, ipc and mount namespaces of its own; as root also a user
of its own per bot. Read-only: /usr, the runtime, a few files of /etc, the configuration.
Writable: its state and home. The host's network is shared. ``plain``: no walls at all.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homarus.errors import SandboxMissing
from homarus.ports.runtime_host import Launch, Places
from homarus.supervisor import entry
from homarus.supervisor.folders import Folders
from homarus.supervisor.procfs import MARK

SANDBOX, PLAIN = "sandbox", "plain"
_INSIDE = Path("/homarus")
_ETC = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/localtime",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/alternatives",
    "/etc/ld.so.cache",
)
_BASE_ENV = {"LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}


@dataclass(frozen=True, slots=True)
class Wall:
    """One choice of isolation for one generation."""

    kind: str
    uid: int | None
    """The bot's own user; None when we are not root or there are no walls."""


@dataclass(frozen=True, slots=True)
class _Bind:
    source: Path
    inside: Path
    writable: bool


def sandbox_problem() -> SandboxMissing | None:
    """Why a sandbox cannot be had here, or None if it can."""
    if not sys.platform.startswith("linux"):
        return SandboxMissing(
            "Bots run on Linux only, for now: in the open as well as in the sandbox.",
            hint="Run Homarus on a Linux machine, or in a Linux virtual machine on this one.",
        )
    if shutil.which("bwrap") is None:
        return SandboxMissing(
            "bubblewrap is not installed.",
            hint="Install it (`apt-get install bubblewrap`), or use isolation `plain`.",
        )
    return None


def places(kind: str, folders: Folders, runtime: Path, *, config: Path) -> Places:
    """Where things are as the runtime sees them, with ``config`` as its configuration folder."""
    if kind == PLAIN:
        return Places(
            node=runtime / "node" / "bin" / "node",
            runtime=runtime,
            config=config,
            state=folders.state,
            workspace=folders.state / "workspace",
            home=folders.bot_home,
            socket=folders.socket,
            log=folders.state / "runtime.log",
        )
    state = _INSIDE / "state"
    return Places(
        node=_INSIDE / "runtime" / "node" / "bin" / "node",
        runtime=_INSIDE / "runtime",
        config=_INSIDE / "config",
        state=state,
        workspace=state / "workspace",
        home=_INSIDE / "home",
        socket=_INSIDE / "socket" / folders.socket.name,
        log=state / "runtime.log",
    )


def command(
    launch: Launch,
    *,
    wall: Wall,
    folders: Folders,
    runtime: Path,
    config: Path,
    nonce: str,
) -> tuple[list[str], dict[str, str]]:
    """The argument list and environment to spawn ``launch`` with.

    ``config`` is the configuration folder to show (the live one or a candidate).

    Raises:
        SandboxMissing: walls are asked for and cannot be built here.
    """
    env = {**_BASE_ENV, **launch.env, MARK: nonce}
    if wall.kind == PLAIN:
        plan = _plan(list(launch.argv), env, sources=[], cwd=str(folders.bot_home))
    else:
        problem = sandbox_problem()
        if problem is not None:
            raise problem
        plan = _sandboxed(launch, env, wall, _binds(launch, folders, runtime, config, uid=wall.uid))
    script = str(Path(entry.__file__))
    return [sys.executable, "-I", "-S", script, json.dumps(plan)], {MARK: nonce}


def _plan(
    argv: list[str], env: Mapping[str, str], *, sources: list[str], cwd: str
) -> dict[str, object]:
    return {
        "parent": os.getpid(),
        "argv": argv,
        "env": dict(env),
        "sources": sources,
        "cwd": cwd,
    }


def _binds(
    launch: Launch, folders: Folders, runtime: Path, config: Path, *, uid: int | None
) -> list[_Bind]:
    binds = [
        _Bind(config, _INSIDE / "config", writable=False),
        _Bind(runtime, _INSIDE / "runtime", writable=False),
        _Bind(folders.socket.parent, _INSIDE / "socket", writable=False),
        _Bind(folders.state, _INSIDE / "state", writable=True),
        _Bind(folders.bot_home, _INSIDE / "home", writable=True),
        _Bind(write_account(folders, uid) / "passwd", Path("/etc/passwd"), writable=False),
        _Bind(folders.account / "group", Path("/etc/group"), writable=False),
    ]
    binds += [_Bind(folder, folder, writable=False) for folder in launch.machine]
    return binds


def write_account(folders: Folders, uid: int | None) -> Path:
    """Write the passwd and group files that the sandbox shows: one user, the bot."""
    uid, gid = (os.getuid(), os.getgid()) if uid is None else (uid, uid)
    folders.account.mkdir(exist_ok=True, mode=0o755)
    lines = {
        "passwd": f"bot:x:{uid}:{gid}:bot:{_INSIDE}/home:/bin/sh\n",
        "group": f"bot:x:{gid}:\n",
    }
    for name, line in lines.items():
        path = folders.account / name
        path.write_text(line)
        path.chmod(0o644)
    return folders.account


def _sandboxed(
    launch: Launch, env: Mapping[str, str], wall: Wall, binds: list[_Bind]
) -> dict[str, object]:
    bwrap = shutil.which("bwrap") or "bwrap"
    argv = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    argv += ["--die-with-parent", "--new-session", "--hostname", "bot", "--clearenv"]
    argv += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            argv += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            argv += ["--ro-bind", name, name]
    for name in _ETC:
        argv += ["--ro-bind-try", name, name]
    argv += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108
    for index, bind in enumerate(binds):
        source = str(bind.source) if wall.uid is None else f"/mnt/{index}"
        argv += ["--bind" if bind.writable else "--ro-bind", source, str(bind.inside)]
    for key, value in env.items():
        argv += ["--setenv", key, value]
    argv += ["--chdir", str(_INSIDE / "home"), "--", *launch.argv]
    outer = {**_BASE_ENV, MARK: env[MARK]}
    if wall.uid is None:
        return _plan(argv, outer, sources=[], cwd="/")
    user = str(wall.uid)
    drop = [shutil.which("setpriv") or "setpriv", "--reuid", user, "--regid", user]
    # Changing the user clears the parent-death signal: `--pdeathsig` sets it again.
    drop += ["--clear-groups", "--no-new-privs", "--pdeathsig", "KILL"]
    return _plan([*drop, *argv], outer, sources=[str(b.source) for b in binds], cwd="/")


def tied(argv: list[str], env: Mapping[str, str], *, cwd: Path) -> tuple[list[str], dict[str, str]]:
    """A command of ours outside any walls that dies with us (an installer), for `spawn`.

    It carries the mark of this process, so that a successor's sweep finds it as well.
    """
    mark = os.environ.get(MARK, "")
    plan = _plan(argv, {**_BASE_ENV, **env, MARK: mark}, sources=[], cwd=str(cwd))
    return [sys.executable, "-I", "-S", str(Path(entry.__file__)), json.dumps(plan)], {MARK: mark}
