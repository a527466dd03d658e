"""The doctor's checks while Homarus does not run: could it start, and why did it end?"""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from homarus.adapters.runtimes.openclaw.install import folder_name
from homarus.errors import PortTaken
from homarus.monitor.doctor import Check, Finding, Health
from homarus.roles import preflight
from homarus.roles.children import reported
from homarus.roles.log_file import last_run
from homarus.settings import PREFIX, Settings
from homarus.web.principal import Principal

ROLES = ("api", "gateway", "demo")
_TAIL_LINES = 6


@dataclass(frozen=True, slots=True)
class StartChecks:
    """The checks, and the installation that they are about."""

    settings: Settings

    def all(self) -> list[tuple[str, Check]]:
        """Every check, in the order in which a start would meet them."""
        checks: list[tuple[str, Check]] = [("python", self.packages_are_whole)]
        if not preflight.runs_already(self.settings):
            checks.append(("ports", self.ports_are_free))
        return [*checks, ("openclaw", self.openclaw_is_there), ("log", self.last_words)]

    async def packages_are_whole(self, _caller: Principal) -> Sequence[Finding]:
        """Every package that ours asks for is installed beside it."""
        missing = []
        for wanted in metadata.requires("homarus") or ():
            if "extra ==" in wanted:
                continue  # nobody has to have it
            name = re.split(r"[^A-Za-z0-9._-]", wanted, maxsplit=1)[0]
            try:
                metadata.version(name)
            except metadata.PackageNotFoundError:
                missing.append(name)
        words = f"Python {platform.python_version()}"
        if missing:
            hint = "Install Homarus again: its packages are not whole."
            return [
                Finding("python", Health.FAIL, f"{words} without {', '.join(missing)}", hint),
            ]
        return [Finding("python", Health.OK, f"{words}, every package is there")]

    async def ports_are_free(self, _caller: Principal) -> Sequence[Finding]:
        """Nobody listens where we want to."""
        findings, free = [], []
        for setting in ("api_port", "gateway_port", "demo_port"):
            port = getattr(self.settings, setting)
            try:
                preflight.check_ports({setting: port})
            except PortTaken as fault:
                findings.append(Finding("ports", Health.FAIL, fault.message, fault.hint))
            else:
                free.append(f"{PREFIX}{setting.upper()}={port}")
        return findings or [Finding("ports", Health.OK, f"free: {', '.join(free)}")]

    async def openclaw_is_there(self, _caller: Principal) -> Sequence[Finding]:
        """The runtime need not be downloaded any more."""
        name = folder_name()
        if (self.settings.home / "runtimes" / name).is_dir():
            return [Finding("openclaw", Health.OK, f"{name} is installed")]
        hint = "Nothing to do: the first bot of OpenClaw downloads it (700 MB)."
        return [Finding("openclaw", Health.WARN, f"{name} is not installed yet", hint)]

    async def last_words(self, _caller: Principal) -> Sequence[Finding]:
        """What a part that ended by itself said at last."""
        findings = [self._last_words(role) for role in ROLES]
        fine = Finding("log", Health.OK, "no part ended with a fault")
        return [finding for finding in findings if finding] or [fine]

    def _last_words(self, role: str) -> Finding | None:
        log = self.settings.home / "logs" / f"{role}.log"
        lines = last_run(log)
        if not lines:
            return None
        fault = reported(lines[-1])
        if fault is not None:
            hint = fault.hint or f"Its log says more: {log}"
            return Finding(f"log {role}", Health.FAIL, f"it ended with: {fault.message}", hint)
        if not any(line.startswith("Traceback (most recent call last)") for line in lines):
            return None
        said = "\n  ".join(lines[-_TAIL_LINES:])
        hint = f"The whole of it: {log}"
        return Finding(f"log {role}", Health.FAIL, f"it broke:\n  {said}", hint)
