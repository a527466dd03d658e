"""What must be true of a machine, and what is said where it is not."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from homarus.errors import DiskFull, HomeNotWritable, NotEnoughMemory, PortTaken, SandboxMissing
from homarus.monitor.doctor import Health
from homarus.roles import preflight
from homarus.roles.machine_checks import MachineChecks
from homarus.web.principal import Principal

CALLER = Principal.system("ws_1", "test")


def test_the_home_folder_is_made_private(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    preflight.check_home(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert list(home.iterdir()) == []


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(HomeNotWritable, match="cannot be used as the home folder") as refused:
        preflight.check_home(tmp_path / "home")
    assert "HOMARUS_HOME" in refused.value.hint


def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = preflight.WORK_SPACE_MB * preflight.MIB
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("U", (), {"free": free})())
    preflight.check_disk(tmp_path, installed=True)
    with pytest.raises(DiskFull, match="150 MB free; 2200 MB are needed"):
        preflight.check_disk(tmp_path, installed=False)


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ("MemTotal: 9 kB\nMemAvailable: 1228800 kB\n", True),
        ("MemAvailable: 1228799 kB\n", False),
        ("MemTotal: 9 kB\n", True),
        (None, True),
    ],
)
def test_memory(tmp_path: Path, told: str | None, fits: bool) -> None:
    meminfo = tmp_path / "meminfo"
    if told is not None:
        meminfo.write_text(told)
    if fits:
        preflight.check_memory(1200, meminfo=meminfo)
        return
    with pytest.raises(NotEnoughMemory, match="1199 MB are available"):
        preflight.check_memory(1200, meminfo=meminfo)


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is taken") as refused:
            preflight.check_ports({"gateway_port": port})
        assert "HOMARUS_GATEWAY_PORT=" in refused.value.hint
    preflight.check_ports({"gateway_port": port})


class TestSandbox:
    def test_one_that_does_not_work_is_said_with_the_way_without(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(preflight, "_sandbox_trouble", lambda: "no user namespaces")
        with pytest.raises(SandboxMissing, match="no user namespaces") as refused:
            preflight.ensure_sandbox(install=False)
        assert "--isolation plain" in refused.value.hint

    def test_what_is_missing_is_installed_where_it_may_be(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        monkeypatch.setattr(preflight, "_sandbox_trouble", lambda: "" if asked else "missing")
        monkeypatch.setattr(preflight, "_may_install", lambda: True)
        monkeypatch.setattr(preflight, "_apt", lambda *a: asked.append(a[0]))
        monkeypatch.setattr("shutil.which", lambda _: None)
        said: list[str] = []
        preflight.ensure_sandbox(said.append)
        assert asked == ["update", "install"]
        assert "bubblewrap" in said[0]

    @pytest.mark.parametrize(("may", "present"), [(False, False), (True, True)])
    def test_nothing_is_installed_otherwise(
        self, monkeypatch: pytest.MonkeyPatch, may: bool, present: bool
    ) -> None:
        asked: list[str] = []
        monkeypatch.setattr(preflight, "_sandbox_trouble", lambda: "missing")
        monkeypatch.setattr(preflight, "_may_install", lambda: may)
        monkeypatch.setattr(preflight, "_apt", lambda *a: asked.append(a[0]))
        monkeypatch.setattr("shutil.which", lambda _: "/bin/bwrap" if present else None)
        with pytest.raises(SandboxMissing):
            preflight.ensure_sandbox(asked.append)
        assert asked == []


async def test_the_doctor_s_checks_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "master.key").touch(mode=0o600)
    (tmp_path / "homarus.sqlite").touch()
    (tmp_path / "homarus.sqlite").chmod(0o644)
    monkeypatch.setattr(preflight, "_sandbox_trouble", lambda: "broken")
    checks = dict(MachineChecks(tmp_path).all())
    (home,) = await checks["home"](CALLER)
    assert home.health is Health.FAIL
    assert home.hint == f"chmod 600 {tmp_path / 'homarus.sqlite'}"
    (tmp_path / "homarus.sqlite").chmod(0o600)
    (home,) = await checks["home"](CALLER)
    assert home.health is Health.OK
    (sandbox,) = await checks["sandbox"](CALLER)
    assert (sandbox.health, "broken" in sandbox.message) == (Health.WARN, True)
    (node,) = await checks["node"](CALLER)
    assert (node.health, node.message[0]) == (Health.OK, "v")
    assert {"memory", "disk"} <= set(checks)
