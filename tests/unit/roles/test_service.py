"""``homarus service`` against a systemctl (and a launchctl) that writes down what it is asked."""

from __future__ import annotations

import fcntl
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from homarus.cli.main import execute
from homarus.errors import Setup
from homarus.roles.main import COMMANDS
from homarus.roles.service import install
from homarus.roles.service_managers import manager_of
from homarus.roles.service_unit import Service
from homarus.settings import load_settings

SYSTEMCTL = """#!/bin/sh
state="$(dirname "$0")/state"
echo "$*" >> "$state/asked"
[ "$1" = --user ] || exit 90
if [ -e "$state/away" ]; then echo "Failed to connect to bus: No medium found" >&2; exit 1; fi
if [ -e "$state/refuse-$2" ]; then echo "Job for homarus.service failed." >&2; exit 1; fi
case "$2" in
  enable) touch "$state/enabled" "$state/active" ;;
  disable) rm -f "$state/enabled" "$state/active" ;;
  is-enabled) [ -e "$state/enabled" ] ;;
  is-active) [ -e "$state/active" ] ;;
esac
"""
LAUNCHCTL = """#!/bin/sh
state="$(dirname "$0")/state"
echo "$*" >> "$state/asked"
if [ -e "$state/away" ]; then echo "Could not find domain" >&2; exit 113; fi
case "$1 $2" in
  "bootstrap "*) touch "$state/active" ;;
  "bootout "*) rm -f "$state/active" ;;
  "print "*/homarus) [ -e "$state/active" ] ;;
esac
"""


@dataclass
class Machine:
    """A user's machine whose service manager does as it is told."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def state(self) -> Path:
        return self.folder / "bin" / "state"

    @property
    def unit(self) -> Path:
        return self.folder / "config" / "systemd" / "user" / "homarus.service"

    def asked(self) -> list[str]:
        """What the manager was asked since the last time, but for questions."""
        said = self.state / "asked"
        lines = said.read_text().splitlines() if said.exists() else []
        said.unlink(missing_ok=True)
        return [line.removeprefix("--user ") for line in lines if " is-" not in line]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run ``homarus service``; what it printed."""
        self.capsys.readouterr()
        assert execute(["service", *arguments], COMMANDS) == code
        printed = self.capsys.readouterr()
        return printed.out + printed.err


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    (tmp_path / "bin" / "state").mkdir(parents=True)
    for name, script in (("systemctl", SYSTEMCTL), ("launchctl", LAUNCHCTL)):
        program = tmp_path / "bin" / name
        program.write_text(script)
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOMARUS_HOME", str(tmp_path / "home"))
    for name in ("API_PORT", "GATEWAY_PORT", "DEMO_PORT", "DATABASE_URL", "MASTER_KEY"):
        monkeypatch.delenv(f"HOMARUS_{name}", raising=False)
    return Machine(tmp_path, capsys)


@pytest.fixture
def running(machine: Machine) -> Iterator[None]:
    """Somebody's control plane has the store of this home open."""
    home = machine.folder / "home"
    home.mkdir()
    with (home / "homarus.sqlite.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_it_is_installed_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMARUS_API_PORT", "9700")
    monkeypatch.setenv("HOMARUS_TOKEN", "hom_secret-of-a-person")
    said = machine.run("install")
    assert f"{machine.unit}: written" in said
    assert "http://127.0.0.1:9700/" in said
    assert machine.asked() == ["daemon-reload", "daemon-reload", "enable --now homarus.service"]
    text = machine.unit.read_text()
    assert "Environment=HOMARUS_API_PORT=9700\n" in text
    assert f"Environment=HOMARUS_HOME={machine.folder / 'home'}\n" in text
    assert "secret-of-a-person" not in text
    (program,) = [one for one in text.splitlines() if one.startswith("ExecStart=")]
    assert Path(program.removeprefix("ExecStart=").split()[0]).is_file()
    assert stat.S_IMODE(machine.unit.stat().st_mode) == 0o644

    written = machine.unit.stat().st_mtime_ns
    assert json.loads(machine.run("install", "--json"))["outcome"] == "unchanged"
    assert machine.unit.stat().st_mtime_ns == written
    assert "restart homarus.service" not in machine.asked()


