"""A machine with the real OpenClaw: its store is shared by all tests and kept between runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from homarus.adapters.targets.local.target import LocalTarget
from homarus.testing.control_plane import FakeControlPlane
from homarus.testing.machine import Machine
from homarus.testing.model_double import ModelDouble

STORE = Path(__file__).parents[3] / ".cache" / "live-runtimes"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
    STORE.mkdir(parents=True, exist_ok=True)
    (folder / "runtimes").symlink_to(STORE)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def model() -> AsyncIterator[ModelDouble]:
    async with ModelDouble() as double:
        yield double


@pytest.fixture
async def machine(home: Path, model: ModelDouble) -> AsyncIterator[Machine]:
    async with FakeControlPlane(heartbeat_s=1.0) as plane:
        target = LocalTarget(home=home, install_id=f"install-{home.name}", testing=True)
        machine = Machine(home, target, plane, gateway_url=model.url)
        yield machine
        await machine.close()
