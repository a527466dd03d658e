"""The API on a real port of this machine, and the command line run against it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from homarus.adapters.targets.null.target import NullTarget
from homarus.cli.main import execute
from homarus.kit.clock import SystemClock
from homarus.roles.control_plane import Options, open_control_plane
from homarus.store.engine import Store
from homarus.testing.api import Installation, install
from homarus.testing.clock import VirtualClock
from homarus.testing.whole import Whole, whole_control_plane
from homarus.web.parts import Access


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


class Cli:
    """The command line of the owner, in this process."""

    def __init__(self, url: str, ours: Installation, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self.ours = ours
        self._capsys = capsys

    async def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = await asyncio.to_thread(execute, list(arguments))
        printed = self._capsys.readouterr()
        return Ran(code, printed.out, printed.err)


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()  # signals stay with pytest


@pytest.fixture
async def cli(
    sqlite_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Cli]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    url = f"http://{host}"
    access = Access(frozenset({host}), frozenset({url}), secure=False)
    ours = await install(sqlite_store, SystemClock(), tmp_path, access=access)
    config = uvicorn.Config(
        ours.app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve([listening]))
    monkeypatch.setenv("HOMARUS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOMARUS_URL", url)
    monkeypatch.setenv("HOMARUS_TOKEN", ours.owner_token)
    yield Cli(url, ours, capsys)
    server.should_exit = True
    await serving
    listening.close()


@pytest.fixture
async def whole(
    sqlite_url: str, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[Installation]:
    """The API of a whole control plane, every noun of it, over a target in memory."""
    # Whatever listens on this machine's usual ports is no business of a test's.
    options = Options(
        home=tmp_path, database=sqlite_url, port=8700, gateway_port=8701, local_servers=()
    )
    plane = await open_control_plane(
        options, clock, lambda mine: {"null": NullTarget(install_id=mine, clock=clock)}
    )
    first = await plane.foundation.bootstrap.first_start(email="owner@example.test", name="Owner")
    assert first is not None
    yield Installation(
        plane.app, plane.store, plane.foundation, first.owner, first.cli_token, first.login_link
    )
    await plane.store.close()


@pytest.fixture
async def plane(sqlite_url: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Whole]:
    """The same, with its target, its reconciler and supervisors in the test's hands."""
    async with whole_control_plane(sqlite_url, tmp_path, clock) as made:
        yield made
