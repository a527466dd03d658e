"""A machine of its own for each test: a short home folder, a control plane, a local target."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from homarus.adapters.targets.local.target import LocalTarget
from homarus.testing.control_plane import FakeControlPlane
from homarus.testing.machine import Machine

# Without root every test of this folder is what that file would have to start.
collect_ignore = [] if os.geteuid() == 0 else ["test_unprivileged.py"]


@pytest.fixture
def home() -> Iterator[Path]:
    # Short on purpose: the path of a unix socket may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def machine(home: Path) -> AsyncIterator[Machine]:
    async with FakeControlPlane(heartbeat_s=1.0) as plane:
        target = LocalTarget(
            home=home,
            install_id=f"install-{home.name}",
            memory_mb=4000,
            start_slots=1,
            testing=True,
        )
        machine = Machine(home, target, plane)
        yield machine
        await machine.close()
