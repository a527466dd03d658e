"""kill -9 of every process of a real installation: what was wished comes back, once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from homarus.cli.bot_talk import say_to
from homarus.errors import Conflict
from homarus.roles import faults
from homarus.testing.installed import Homarus, all_pids, environment_of, until


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def answers(homarus: Homarus, bot: str) -> bool:
    """Say hello once; False: a part that is just coming back made the turn fail, and said so."""
    with homarus.api() as api, suppress(Conflict):
        return bool(say_to(api, bot, "hello", 60, quiet=True)["answer"])
    return False


def serves(homarus: Homarus) -> bool:
    """The AI gateway takes calls."""
    with suppress(OSError), urlopen(f"http://127.0.0.1:{homarus.ports[1]}/readyz") as answer:
        return bool(answer.status == 200)
    return False


def skills(homarus: Homarus, bot: str) -> list[str]:
    """Names of the skills that the bot is shown with."""
    report = homarus.json("bot", "get", bot)["placement"]["report"]
    return [skill["name"] for skill in (report["inventory"] or {"skills": []})["skills"]]


def test_the_api_dies_and_the_bot_does_not_notice(homarus: Homarus) -> None:
    homarus.up()
    has = {"channels": [{"name": "telegram"}], "skills": [{"name": "greet"}]}
    homarus.echo("one", settings={"inventory": has})
    until(lambda: skills(homarus, "one") == ["greet"], within=30)
    assert "telegram running" in homarus.cli("bot", "get", "one")
    supervisors, runtimes = homarus.supervisors(), homarus.runtimes()
    killed = homarus.child("api")
    kill(killed)
    until(lambda: homarus.child("api") not in (0, killed), within=30)
    homarus.wait("one", "running")
    until(lambda: answers(homarus, "one"), within=60)
    assert homarus.supervisors() == supervisors
    assert homarus.runtimes() == runtimes
    assert skills(homarus, "one") == ["greet"]


def test_the_gateway_dies_and_calls_go_on(homarus: Homarus) -> None:
    homarus.up()
    homarus.echo("one")
    until(lambda: answers(homarus, "one"), within=60)
    killed = homarus.child("gateway")
    kill(killed)
    until(lambda: homarus.child("gateway") not in (0, killed), within=60, why=homarus.output)
    until(lambda: serves(homarus), within=60)  # until then a turn may fail, and says so
    until(lambda: answers(homarus, "one"), within=60)
    until(lambda: len(homarus.json("calls")) >= 2, within=20)
    assert {call["state"] for call in homarus.json("calls")} == {"done"}


def test_the_launcher_dies_and_the_next_one_finds_its_bots(homarus: Homarus) -> None:
    homarus.up()
    homarus.echo("one")
    supervisors = homarus.supervisors()
    assert homarus.process is not None
    children = [homarus.child(role) for role in ("api", "gateway", "demo")]
    kill(homarus.process.pid)
    homarus.process.wait()
    until(lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in children), within=10)
    assert homarus.supervisors() == supervisors
    homarus.up()
    homarus.wait("one", "running")
    assert homarus.supervisors() == supervisors
    until(lambda: answers(homarus, "one"), within=60)


def test_the_supervisor_dies_and_one_successor_comes(homarus: Homarus) -> None:
    homarus.up()
    homarus.echo("one")
    (killed,) = homarus.supervisors()
    before = homarus.runtimes()
    kill(killed)
    until(lambda: homarus.supervisors() not in ([], [killed]), within=60)
    homarus.wait("one", "running")
    assert len(homarus.supervisors()) == 1
    assert not set(before) & set(homarus.runtimes())
    assert homarus.json("bot", "get", "one")["placement"]["generation"] == 2
    until(lambda: answers(homarus, "one"), within=60)


def test_ctrl_c_stops_the_bots_and_the_next_start_brings_them_back(homarus: Homarus) -> None:
    homarus.up()
    homarus.echo("one")
    assert homarus.down() == 0
    assert homarus.supervisors() == []
    assert homarus.runtimes() == []
    homarus.up()
    homarus.wait("one", "running")
    until(lambda: answers(homarus, "one"), within=60)


def test_detached_bots_outlive_a_clean_end(homarus: Homarus) -> None:
    homarus.up("--no-bot", "--detach")
    homarus.echo("one")
    supervisors = homarus.supervisors()
    assert homarus.down() == 0
    assert homarus.supervisors() == supervisors
    homarus.up()
    homarus.wait("one", "running")
    assert homarus.supervisors() == supervisors


def test_the_master_key_from_the_environment_reaches_the_api_alone(homarus: Homarus) -> None:
    key = "cGxhbnRlZC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzISE="
    homarus.more = {"HOMARUS_MASTER_KEY": key}
    homarus.up()
    homarus.echo("one")
    holders = {pid for pid in all_pids() if key.encode() in environment_of(pid)}
    assert homarus.process is not None
    assert holders == {homarus.process.pid, homarus.child("api")}


class TestFaultPoints:
    """Death between every two steps of the control plane and of the launcher."""

    def test_every_step_of_the_control_plane(self, homarus: Homarus, folder: Path) -> None:
        armed = folder / "armed"
        homarus.more = {faults.VARIABLE: str(armed)}
        homarus.up()
        homarus.echo("one")
        for point in faults.API_POINTS:
            self.strike(homarus, armed, point)
        until(lambda: answers(homarus, "one"), within=60)

    def strike(self, homarus: Homarus, armed: Path, point: str) -> None:
        """Let the api die at ``point`` of a redeployment; the bot is back, once, all the same."""
        killed = homarus.child("api")
        with homarus.api() as api:
            before = api.get("/v1/bots/one/placement")["generation"]
        armed.write_text(point)
        homarus.cli("bot", "redeploy", "one", "--no-wait")
        until(lambda: not armed.exists(), within=30, why=lambda: f"{point} is never reached")
        until(lambda: homarus.child("api") not in (0, killed), within=30, why=homarus.output)
        until(lambda: self.is_back(homarus, before), within=120, why=lambda: point)
        assert len(homarus.supervisors()) == 1, point

    def is_back(self, homarus: Homarus, before: int) -> bool:
        with homarus.api() as api:
            bot = api.get("/v1/bots/one")
            newer = api.get("/v1/bots/one/placement")["generation"] > before
        return bool(bot["state"] == "running" and not bot["reason"] and newer)

    def test_every_step_of_the_launcher(self, homarus: Homarus, folder: Path) -> None:
        armed = folder / "armed"
        homarus.more = {faults.VARIABLE: str(armed)}
        for point in faults.LAUNCHER_POINTS:
            armed.write_text(point)
            homarus.up_until_it_dies()
            assert not armed.exists(), point
        homarus.up()
        homarus.echo("one")
        until(lambda: answers(homarus, "one"), within=60)
        with homarus.api() as api:
            assert [p["name"] for p in api.pages("/v1/providers")] == ["demo"]
            assert len(list(api.pages("/v1/users"))) == 1
