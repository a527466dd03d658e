"""A machine that is not ready: a clear message, the documented exit code, nothing half made."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homarus.testing.installed import Homarus, make


@pytest.fixture
def ours(folder: Path) -> Homarus:
    return make(folder)


def refused(homarus: Homarus, code: int, **environment: str) -> str:
    """Run ``homarus up --once`` to its refusal; return what it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "homarus", "up", "--once", "--no-bot"],
        env={**homarus.environment, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == code, f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    assert "error:" in ran.stderr
    assert "hint:" in ran.stderr or "Did you mean" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert homarus.supervisors() == []
    return ran.stderr


def started_once(homarus: Homarus) -> None:
    homarus.up()
    assert homarus.down() == 0


def test_a_port_is_taken(ours: Homarus) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ours.ports[1]))
        taken.listen()
        said = refused(ours, 21)
    assert str(ours.ports[1]) in said
    assert "HOMARUS_GATEWAY_PORT=" in said
    assert not (ours.home / "homarus.sqlite").exists()


def test_it_runs_already(homarus: Homarus) -> None:
    homarus.up()
    assert "running already" in refused(homarus, 29)


def test_the_home_cannot_be_made(ours: Homarus) -> None:
    assert "HOMARUS_HOME" in refused(ours, 23, HOMARUS_HOME="/proc/nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
class TestSmallDisk:
    @pytest.fixture
    def small(self, folder: Path) -> Iterator[Homarus]:
        home = folder / "small"
        home.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(home)], check=True)
        yield Homarus(home, make(folder).ports)
        subprocess.run(["umount", str(home)], check=True)

    def test_the_disk_is_full(self, small: Homarus) -> None:
        said = refused(small, 22)
        assert "MB free" in said
        assert not (small.home / "homarus.sqlite").exists()


def test_the_master_key_is_missing(ours: Homarus) -> None:
    started_once(ours)
    (ours.home / "master.key").unlink()
    assert "master.key is missing" in refused(ours, 24)
    assert not (ours.home / "master.key").exists()


def test_the_master_key_is_another_one(ours: Homarus) -> None:
    started_once(ours)
    other = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
    said = refused(ours, 24, HOMARUS_MASTER_KEY=other)
    assert "not the one that sealed" in said
    assert other not in said


def test_the_database_is_from_a_newer_version(ours: Homarus) -> None:
    started_once(ours)
    with sqlite3.connect(ours.home / "homarus.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer" in refused(ours, 25)


def test_a_setting_is_misspelt(ours: Homarus) -> None:
    (ours.home / "config.toml").write_text("api_prot = 9000\n")
    said = refused(ours, 3)
    assert "api_prot" in said
    assert "api_port" in said


def test_bubblewrap_is_missing(ours: Homarus, folder: Path) -> None:
    """A PATH without bwrap and without apt-get: nothing can be installed by itself."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in ("sh", "env"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    said = refused(ours, 28, PATH=str(tools))
    assert "apt-get install bubblewrap" in said
    assert "--isolation plain" in said


def test_openclaw_cannot_be_downloaded(ours: Homarus) -> None:
    """npm is sent to a port where nobody listens; the store of runtimes is empty."""
    (ours.home / "runtimes").unlink()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        ours.more = {"npm_config_registry": gone, "npm_config_fetch_retries": "0"}
        ran = subprocess.run(
            [sys.executable, "-m", "homarus", "up", "--once"],
            env=ours.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert ran.returncode == 26, f"{ran.stdout}\n{ran.stderr}"
    assert "the npm registry does not answer" in ran.stderr
    assert ours.supervisors() == []
    assert not list((ours.home / "runtimes").glob("openclaw-*"))


def test_an_unknown_key_changes_nothing(homarus: Homarus, folder: Path) -> None:
    homarus.up()
    manifest = folder / "fleet.yaml"
    manifest.write_text("kind: bot\nname: good\n---\nkind: bot\nname: bad\ntools: {exce: deny}\n")
    said = homarus.cli("apply", "-f", str(manifest), code=3)
    assert "manifests[1].tools.exce: unknown key" in said
    assert "Did you mean exec?" in said
    assert homarus.json("bot", "list") == []


def test_a_wrong_value_says_what_is_allowed(homarus: Homarus, folder: Path) -> None:
    homarus.up()
    manifest = folder / "fleet.yaml"
    manifest.write_text("kind: bot\nname: bad\nmodel: dmeo\nruntime: {name: echo}\n")
    said = homarus.cli("apply", "-f", str(manifest), code=3)
    assert "'dmeo' is not known here; there is: demo" in said
    assert "Did you mean demo?" in said
    assert homarus.json("bot", "list") == []


def test_more_memory_than_there_is(homarus: Homarus) -> None:
    homarus.up()
    arguments = ["--runtime", "echo", "--set", "resources.memory_mb=262144"]
    said = homarus.cli("bot", "create", "huge", *arguments, code=27)
    assert "262144 MB" in said
    assert homarus.json("bot", "list") == []
