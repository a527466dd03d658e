"""``homarus doctor``: what is not well, also when Homarus itself does not run."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from urllib.parse import urlsplit

from homarus.cli.connect import connect
from homarus.cli.doctor import examine, show
from homarus.cli.output import AsJson
from homarus.client.api import Document
from homarus.client.credential import known_url
from homarus.errors import Unauthenticated, Unavailable
from homarus.monitor.doctor import Doctor, Finding, Health
from homarus.roles.logs import log_to_stderr
from homarus.roles.machine_checks import MachineChecks
from homarus.roles.preflight import runs_already
from homarus.roles.start_checks import StartChecks
from homarus.settings import Settings, load_settings
from homarus.web.principal import Principal

_HERE = ("127.0.0.1", "localhost", "::1")


def doctor(as_json: AsJson = False) -> None:
    """Check machine, store, gateway, providers and bots; exit code 20 if something is broken.

    Where Homarus does not run, this machine alone is checked, and why it may not start.
    """
    settings = load_settings()
    try:
        with connect() as api:
            examined = examine(api)
    except (Unavailable, Unauthenticated) as fault:
        if not _is_about_here(fault, settings):
            raise
        examined = examine_machine(settings, away=fault.message)
    show(examined, as_json=as_json)


def examine_machine(settings: Settings, *, away: str) -> Document:
    """Return what the API would, of this machine alone; ``away`` is why the API was not asked."""
    log_to_stderr()
    hint = "Start it: homarus up. In the background: homarus service install."
    words = "it is not running"
    if runs_already(settings):
        words, hint = f"it runs and does not answer. {away}", "End that `homarus up`; start another"
    checks = [*StartChecks(settings).all(), *MachineChecks(settings.home).all()]
    # They look at the machine alone and ask for nobody's rights.
    nobody = Principal.system("", "doctor")
    found = asyncio.run(Doctor(checks).examine(nobody))
    findings = [Finding("homarus", Health.FAIL, words, hint), *found]
    return {"well": False, "findings": [asdict(finding) for finding in findings]}


def _is_about_here(fault: Unavailable | Unauthenticated, settings: Settings) -> bool:
    """Whether what cannot be asked would run on this machine, from this home folder."""
    if urlsplit(known_url(os.environ)).hostname not in _HERE:
        return False
    never_started = not (settings.home / "cli.json").exists()
    return isinstance(fault, Unavailable) or (
        never_started and "HOMARUS_TOKEN" not in os.environ and not runs_already(settings)
    )
