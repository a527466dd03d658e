"""What the service managers are told, to the letter; golden files hold the letters."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from homarus.roles.service_unit import Service, is_for, launchd_agent, systemd_unit

GOLDEN = Path(__file__).parent / "golden"
UP = ("up", "--detach", "--no-bot")
PLAIN = Service(
    program=Path("/opt/homarus/bin/homarus"),
    arguments=UP,
    environment={"HOMARUS_HOME": "/srv/homarus", "HOMARUS_API_PORT": "9700"},
    home=Path("/srv/homarus"),
)
ODD_HOME = Path('/srv/100% "mine" $HOME\\')
ODD = Service(
    program=Path("/opt/my apps/homarus"),
    arguments=(*UP, "--isolation", "$plain"),
    environment={"HOMARUS_HOME": str(ODD_HOME)},
    home=ODD_HOME,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.service", systemd_unit(PLAIN)),
        ("odd.service", systemd_unit(ODD)),
        ("plain.plist", launchd_agent(PLAIN)),
        ("odd.plist", launchd_agent(ODD)),
    ],
)
def test_the_text_is_the_golden_one(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text()


@pytest.mark.parametrize("write", [systemd_unit, launchd_agent])
def test_a_file_says_which_home_it_is_for(write: object) -> None:
    assert callable(write)
    for mine, other in ((PLAIN, ODD), (ODD, PLAIN)):
        assert is_for(write(mine), mine.home)
        assert not is_for(write(mine), other.home)
    assert not is_for(write(PLAIN), Path("/srv/homa"))
    assert not is_for(write(PLAIN), Path("/srv/homarus2"))


def test_launchd_reads_back_what_was_meant() -> None:
    read = plistlib.loads(launchd_agent(ODD).encode())
    assert read["ProgramArguments"] == [str(ODD.program), *ODD.arguments]
    assert read["EnvironmentVariables"] == ODD.environment


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path) -> None:
    """A misspelt or misplaced key is only warned of, so silence is what counts."""
    home = tmp_path / ODD_HOME.name
    here = Service(Path(sys.executable), ODD.arguments, {"HOMARUS_HOME": str(home)}, home)
    unit = tmp_path / "homarus.service"
    unit.write_text(systemd_unit(here))
    analyze = shutil.which("systemd-analyze")
    assert analyze is not None
    judged = subprocess.run(
        [analyze, "--user", "--man=no", "verify", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")
