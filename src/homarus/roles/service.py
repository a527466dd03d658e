"""``homarus service``: Homarus as a service of this user, which starts with the machine."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr

from homarus.cli.output import AsJson, say, show_one
from homarus.errors import AlreadyRunning, Conflict, HomarusError, NotFound, Setup, Unavailable
from homarus.kit.files import write_atomic
from homarus.roles import preflight
from homarus.roles.service_managers import Manager, manager_of
from homarus.roles.service_unit import Service, is_for
from homarus.settings import OWNER, PREFIX, Settings, load_settings

app = typer.Typer(help="Homarus as a service of this user.", no_args_is_help=True)

_AFTER = {
    "systemd": "It starts when you log in; to have it from the machine's start on, once: "
    "loginctl enable-linger",
    "launchd": "It starts when you log in.",
}


@app.command("install")
def install_service(
    write_only: Annotated[
        bool, typer.Option("--write-only", help="Write its file; enable and start nothing.")
    ] = False,
    isolation: Annotated[
        str, typer.Option(help="As of `homarus up`: sandbox, or plain.")
    ] = "sandbox",
    as_json: AsJson = False,
) -> None:
    """Run Homarus in the background, now and whenever you log in.

    The settings in force (home folder, ports) are written into the service. Repeating it
    changes nothing; with other settings the service is started anew, and bots run on.
    """
    settings = load_settings()
    manager = manager_of(sys.platform, os.environ)
    service = Service(
        program=installed_program(),
        arguments=_arguments(isolation),
        environment=carried(settings, os.environ),
        home=settings.home,
    )
    done = install(manager, service, settings, write_only=write_only)
    document = {"manager": manager.name, "path": str(manager.path), "outcome": done}
    say(f"{manager.path}: {done}", as_json=as_json, document=document)
    if not as_json and not write_only:
        say(f"Console: {settings.console_url}")
        say(f"To log in there: homarus user link {OWNER}")
        say(_AFTER[manager.name])


@app.command("remove")
def remove_service(as_json: AsJson = False) -> None:
    """End the service and take its file away. Bots run on, for the next `homarus up`."""
    manager = manager_of(sys.platform, os.environ)
    was = manager.path.exists()
    if was:
        manager.stop()
        manager.path.unlink(missing_ok=True)
        manager.forget()
    words = "removed; bots that run go on" if was else "there is no service"
    document = {"manager": manager.name, "path": str(manager.path), "removed": was}
    say(f"{manager.path}: {words}", as_json=as_json, document=document)


@app.command("status")
def service_status(as_json: AsJson = False) -> None:
    """Show the service; exit code 4 if it is not installed, 9 if it does not run."""
    manager = manager_of(sys.platform, os.environ)
    installed, state = manager.path.exists(), manager.state()
    shown = {
        "manager": manager.name,
        "path": str(manager.path),
        "installed": installed,
        "enabled": installed and state.enabled,
        "active": installed and state.active,
    }
    show_one(shown, as_json=as_json)
    if not installed:
        raise NotFound("The service is not installed.", hint="homarus service install")
    if not state.active:
        raise Unavailable("The service does not run.", hint="homarus service install starts it.")


def install(manager: Manager, service: Service, settings: Settings, *, write_only: bool) -> str:
    """Make the service be as described, and return what that did.

    Raises:
        Conflict: there is one for another home folder.
        AlreadyRunning: Homarus runs already, and not as the service.
        Setup: the service manager is away or refuses. The file is as it was.
    """
    path, text = manager.path, manager.text(service)
    before = path.read_text() if path.exists() else None
    if before is not None and not is_for(before, service.home):
        raise Conflict(
            f"{path} is a service for another home folder.",
            hint="Take it away first: homarus service remove",
        )
    if not write_only:
        manager.reach()
        _expect_alone(manager, settings)
    preflight.check_home(service.home)
    (service.home / "logs").mkdir(exist_ok=True, mode=0o700)
    if before != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode(), mode=0o644)
    if not write_only:
        try:
            manager.start(again=before != text)
        except HomarusError:
            _put_back(manager, before)
            raise
    return "unchanged" if before == text else "written" if before is None else "changed"


def carried(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that a service must be told: the home, and what is not in its file.

    Raises:
        Setup: one of them is a secret, and a service's file is no place for it.
    """
    found = {f"{PREFIX}HOME": str(settings.home)}
    for field in Settings.model_fields:
        name = f"{PREFIX}{field.upper()}"
        if name not in environment or field == "home":
            continue
        if isinstance(getattr(settings, field), SecretStr) or urlsplit(environment[name]).password:
            raise Setup(
                f"{name} holds a secret, which is not written into a service.",
                hint=f"Put {field} into {settings.home / 'config.toml'} (chmod 600), "
                "unset the variable, and try again.",
            )
        found[name] = environment[name]
    return found


def installed_program() -> Path:
    """Return the absolute path of the command ``homarus`` of this installation.

    Raises:
        Setup: this Python has no such command.
    """
    program = Path(sysconfig.get_path("scripts")).absolute() / "homarus"
    if not program.exists():
        raise Setup(f"{program} is missing.", hint="Install Homarus as a package.")
    return program


def _arguments(isolation: str) -> tuple[str, ...]:
    chosen = () if isolation == "sandbox" else ("--isolation", isolation)
    return "up", "--detach", "--no-bot", *chosen


def _expect_alone(manager: Manager, settings: Settings) -> None:
    if preflight.runs_already(settings) and not manager.state().active:
        raise AlreadyRunning(
            "Homarus runs already, started by somebody.",
            hint="End that `homarus up` first; started with --detach it leaves the bots running.",
        )


def _put_back(manager: Manager, before: str | None) -> None:
    if before is None:
        manager.stop()
        manager.path.unlink(missing_ok=True)
    else:
        write_atomic(manager.path, before.encode(), mode=0o644)
    manager.forget()
