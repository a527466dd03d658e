"""What the doctor finds on a machine where Homarus does not run."""

from __future__ import annotations

import json
import socket
from importlib import metadata
from pathlib import Path

import pytest

from homarus.monitor.doctor import Finding, Health
from homarus.roles.log_file import STARTED
from homarus.roles.machine_checks import MachineChecks
from homarus.roles.start_checks import StartChecks
from homarus.settings import Settings
from homarus.web.principal import Principal

CALLER = Principal.system("", "test")
BROKEN = ["Traceback (most recent call last):", '  File "x.py", line 1', "KeyError: 'lobster'"]
REFUSED = json.dumps({"error": "DiskFull", "message": "No space left.", "hint": "Free some."})


@pytest.fixture
def checks(tmp_path: Path) -> StartChecks:
    (tmp_path / "logs").mkdir()
    return StartChecks(Settings(home=tmp_path))


async def found(checks: StartChecks, name: str) -> list[Finding]:
    return list(await dict(checks.all())[name](CALLER))


def write(checks: StartChecks, role: str, *lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    (checks.settings.home / "logs" / f"{role}.log").write_text(text)


class TestLog:
    async def test_the_last_words_of_a_part_that_gave_up(self, checks: StartChecks) -> None:
        write(checks, "api", f"{{{STARTED}}}", '{"event": "x"}', REFUSED)
        (one,) = await found(checks, "log")
        assert (one.check, one.health, one.hint) == ("log api", Health.FAIL, "Free some.")
        assert one.message == "it ended with: No space left."

    async def test_the_end_of_a_crash(self, checks: StartChecks) -> None:
        write(checks, "gateway", f"{{{STARTED}}}", *BROKEN)
        (one,) = await found(checks, "log")
        assert one.check == "log gateway"
        assert one.message.endswith("KeyError: 'lobster'")
        assert one.hint.endswith("gateway.log")

    @pytest.mark.parametrize("old", [[REFUSED], BROKEN])
    async def test_a_fault_of_an_earlier_start_is_over(
        self, checks: StartChecks, old: list[str]
    ) -> None:
        write(checks, "api", f"{{{STARTED}}}", *old, f"{{{STARTED}}}")
        write(checks, "demo", "")
        (one,) = await found(checks, "log")
        assert one.health is Health.OK


async def test_every_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        ports = []
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            ports.append(taken.getsockname()[1])
        settings = Settings(home=tmp_path, api_port=ports[0], demo_port=ports[1])
        findings = await found(StartChecks(settings), "ports")
    assert [f.health for f in findings] == [Health.FAIL] * 2
    assert all(str(port) in f.message for port, f in zip(ports, findings, strict=True))
    assert "HOMARUS_DEMO_PORT=" in findings[1].hint


async def test_a_missing_package_is_named(
    checks: StartChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = await found(checks, "python")
    assert whole.health is Health.OK
    wanted = ["pydantic>=2", "no-such-lobster[big]>=1", 'never-asked>=1 ; extra == "cloud"']
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    (broken,) = await found(checks, "python")
    assert broken.health is Health.FAIL
    assert broken.message.endswith(" without no-such-lobster")


async def test_a_home_that_others_can_enter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    checks = dict(MachineChecks(home).all())
    (absent,) = await checks["home"](CALLER)
    assert absent.health is Health.WARN
    assert (await checks["disk"](CALLER))[0].check == "disk"
    assert not home.exists()
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    (open_to_all,) = await checks["home"](CALLER)
    assert (open_to_all.health, open_to_all.hint) == (Health.FAIL, f"chmod 700 {home}")
