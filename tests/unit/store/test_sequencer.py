from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from homarus.store.engine import Store
from homarus.store.outbox import (
    NUMBER_EVENTS,
    emit,
    events_after,
    forget_events,
    last_number,
)
from homarus.store.sequencer import LEASE, Sequencer, next_numbers
from homarus.testing.clock import VirtualClock


async def _emit(store: Store, clock: VirtualClock, subject: str, workspace: str = "ws_1") -> None:
    async with store.begin() as session:
        emit(
            session,
            workspace_id=workspace,
            kind="bot.updated",
            subject_id=subject,
            at=clock.now(),
            data={"n": 1},
        )


async def _seen(store: Store, after: int = 0) -> list[tuple[int | None, str]]:
    async with store.read() as session:
        return [(e.number, e.subject_id) for e in await events_after(session, "ws_1", after)]


def _sequencer(store: Store, clock: VirtualClock, owner: str = "a") -> Sequencer:
    return Sequencer(store, clock, owner=owner, steps=[NUMBER_EVENTS])


async def test_events_are_numbered_in_order_and_read_by_number(
    store: Store, clock: VirtualClock
) -> None:
    for subject in ("one", "two", "three"):
        await _emit(store, clock, subject)
        await clock.advance(timedelta(milliseconds=1))
    assert await _seen(store) == []

    assert await _sequencer(store, clock).turn() == 3

    assert await _seen(store) == [(1, "one"), (2, "two"), (3, "three")]
    assert await _seen(store, after=2) == [(3, "three")]
    async with store.read() as session:
        assert await last_number(session, "ws_1") == 3
        assert await last_number(session, "ws_none") == 0


async def test_a_row_that_commits_late_gets_a_later_number(
    store: Store, clock: VirtualClock
) -> None:
    # The id is older than what is numbered already; a reader must still not miss it.
    sequencer = _sequencer(store, clock)
    await clock.advance(timedelta(seconds=5))
    await _emit(store, clock, "quick")
    await sequencer.turn()
    clock.jump(timedelta(seconds=-4))
    await _emit(store, clock, "slow")
    await sequencer.turn()

    assert await _seen(store, after=1) == [(2, "slow")]


async def test_one_sequencer_at_a_time_and_the_next_takes_over(
    store: Store, clock: VirtualClock
) -> None:
    first, second = _sequencer(store, clock, "a"), _sequencer(store, clock, "b")
    await _emit(store, clock, "one")
    assert await first.turn() == 1
    await _emit(store, clock, "two")

    assert await second.turn() == 0
    await clock.advance(LEASE + timedelta(seconds=1))
    assert await second.turn() == 1
    assert await _seen(store) == [(1, "one"), (2, "two")]


async def test_running_it_numbers_rows_as_they_come(
    sqlite_store: Store, clock: VirtualClock
) -> None:
    sequencer = _sequencer(sqlite_store, clock)
    running = asyncio.create_task(sequencer.run())
    ticket = sequencer.numbered.ticket()

    await _emit(sqlite_store, clock, "one")
    await asyncio.wait_for(ticket.wait(), 10)

    assert await _seen(sqlite_store) == [(1, "one")]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_idle_store_is_left_alone(sqlite_store: Store, clock: VirtualClock) -> None:
    sequencer = _sequencer(sqlite_store, clock)
    await _emit(sqlite_store, clock, "one")
    assert await sequencer.turn() == 1
    ticket = sqlite_store.changed.ticket()

    assert await sequencer.turn() == 0

    assert not ticket.is_set(), "it wrote although there was nothing to number"


async def test_numbers_of_a_rolled_back_batch_are_given_again(store: Store) -> None:
    async with store.begin() as session:
        assert await next_numbers(session, "x", 3) == 1
        await session.rollback()
    async with store.begin() as session:
        assert await next_numbers(session, "x", 2) == 1
    async with store.begin() as session:
        assert await next_numbers(session, "x", 1) == 3


async def test_old_events_are_forgotten_once_numbered(store: Store, clock: VirtualClock) -> None:
    await _emit(store, clock, "old")
    await _sequencer(store, clock).turn()
    await clock.advance(timedelta(days=1))
    await _emit(store, clock, "new")
    await _sequencer(store, clock).turn()

    async with store.begin() as session:
        await forget_events(session, before=clock.now())

    assert await _seen(store) == [(2, "new")]
