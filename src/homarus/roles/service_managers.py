"""The service managers of a user: systemd on Linux, launchd on macOS."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from homarus.errors import Setup
from homarus.roles.service_unit import LABEL, Service, launchd_agent, systemd_unit

WRITE_ONLY = "`homarus service install --write-only` writes it for later."
_WITHIN_S = 150
"""Longer than a stop may take (`homarus.roles.service_unit.STOP_WITHIN_S`)."""


@dataclass(frozen=True, slots=True)
class State:
    """What the manager says of the service."""

    enabled: bool
    """It starts with the user's session."""
    active: bool


class Manager(Protocol):
    """One of the two; every call but `text` and `path` asks the manager's own command."""

    name: str

    @property
    def path(self) -> Path:
        """Where the manager looks for the service's file."""
        ...

    def text(self, service: Service) -> str:
        """The file for ``service``."""
        ...

    def reach(self) -> None:
        """Return if the manager answers for this user.

        Raises:
            Setup: it does not, as in a container; nothing was changed.
        """
        ...

    def start(self, *, again: bool) -> None:
        """Take the file as it is now, start the service with the session and right now.

        With ``again`` one that runs is started anew; else it is left alone.

        Raises:
            Setup: the manager refused; call `forget` and put the file as it was.
        """
        ...

    def stop(self) -> None:
        """End the service and start it no more. One that is unknown or ended is fine."""
        ...

    def forget(self) -> None:
        """Take notice that the file is gone, or is as it was."""
        ...

    def state(self) -> State:
        """What is so now; a manager that does not answer runs nothing."""
        ...


class Systemd:
    """``systemctl --user``."""

    name = "systemd"
    _unit = f"{LABEL}.service"

    def __init__(self, environment: Mapping[str, str]) -> None:
        config = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self.path = Path(config) / "systemd" / "user" / self._unit

    def text(self, service: Service) -> str:
        return systemd_unit(service)

    def reach(self) -> None:
        ran = self._ask("daemon-reload")
        if ran.returncode != 0:
            raise Setup(
                f"There is no systemd of this user here: {_words(ran)}",
                hint="In a container run `homarus up --detach` as its command. On a machine log "
                f"in as this user (not by su or sudo). {WRITE_ONLY}",
            )

    def start(self, *, again: bool) -> None:
        active = again and self.state().active
        self._do("daemon-reload")
        self._do("enable", "--now", self._unit)
        if active:
            self._do("restart", self._unit)

    def stop(self) -> None:
        self._ask("disable", "--now", self._unit)

    def forget(self) -> None:
        self._ask("daemon-reload")
        self._ask("reset-failed", self._unit)

    def state(self) -> State:
        enabled = self._ask("is-enabled", "--quiet", self._unit).returncode == 0
        return State(enabled, self._ask("is-active", "--quiet", self._unit).returncode == 0)

    def _ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run("systemctl", "--user", *arguments)

    def _do(self, *arguments: str) -> None:
        _expect(self._ask(*arguments), "journalctl --user -u homarus says more.")


class Launchd:
    """``launchctl`` in the user's own domain."""

    name = "launchd"

    def __init__(self) -> None:
        self._domain = f"gui/{os.getuid()}"
        self.path = Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    def text(self, service: Service) -> str:
        return launchd_agent(service)

    def reach(self) -> None:
        ran = _run("launchctl", "print", self._domain)
        if ran.returncode != 0:
            raise Setup(
                f"launchd does not answer for this user: {_words(ran)}",
                hint=f"Log in at the screen of this machine. {WRITE_ONLY}",
            )

    def start(self, *, again: bool) -> None:
        if self.state().active:
            if not again:
                return
            self.stop()
        ran = _run("launchctl", "bootstrap", self._domain, str(self.path))
        _expect(ran, "logs/service.log in the home folder says more.")

    def stop(self) -> None:
        _run("launchctl", "bootout", f"{self._domain}/{LABEL}")

    def forget(self) -> None:
        self.stop()

    def state(self) -> State:
        loaded = _run("launchctl", "print", f"{self._domain}/{LABEL}").returncode == 0
        return State(enabled=loaded, active=loaded)


def manager_of(platform: str, environment: Mapping[str, str]) -> Manager:
    """Return the service manager of ``platform`` (as `sys.platform`).

    Raises:
        Setup: there is none that we know.
    """
    if platform.startswith("linux"):
        return Systemd(environment)
    if platform == "darwin":
        return Launchd()
    raise Setup(
        f"No service manager is known for {platform}.", hint="Run `homarus up --detach` instead."
    )


def _run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(command)
    if program is None:
        words = f"{command} is not installed"
        return subprocess.CompletedProcess([command, *arguments], 127, "", words)
    # In English: its words are shown beside ours.
    env = {**os.environ, "LC_ALL": "C"}
    called = [program, *arguments]
    try:
        return subprocess.run(
            called,
            capture_output=True,
            text=True,
            env=env,
            stdin=subprocess.DEVNULL,
            timeout=_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(called, 124, "", f"{command} did not answer in time")


def _expect(ran: subprocess.CompletedProcess[str], hint: str) -> None:
    if ran.returncode != 0:
        raise Setup(f"The service could not be started: {_words(ran)}", hint=hint)


def _words(ran: subprocess.CompletedProcess[str]) -> str:
    lines = (ran.stderr.strip() or ran.stdout.strip()).splitlines()
    return lines[-1].rstrip(".") + "." if lines else f"exit code {ran.returncode}."
