from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from homarus.errors import (
    AlreadyRunning,
    Conflict,
    DiskFull,
    HomarusError,
    HomeNotWritable,
    Internal,
    Invalid,
    StoreTooNew,
    Unavailable,
)
from homarus.store.engine import Store
from homarus.store.tables import CounterRow, LeaseRow

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


async def _value(store: Store, name: str) -> int | None:
    async with store.read() as session:
        return await session.scalar(select(CounterRow.value).where(CounterRow.name == name))


async def test_a_write_is_seen_after_its_block(store: Store) -> None:
    async with store.begin() as session:
        session.add(CounterRow(name="a", value=2**60))

    assert await _value(store, "a") == 2**60


async def test_an_error_in_the_block_undoes_everything(store: Store) -> None:
    async def fail() -> None:
        async with store.begin() as session:
            session.add(CounterRow(name="a", value=1))
            await session.flush()
            raise Invalid("no")

    with pytest.raises(Invalid):
        await fail()

    assert await _value(store, "a") is None


async def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, HomarusError)):
        async with store.read() as session:
            await session.execute(text("INSERT INTO counter (name, value) VALUES ('a', 1)"))

    assert await _value(store, "a") is None


async def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    abroad = NOON.astimezone(timezone(timedelta(hours=5)))
    async with store.begin() as session:
        session.add(LeaseRow(kind="k", key="1", owner="o", fence=1, until=abroad))

    async with store.read() as session:
        until = await session.scalar(select(LeaseRow.until).where(LeaseRow.until == NOON))

    assert until == NOON
    assert until.utcoffset() == timedelta(0)


async def test_a_moment_without_time_zone_is_refused(sqlite_store: Store) -> None:
    naive = LeaseRow(kind="k", key="1", owner="o", fence=1, until=NOON.replace(tzinfo=None))
    async with sqlite_store.read() as session:
        session.add(naive)
        with pytest.raises(StatementError, match="time zone"):
            await session.flush()


async def test_concurrent_writers_lose_nothing(store: Store) -> None:
    async with store.begin() as session:
        session.add(CounterRow(name="a", value=0))

    async def add() -> None:
        async with store.begin() as session:
            row = await session.get_one(CounterRow, "a", with_for_update=True)
            row.value += 1

    await asyncio.gather(*(add() for _ in range(20)))

    assert await _value(store, "a") == 20


async def test_readers_go_on_while_a_write_is_open(store: Store) -> None:
    async with store.begin() as session:
        session.add(CounterRow(name="a", value=1))
        await session.flush()
        assert await _value(store, "a") is None


async def test_a_read_sees_one_moment(store: Store) -> None:
    count = select(func.count()).select_from(CounterRow)
    async with store.read() as reading:
        before = await reading.scalar(count)
        async with store.begin() as session:
            session.add(CounterRow(name="a", value=1))
        after = await reading.scalar(count)
    assert (before, after) == (0, 0)


async def test_the_slower_of_two_that_make_the_same_is_told_so(store: Store) -> None:
    async def make() -> None:
        async with store.begin() as session:
            session.add(CounterRow(name="a", value=1))

    await make()
    with pytest.raises(Conflict):
        await make()


async def test_commit_wakes_and_rollback_does_not(sqlite_store: Store) -> None:
    ticket = sqlite_store.changed.ticket()
    with pytest.raises(Invalid):
        async with sqlite_store.begin():
            raise Invalid("no")
    assert not ticket.is_set()

    async with sqlite_store.begin():
        pass
    assert ticket.is_set()


async def test_a_nested_write_is_a_named_fault_not_a_deadlock(sqlite_store: Store) -> None:
    async with sqlite_store.begin():
        with pytest.raises(Internal):
            async with sqlite_store.begin():
                pass


async def test_foreign_keys_and_durability_are_on(sqlite_store: Store) -> None:
    async with sqlite_store.begin() as session:
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA synchronous")) == 2  # FULL


async def test_a_second_process_is_told_who_is_in_the_way(
    sqlite_store: Store, sqlite_url: str
) -> None:
    with pytest.raises(AlreadyRunning):
        await Store.open(sqlite_url)


async def test_a_closed_store_can_be_opened_again(sqlite_url: str) -> None:
    await (await Store.open(sqlite_url)).close()
    await (await Store.open(sqlite_url)).close()


async def test_a_newer_schema_is_refused_and_left_alone(store_url: str) -> None:
    store = await Store.open(store_url)
    async with store.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()

    for _ in range(2):
        with pytest.raises(StoreTooNew, match="9999"):
            await Store.open(store_url)


async def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(Invalid, match="mysql"):
        await Store.open("mysql://localhost/x")


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Store.open(f"postgresql://nobody@/none?host={tmp_path}")


async def test_a_full_disk_is_named_and_nothing_is_written(sqlite_store: Store) -> None:
    async def fill() -> None:
        async with sqlite_store.begin() as session:
            pages = await session.scalar(text("PRAGMA page_count"))
            await session.execute(text(f"PRAGMA max_page_count = {pages}"))
            session.add(CounterRow(name="a" * 100_000, value=1))

    with pytest.raises(DiskFull):
        await fill()
    assert await _value(sqlite_store, "a" * 100_000) is None


async def test_a_database_that_may_not_be_written_is_named(sqlite_store: Store) -> None:
    async def write() -> None:
        async with sqlite_store.read() as session:
            session.add(CounterRow(name="a", value=1))

    with pytest.raises(HomeNotWritable):
        await write()


async def test_a_cancelled_write_frees_the_writer(store: Store) -> None:
    async def write(pauses: int) -> None:
        async with store.begin() as session:
            session.add(CounterRow(name=f"a{pauses}", value=1))
            await session.flush()
            await session.execute(select(CounterRow))

    for pauses in range(30):
        writing = asyncio.create_task(write(pauses))
        for _ in range(pauses):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    await write(100)
    assert await _value(store, "a100") == 1
