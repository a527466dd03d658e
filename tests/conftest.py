"""Fixtures for every test: time, and a store on each database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from homarus.store.engine import Store
from homarus.testing.api import Installation, install
from homarus.testing.clock import VirtualClock
from homarus.testing.postgres import TestPostgres


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests copy it."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """A real PostgreSQL, started by the first test that asks for it."""
    server = TestPostgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: TestPostgres) -> str:
    """The name of a migrated, empty database; tests copy it."""
    name = postgres.create()
    _migrate(postgres.url(name))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "store.sqlite")
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def postgres_url(postgres: TestPostgres, postgres_template: str) -> Iterator[str]:
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, once on each database."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An empty store, once on each database."""
    opened = await Store.open(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """An empty store on SQLite alone, for tests whose SQL others have judged on both."""
    opened = await Store.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def installation(sqlite_store: Store, clock: VirtualClock, tmp_path: Path) -> Installation:
    """The API over a fresh SQLite store, its first start done."""
    return await install(sqlite_store, clock, tmp_path)


@pytest.fixture
async def both_installation(store: Store, clock: VirtualClock, tmp_path: Path) -> Installation:
    """The same, once on each database."""
    return await install(store, clock, tmp_path)


def _migrate(url: str) -> None:
    async def open_once() -> None:
        await (await Store.open(url)).close()

    # In a thread of its own: the fixture may be asked for from within a running loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_once()).result()


ALLOWED_SKIPS = frozenset((Path(__file__).parent / "allowed_skips.txt").read_text().splitlines())
_skips: list[tuple[str, str]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2]  # type: ignore[index] # (path, line, reason) for every skip
        _skips.append((report.nodeid, str(why).removeprefix("Skipped: ")))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip that nobody expected is a failure: otherwise a proof could vanish unseen."""
    if any(why not in ALLOWED_SKIPS for _, why in _skips) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    unexpected = [skip for skip in _skips if skip[1] not in ALLOWED_SKIPS]
    terminalreporter.write_line(f"skips: {len(_skips)}, unexpected: {len(unexpected)}")
    for node, why in unexpected:
        terminalreporter.write_line(f"  UNEXPECTED SKIP {node}: {why}", red=True)
