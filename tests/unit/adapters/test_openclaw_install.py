"""The installer against a stand-in for npm: whole or absent, once, and clear about failures."""

import asyncio
import json
from pathlib import Path

import pytest

from homarus.adapters.runtimes.openclaw import install, pin
from homarus.errors import DiskFull, RuntimeInstallFailed
from homarus.ports.runtime_host import InstallProgress

WORKS = """
case "$*" in
  *npm-cli.js*)
    echo run >> "$COUNT"
    while [ $# -gt 0 ]; do [ "$1" = --prefix ] && app="$2"; shift; done
    mkdir -p "$app/node_modules/openclaw" "$app/node_modules/@scope/one"
    sleep 0.3; echo > "$app/node_modules/openclaw/openclaw.mjs" ;;
  *--version*) echo "OpenClaw VERSION (abc)" ;;
esac
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    wheel = tmp_path / "wheel"
    (wheel / "bin").mkdir(parents=True)
    monkeypatch.setattr(install, "node_wheel", lambda: wheel)

    def script(body: str) -> None:
        body = body.replace("VERSION", pin.VERSION).replace("$COUNT", str(tmp_path / "count"))
        (wheel / "bin" / "node").write_text(f"#!/bin/sh\n{body}")
        (wheel / "bin" / "node").chmod(0o755)

    return script


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def left(store: Path, pattern: str) -> list[Path]:
    return list(store.glob(pattern))


async def run(store: Path, steps: list[InstallProgress] | None = None) -> Path:
    async def progress(step: InstallProgress) -> None:
        if steps is not None:
            steps.append(step)

    return await install.install(store, progress, output=store / "log")


async def test_it_is_done_once_however_many_ask(npm, store: Path, tmp_path: Path) -> None:
    npm(WORKS)
    steps: list[InstallProgress] = []
    folders = await asyncio.gather(run(store, steps), run(store, steps), run(store))
    assert set(folders) == {store / install.folder_name()}
    assert (tmp_path / "count").read_text() == "run\n"
    phases = {step.phase for step in steps}
    assert {"installing OpenClaw", "waiting for another bot's installation"} <= phases
    assert (folders[0] / "app" / "package-lock.json").stat().st_mode & 0o222 == 0
    assert await run(store) == folders[0]
    assert (tmp_path / "count").read_text() == "run\n"


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ("npm error code EINTEGRITY", RuntimeInstallFailed, "altered"),
        ("npm error code ENOTFOUND", RuntimeInstallFailed, "does not answer"),
        ("npm error code ENOSPC", DiskFull, "filled up"),
        ("npm error what", RuntimeInstallFailed, "could not install"),
    ],
)
async def test_failures_are_told_apart_and_leave_nothing(
    npm, store: Path, said: str, error: type[Exception], words: str
) -> None:
    npm(f"mkdir -p x; echo '{said}' >&2; exit 1")
    with pytest.raises(error, match=words):
        await run(store)
    assert not (store / install.folder_name()).exists()
    npm(WORKS)
    assert (await run(store)).exists()
    assert left(store, ".staging-*") == []


async def test_another_version_than_the_pinned_one_is_refused(npm, store: Path) -> None:
    npm(WORKS.replace("OpenClaw VERSION", "OpenClaw 1.0"))
    with pytest.raises(RuntimeInstallFailed, match="is not OpenClaw"):
        await run(store)
    assert not (store / install.folder_name()).exists()


async def test_an_interrupted_install_is_not_taken_for_whole(npm, store: Path) -> None:
    npm(WORKS)
    half = store / install.folder_name()
    (half / "app").mkdir(parents=True)
    (store / ".staging-1-x").mkdir()
    folder = await run(store)
    assert (folder / "installed.json").exists()
    assert left(store, ".staging-*") == []


async def test_too_little_disk_is_said_before_anything_is_written(
    npm, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm(WORKS)
    monkeypatch.setattr(install, "_NEEDED_MB", 1 << 40)
    with pytest.raises(DiskFull, match="are free"):
        await run(store)
    assert left(store, "openclaw*") == []


async def test_being_cancelled_leaves_nothing_half_made(npm, store: Path) -> None:
    npm(WORKS.replace("sleep 0.3", "sleep 30"))
    task = asyncio.create_task(run(store))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (store / install.folder_name()).exists()
    npm(WORKS)
    assert (await run(store)).exists()


def test_the_lock_names_no_registry_and_pins_every_package() -> None:

    lock = json.loads(install._package("package-lock.json"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/openclaw"]["version"] == pin.VERSION
    assert not any("resolved" in entry for entry in packages.values())
    unpinned = [n for n, e in packages.items() if "integrity" not in e and not e.get("inBundle")]
    assert unpinned == []
