"""The doctor's checks of the machine: memory, disk, sandbox, Node, ports, the home folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from homarus.adapters.runtimes.openclaw.install import node_wheel
from homarus.errors import HomarusError
from homarus.monitor.doctor import Check, Finding, Health
from homarus.roles import preflight
from homarus.web.principal import Principal

BOT_MB = 1200
_PRIVATE = {"": "700", "master.key": "600", "cli.json": "600", "homarus.sqlite": "600"}


@dataclass(frozen=True, slots=True)
class MachineChecks:
    """The checks, and the folder that they are about."""

    home: Path

    def all(self) -> list[tuple[str, Check]]:
        """Every check of the machine."""
        return [
            ("memory", _plain("memory", _memory, "another bot fits")),
            ("disk", _plain("disk", self._disk, "there is room to work")),
            ("sandbox", _plain("sandbox", _sandbox, "bots are kept apart (bubblewrap)")),
            ("home", self._home),
            ("node", self._node),
        ]

    def _disk(self) -> None:
        preflight.check_disk(self.home, installed=any((self.home / "runtimes").glob("openclaw-*")))

    async def _home(self, _caller: Principal) -> Sequence[Finding]:
        """What only the owner may read is read by nobody else."""
        if not self.home.exists():
            hint = "Nothing to do: `homarus up` makes it."
            return [Finding("home", Health.WARN, f"{self.home} is not there yet", hint)]
        findings = []
        if not os.access(self.home, os.W_OK):
            hint = "Give this user write access, or set HOMARUS_HOME to a folder it owns."
            findings.append(Finding("home", Health.FAIL, f"{self.home} cannot be written", hint))
        for name, mode in _PRIVATE.items():
            path = self.home / name
            if path.exists() and path.stat().st_mode & 0o077:
                words = f"{path} can be read by others"
                findings.append(Finding("home", Health.FAIL, words, f"chmod {mode} {path}"))
        free = shutil.disk_usage(self.home).free // preflight.MIB
        return findings or [Finding("home", Health.OK, f"{self.home}, {free} MB free")]

    async def _node(self, _caller: Principal) -> Sequence[Finding]:
        """The Node that OpenClaw needs runs here."""
        node = node_wheel() / "bin" / "node"
        hint = "Install Homarus again: its packages are not whole."
        if not node.exists():
            return [Finding("node", Health.FAIL, f"{node} is missing", hint)]
        ran = await asyncio.to_thread(
            subprocess.run, [str(node), "--version"], capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            return [Finding("node", Health.FAIL, ran.stderr.strip()[:200], hint)]
        return [Finding("node", Health.OK, ran.stdout.strip())]


def _plain(name: str, check: Callable[[], None], fine: str) -> Check:
    """A preflight check as one of the doctor's: its error is the finding."""

    async def run(_caller: Principal) -> Sequence[Finding]:
        try:
            await asyncio.to_thread(check)
        except HomarusError as fault:
            return [Finding(name, Health.WARN, fault.message, fault.hint)]
        return [Finding(name, Health.OK, fine)]

    return run


def _memory() -> None:
    preflight.check_memory(BOT_MB)


def _sandbox() -> None:
    preflight.ensure_sandbox(install=False)
