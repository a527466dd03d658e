"""Money and records under everything that goes wrong, on both databases.

Real workers, spools and services; the line between them loses, repeats and reorders, workers
are killed, machines lose power, the store goes away before and after its commits. Seeded: a
failure names its seed.

What these tests are worth is shown by `test_sabotage_is_found`: a cursor that does not move, one
that moves before the effects do, a lease asked again under a new slice id, a call sent before
its OPEN record.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from tests.simulation.ledger.world import LIMIT, World

from homarus.core import budgets as rules
from homarus.core.specs import Period
from homarus.domains.call import fold as fold_module
from homarus.domains.call.service import Folded, GatewayService
from homarus.errors import Conflict
from homarus.protocol import gateway as wire
from homarus.store.engine import Store
from homarus.testing.clock import VirtualClock
from homarus.testing.flaky_store import Fate
from homarus.testing.gateway_plane import Plane


async def live(world: World, steps: int) -> None:
    await world.furnish()
    for number in range(steps):
        await world.step()
        if number % 10 == 0:
            await world.check()
    await world.finish()


@pytest.mark.parametrize("seed", range(12))
async def test_books_balance_whatever_breaks(
    store: Store, clock: VirtualClock, tmp_path: Path, seed: int
) -> None:
    await live(World(store, clock, tmp_path / "spools", seed), 120)


async def test_calls_go_on_within_slices_while_the_store_is_away(
    store: Store, clock: VirtualClock, tmp_path: Path
) -> None:
    world = World(store, clock, tmp_path / "spools", 1)
    await world.furnish()
    world.new_hand()
    world.new_hand()
    for hand in world.hands:
        for _ in range(20):
            await world.lease(hand)
    world.flaky.down = True
    for _ in range(20):
        for hand in world.hands:
            world.begin(hand)
            world.end(hand)
            world.begin(hand)
            await world.lease(hand)
            await world.ship(hand)
        await world.check()
    await world.kill(world.hands[0])
    assert world.begun_while_away > 20
    assert world.leftovers
    assert world.flaky.met == set(Fate)
    await world.finish()


@pytest.mark.parametrize("sabotage", ["cursor", "cursor_first", "slice_id", "open_record"])
async def test_sabotage_is_found(
    sqlite_store: Store,
    clock: VirtualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sabotage: str,
) -> None:
    if sabotage == "cursor":
        real = fold_module.fold

        async def still(*arguments, at):  # type: ignore[no-untyped-def]
            worker = arguments[2]
            before = worker.acked_seq
            done = await real(*arguments, at=at)
            worker.acked_seq = before
            return done

        monkeypatch.setattr(fold_module, "fold", still)
    if sabotage == "cursor_first":
        monkeypatch.setattr(GatewayService, "ship", ship_in_two_transactions)
    worlds = [World(sqlite_store, clock, tmp_path / f"spools-{seed}", seed) for seed in range(8)]
    for world in worlds:
        world.same_slice_id = sabotage != "slice_id"
        world.write_open = sabotage != "open_record"
    with pytest.raises((AssertionError, IntegrityError, Conflict, KeyError)):
        await live_all(worlds)


async def ship_in_two_transactions(
    self: GatewayService, hello: wire.Hello, ship: wire.Ship
) -> Folded:
    """Move the cursor, then write the effects: right as long as the store is there."""
    async with self._store.begin() as session:
        worker = await self._meet(session, hello.subject, ship.worker, hello)
        before = worker.acked_seq
        if ship.from_seq > before + 1:
            return Folded(before, True)
        worker.acked_seq = max(before, ship.from_seq + len(ship.records) - 1)
    async with self._store.begin() as session:
        worker = await self._meet(session, hello.subject, ship.worker, hello)
        worker.acked_seq = before
        now = self._clock.now()
        await fold_module.fold(session, self._budgets, worker, ship.from_seq, ship.records, at=now)
        return Folded(worker.acked_seq, False)


async def live_all(worlds: list[World]) -> None:
    for world in worlds:
        await live(world, 120)


async def test_the_same_ask_twice_is_one_slice(store: Store, clock: VirtualClock) -> None:
    plane = Plane.over(store, clock)
    async with store.begin() as session:
        budget = await plane.budgets.ensure(
            session, "ws", "bot", "b", LIMIT, Period.DAY, label="bot b"
        )
    window = rules.window_start(Period.DAY, clock.now().timestamp())
    ask = wire.LeaseAsk("slc_1", budget.id, window, 100, 1_000)
    service: GatewayService = plane.gateways
    first = await service.lease(ask, "wrk_1")
    assert await service.lease(ask, "wrk_1") == first
    assert (await service.lease(ask, "wrk_2")).amount == 0
    [row] = await plane.windows()
    assert row.exposure == first.amount == 1_000
