"""Fixtures: an installation of Homarus, started by the test, ended after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from homarus.testing.installed import Homarus, ended, make, short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short-named folder of this test."""
    with short_folder() as made:
        yield made


@pytest.fixture
def homarus(folder: Path) -> Iterator[Homarus]:
    """An installation without a first bot, started; whatever is left of it is ended after."""
    yield from ended(make(folder))
