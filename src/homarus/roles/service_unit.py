"""What a service manager is told about Homarus, as text: a systemd unit, a launchd agent.

Pure, so that every letter of it is tested. A service runs ``homarus up --detach --no-bot``:
stopping or restarting it leaves the bots running, and no start of it costs a model call.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from homarus import errors
from homarus.errors import Invalid, Setup
from homarus.settings import PREFIX

LABEL = "homarus"
RESTART_AFTER_S = 10
STOP_WITHIN_S = 120
_PLAIN = re.compile(r"[A-Za-z0-9@+=:,./_-]+")


@dataclass(frozen=True, slots=True)
class Service:
    """What is to run: an absolute program, its arguments, and the settings in force."""

    program: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    home: Path


def systemd_unit(service: Service) -> str:
    """Return a user unit of systemd; the same service gives the same text."""
    environment = "".join(
        f"Environment={_word(f'{name}={value}')}\n"
        for name, value in sorted(service.environment.items())
    )
    # In arguments systemd replaces $NAME, in the program's own path it does not.
    arguments = [_word(argument).replace("$", "$$") for argument in service.arguments]
    return f"""\
# Written by `homarus service install`; `homarus service remove` takes it away.
[Unit]
Description=Homarus, one control plane for fleets of autonomous agents

[Service]
Type=exec
{environment}ExecStart={" ".join([_word(str(service.program)), *arguments])}
# What `up` shows a person can hold a login link. Errors go to the journal all the same.
StandardOutput=null
Restart=on-failure
RestartSec={RESTART_AFTER_S}
# With these a person must act first (docs/reference/errors.md).
RestartPreventExitStatus={" ".join(map(str, sorted(_final_codes())))}
# Bots live in this control group and outlive the service: end the launcher, which ends its
# own parts. A bot that runs out of memory ends alone, too.
KillMode=process
OOMPolicy=continue
TimeoutStopSec={STOP_WITHIN_S}

[Install]
WantedBy=default.target
"""


def launchd_agent(service: Service) -> str:
    """Return a launchd agent as a property list; the same service gives the same text."""
    agent = {
        "Label": LABEL,
        "ProgramArguments": [str(service.program), *service.arguments],
        "EnvironmentVariables": dict(service.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_AFTER_S,
        "ExitTimeOut": STOP_WITHIN_S,
        # As KillMode=process of the systemd unit: bots outlive the service.
        "AbandonProcessGroup": True,
        # Standard output goes nowhere: what `up` shows a person can hold a login link.
        "StandardErrorPath": str(service.home / "logs" / "service.log"),
    }
    return plistlib.dumps(agent).decode()


def is_for(text: str, home: Path) -> bool:
    """Say whether the file ``text``, of either manager, runs the installation in ``home``."""
    unit = f"Environment={_word(f'{PREFIX}HOME={home}')}\n"
    return unit in text or f"<string>{escape(str(home))}</string>" in text


def _word(text: str) -> str:
    """Quote for a unit file: nothing in ``text`` is a separator, a specifier or an escape."""
    if _PLAIN.fullmatch(text):
        return text
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside.replace("%", "%%")}"'


def _final_codes() -> Iterator[int]:
    """Exit codes after which another start would end in the same way."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and (issubclass(kind, Setup) or kind is Invalid):
            yield kind.exit_code
