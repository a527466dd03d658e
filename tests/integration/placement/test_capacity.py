"""What bots can be made of: targets with their memory, runtimes, and what this installation is."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

import homarus
from homarus.adapters.catalog import RUNTIMES
from homarus.adapters.targets.local.target import LocalTarget
from homarus.core.scopes import Role
from homarus.ports.target import Capabilities
from homarus.testing.whole import Whole


async def test_what_is_promised_is_what_bots_that_should_be_up_may_use(both_planes: Whole) -> None:
    plane = both_planes
    able = Capabilities(frozenset({"plain"}), 1000, {"sandbox": "It is not here. Install it."})
    plane.target.capabilities = lambda: able  # type: ignore[method-assign]

    async def memory() -> tuple[int, int]:
        [target] = await plane.call("GET", "/v1/targets")
        return target["promised_mb"], target["free_mb"]

    assert await memory() == (0, 1000)
    for name, more in (("one", {}), ("two", {"fleet": "lab"}), ("off", {"desired": "stopped"})):
        await plane.create(name, isolation="plain", **more)
    assert await memory() == (128, 872)
    spec = plane.spec("one", isolation="plain", resources={"memory_mb": 900})
    await plane.call("PUT", "/v1/bots/one", {"spec": spec})
    await plane.call("POST", "/v1/bots/off/start")
    assert await memory() == (1028, 0), "the newest revision counts; less than nothing is nothing"
    await plane.call("POST", "/v1/bots/one/stop")
    await plane.call("DELETE", "/v1/bots/two")
    assert await memory() == (64, 936)

    [target] = await plane.call("GET", "/v1/targets")
    assert (target["name"], target["memory_mb"]) == ("null", 1000)
    assert target["isolations"] == [
        {"kind": "sandbox", "available": False, "problem": "It is not here. Install it."},
        {"kind": "plain", "available": True, "problem": ""},
    ]
    _, token = await plane.ours.add_user("ann", Role.VIEWER, fleet="lab")
    [seen] = await plane.call("GET", "/v1/targets", token=token)
    assert seen == target, "the machine is the same for everybody"


async def test_a_target_that_decides_for_itself_has_no_figure(plane: Whole) -> None:
    [target] = await plane.call("GET", "/v1/targets")
    assert (target["memory_mb"], target["free_mb"]) == (None, None)
    assert [i["available"] for i in target["isolations"]] == [True, True]


def test_the_local_target_says_why_it_cannot_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    able = LocalTarget(home=tmp_path, install_id="i", memory_mb=4096).capabilities()
    assert able.isolation == {"plain"}
    assert "apt-get install bubblewrap" in able.missing["sandbox"]
    assert able.max_memory_mb == 4096


async def test_every_runtime_is_offered_with_what_it_needs(plane: Whole) -> None:
    runtimes = await plane.call("GET", "/v1/runtimes")
    assert [runtime["name"] for runtime in runtimes] == sorted(RUNTIMES)
    echo = runtimes[0]
    assert (echo["version"], echo["least_memory_mb"], echo["formats"]) == ("1", 64, ["openai"])
    spec = plane.spec("plain", resources={})
    await plane.call("POST", "/v1/bots", spec, status=201)
    got = (await plane.bot("plain"))["spec"]["resources"]["memory_mb"]
    assert {runtime["memory_mb"] for runtime in runtimes} == {got}


async def test_about_tells_addresses_and_versions_and_no_paths(
    both_planes: Whole, tmp_path: Path
) -> None:
    plane = both_planes
    about = await plane.call("GET", "/v1/about")
    assert about == {
        "version": homarus.__version__,
        "api_url": "http://127.0.0.1:8700",
        "gateway_url": "http://127.0.0.1:8701",
        "demo_url": "http://127.0.0.1:8702",
        "database": plane.plane.store.dialect,
        "python": platform.python_version(),
        "system": about["system"],
    }
    assert platform.release() in about["system"]
    assert str(tmp_path) not in str(about)
    await plane.call("DELETE", "/v1/providers/demo")
    assert (await plane.call("GET", "/v1/about"))["demo_url"] is None
