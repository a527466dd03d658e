"""``homarus up`` as a person runs it: real processes, real ports, a home folder of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homarus.client.api import Api
from homarus.client.credential import load_credential
from homarus.errors import Unavailable

READY = "Homarus runs"
STORE = Path(__file__).parents[3] / ".cache" / "live-runtimes"
"""Installed runtimes, shared by all tests of a checkout: an installation takes half a minute."""


_UNSAFE = 10_080
"""The one port of our range that browsers refuse to go to."""


def free_ports(count: int) -> list[int]:
    """Ports that stay free while a killed part is away: no outgoing connection and no bot
    gets one of these by chance, as it could one of the kernel's own choice, and no test that
    runs beside this one in another worker.
    """
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 4)
    found: list[int] = []
    while len(found) < count:
        port = 8_800 + worker % 5 * 1_000 + secrets.randbelow(1_000)
        if port in found or port == _UNSAFE:
            continue
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


@dataclass
class Homarus:
    """One installation and the ``homarus up`` that runs it."""

    home: Path
    ports: list[int]
    process: subprocess.Popen[str] | None = None
    more: dict[str, str] = field(default_factory=dict)
    """Further environment, for faults."""

    @property
    def environment(self) -> dict[str, str]:
        api, gateway, demo = map(str, self.ports)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HOMARUS_")}
        return {
            **kept,
            "HOMARUS_HOME": str(self.home),
            "HOMARUS_API_PORT": api,
            "HOMARUS_GATEWAY_PORT": gateway,
            "HOMARUS_DEMO_PORT": demo,
            **self.more,
        }

    def up(self, *arguments: str) -> None:
        """Start it and wait until it stays."""
        self._launch(*arguments)
        assert self.process is not None
        until(lambda: READY in self.output() or self.process.poll() is not None, within=180)
        assert READY in self.output(), self.output()

    def up_until_it_dies(self) -> None:
        """Start it where a fault is armed, and wait for its death and its children's."""
        self._launch()
        assert self.process is not None
        assert self.process.wait(timeout=60) == -signal.SIGKILL
        mark = f"HOMARUS_HOME={self.home}".encode()
        until(lambda: not any(mark in environment_of(pid) for pid in all_pids()), within=20)

    def _launch(self, *arguments: str) -> None:
        with self.out.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "homarus", "up", *(arguments or ("--no-bot",))],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def output(self) -> str:
        return self.out.read_text()

    @property
    def out(self) -> Path:
        return self.home.with_suffix(".out")

    def down(self, number: int = signal.SIGINT) -> int:
        """Ask it to end as Ctrl-C does; return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=90)

    def cli(self, *arguments: str, code: int = 0) -> str:
        """Run a command; return what it printed on standard output (or error, if it fails)."""
        ran = subprocess.run(
            [sys.executable, "-m", "homarus", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == code, f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran.stderr if code else ran.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.cli(*arguments, "--json"))

    def api(self) -> Api:
        return Api(load_credential(self.environment))

    def echo(self, name: str, **more: Any) -> Any:
        """Make an echo bot and wait until it runs, or is as it is desired."""
        spec = {"name": name, "runtime": {"name": "echo"}, "resources": {"memory_mb": 64}, **more}
        with self.api() as api:
            api.post("/v1/bots", spec)
        self.wait(name, more.get("desired", "running"))
        return self.json("bot", "get", name)

    def wait(self, name: str, state: str, within: float = 60) -> Any:
        def is_so() -> bool:
            return bool(self.bot(name)["state"] == state)

        until(is_so, within=within, why=lambda: str(self.bot(name)))
        return self.bot(name)

    def bot(self, name: str) -> Any:
        with self.api() as api:
            return api.get(f"/v1/bots/{name}")

    def child(self, role: str) -> int:
        """The pid of a role that the launcher started; 0 while there is none."""
        assert self.process is not None
        for pid in children_of(self.process.pid):
            if f"homarus.roles.{role}" in command_of(pid):
                return pid
        return 0

    def supervisors(self) -> list[int]:
        """Pids of the supervisors of this installation, wherever they hang."""
        mark = f"{self.home}/run/"
        return [p for p in all_pids() if "roles.supervise" in (c := command_of(p)) and mark in c]

    def runtimes(self) -> list[int]:
        """Pids of everything else that carries the mark of one of our placements."""
        ours = {nonce for nonce in self.nonces() if nonce}
        watched = set(self.supervisors())
        return [p for p in all_pids() if p not in watched and nonce_of(p) in ours]

    def nonces(self) -> set[str]:
        found = set()
        for path in self.home.glob("run/bot_*/*/placement.json"):
            found.add(json.loads(path.read_text())["nonce"])
        return found


def until(check: Any, *, within: float, why: Any = lambda: "") -> None:
    """Wait in real time, as the processes are real, until `check` says yes."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with suppress(Unavailable):  # a part that was just killed is on its way back
            if check():
                return
        time.sleep(0.1)  # the real processes of the test need real time
    raise AssertionError(f"not so within {within} s: {why()}")


def all_pids() -> list[int]:
    """Every process of this machine now."""
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal()]


def command_of(pid: int) -> str:
    """Its command line; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def children_of(pid: int) -> list[int]:
    """Its direct children."""
    found = []
    for one in all_pids():
        try:
            stat = Path(f"/proc/{one}/stat").read_text()
        except OSError:
            continue
        if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
            found.append(one)
    return found


def environment_of(pid: int) -> bytes:
    """What it was started with; empty when it is gone or not ours to see."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def nonce_of(pid: int) -> str:
    """The mark of the placement that it belongs to; empty without one."""
    environment = environment_of(pid).decode(errors="replace")
    found = re.search(r"(?:^|\0)HOMARUS_RUN=([0-9a-f]+)", environment)
    return found[1] if found else ""


def make(folder: Path) -> Homarus:
    """An installation in ``folder``, not started, over the shared store of runtimes."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    STORE.mkdir(parents=True, exist_ok=True)
    (home / "runtimes").symlink_to(STORE)
    return Homarus(home, free_ports(3))


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder not under pytest's own: their long names do not fit into a socket's path."""
    made = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def ended(ours: Homarus) -> Iterator[Homarus]:
    """Give ``ours``, and end whatever is left of it when the fixture is torn down."""
    try:
        yield ours
    finally:
        if ours.process is not None and ours.process.poll() is None:
            ours.down()
        for pid in [*ours.supervisors(), *ours.runtimes()]:
            _kill(pid)


def _kill(pid: int) -> None:
    """Kill exactly the process that has this pid now."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(fd, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.close(fd)
