"""``homarus doctor`` where Homarus does not run: it says so, why, and how to go on."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from homarus.testing.installed import Homarus


def examined(homarus: Homarus) -> dict[str, Any]:
    """Every finding of ``homarus doctor --json`` by its check; something is broken."""
    ran = subprocess.run(
        [sys.executable, "-m", "homarus", "doctor", "--json"],
        env=homarus.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 20, f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    assert "Not well: homarus" in ran.stderr
    told = json.loads(ran.stdout)
    assert not told["well"]
    return {finding["check"]: finding for finding in told["findings"]}


def test_from_never_started_to_a_part_that_gave_up(homarus: Homarus) -> None:
    never = examined(homarus)
    assert never["homarus"]["message"] == "it is not running"
    assert "homarus up" in never["homarus"]["hint"]
    assert {"python", "ports", "openclaw", "log", "memory", "disk", "home"} <= set(never)

    homarus.up()
    assert homarus.down() == 0
    assert examined(homarus)["log"]["health"] == "ok"

    key = homarus.home / "master.key"
    kept = key.rename(homarus.home / "kept.key")
    (homarus.home / "cli.json").chmod(0o644)
    homarus.cli("up", "--no-bot", code=24)
    broken = examined(homarus)
    assert "master.key is missing" in broken["log api"]["message"]
    assert broken["home"]["hint"].startswith("chmod 600")

    kept.rename(key)
    homarus.up()
    assert homarus.down() == 0
    assert examined(homarus)["log"]["health"] == "ok"


def test_somebody_else_s_homarus_is_not_ours_to_examine(homarus: Homarus) -> None:
    homarus.more = {"HOMARUS_URL": "http://homarus.invalid", "HOMARUS_TOKEN": "hom_x"}
    assert "http://homarus.invalid" in homarus.cli("doctor", code=9)
    homarus.more = {"HOMARUS_TOKEN": "hom_x"}
    homarus.up()
    homarus.cli("doctor", code=6)