def test_other_settings_start_it_anew(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.run("install")
    machine.asked()
    monkeypatch.setenv("HOMARUS_GATEWAY_PORT", "9701")
    assert ": changed" in machine.run("install", "--isolation", "plain")
    assert machine.asked()[-2:] == ["enable --now homarus.service", "restart homarus.service"]
    assert "--isolation plain" in machine.unit.read_text()


def test_its_file_alone_is_written_where_nothing_answers(machine: Machine) -> None:
    (machine.state / "away").touch()
    assert "no systemd of this user" in machine.run("install", code=20)
    assert not machine.unit.exists()
    machine.asked()
    machine.run("install", "--write-only")
    assert machine.unit.exists()
    assert machine.asked() == []
    assert "removed" in machine.run("remove")
    assert not machine.unit.exists()


def test_without_a_systemctl_nothing_is_written(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine.folder / "config"))
    said = machine.run("install", code=20)
    assert "systemctl is not installed" in said
    assert "--write-only" in said
    assert not machine.unit.exists()


def test_what_is_refused_leaves_nothing_half_done(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.state / "refuse-enable").touch()
    assert "could not be started" in machine.run("install", code=20)
    assert not machine.unit.exists()
    assert machine.asked()[-3:] == [
        "disable --now homarus.service",
        "daemon-reload",
        "reset-failed homarus.service",
    ]

    (machine.state / "refuse-enable").unlink()
    machine.run("install")
    before = machine.unit.read_text()
    (machine.state / "refuse-restart").touch()
    monkeypatch.setenv("HOMARUS_API_PORT", "9700")
    machine.run("install", code=20)
    assert machine.unit.read_text() == before


def test_removing_it_undoes_it(machine: Machine) -> None:
    machine.run("install")
    machine.asked()
    machine.run("remove")
    assert not machine.unit.exists()
    assert machine.asked()[0] == "disable --now homarus.service"
    assert json.loads(machine.run("remove", "--json"))["removed"] is False
    assert machine.asked() == []


def test_its_status_has_exit_codes(machine: Machine) -> None:
    machine.run("status", code=4)
    machine.run("install", "--write-only")
    assert "does not run" in machine.run("status", code=9)
    machine.run("install")
    shown = json.loads(machine.run("status", "--json"))
    assert (shown["installed"], shown["enabled"], shown["active"]) == (True, True, True)


def test_one_that_runs_in_a_terminal_is_in_the_way(machine: Machine, running: None) -> None:
    assert "End that `homarus up` first" in machine.run("install", code=29)
    assert not machine.unit.exists()
    (machine.state / "active").touch()  # it is the service itself that runs
    machine.run("install")


def test_another_home_is_not_taken_over(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.run("install")
    before = machine.unit.read_text()
    monkeypatch.setenv("HOMARUS_HOME", str(machine.folder / "home2"))
    assert "another home folder" in machine.run("install", code=5)
    assert machine.unit.read_text() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOMARUS_MASTER_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="),
        ("HOMARUS_DATABASE_URL", "postgresql://me:pass-word@db/homarus"),
    ],
)
def test_a_secret_is_not_written(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    said = machine.run("install", code=20)
    assert "config.toml" in said
    assert value not in said
    assert not machine.unit.exists()


def test_macos_has_an_agent(machine: Machine) -> None:
    manager = manager_of("darwin", {})
    assert manager.path == machine.folder / "Library" / "LaunchAgents" / "homarus.plist"
    home = machine.folder / "home"
    service = Service(Path("/opt/homarus"), ("up",), {"HOMARUS_HOME": str(home)}, home)
    settings = load_settings()
    (machine.state / "away").touch()
    with pytest.raises(Setup, match="launchd does not answer"):
        install(manager, service, settings, write_only=False)
    assert not manager.path.exists()
    (machine.state / "away").unlink()
    machine.asked()

    assert install(manager, service, settings, write_only=False) == "written"
    assert machine.asked()[-1].endswith(f" {manager.path}")
    assert manager.state().active
    assert install(manager, service, settings, write_only=False) == "unchanged"
    assert not [one for one in machine.asked() if one.startswith("boot")]
    other = Service(Path("/opt/homarus"), ("up", "--detach"), service.environment, home)
    assert install(manager, other, settings, write_only=False) == "changed"
    assert [one.split()[0] for one in machine.asked()][-2:] == ["bootout", "bootstrap"]


def test_elsewhere_there_is_none() -> None:
    with pytest.raises(Setup, match="No service manager"):
        manager_of("win32", {})
