"""A whole control plane, with supervisors by script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from homarus.testing.clock import VirtualClock
from homarus.testing.whole import Whole, whole_control_plane


@pytest.fixture
async def plane(sqlite_url: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Whole]:
    async with whole_control_plane(sqlite_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
async def both_planes(store_url: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Whole]:
    """The same, once on each database."""
    async with whole_control_plane(store_url, tmp_path, clock) as made:
        yield made
