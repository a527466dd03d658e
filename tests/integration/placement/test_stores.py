"""The same on both databases: many bots from made to gone, and changes that meet each other."""

from __future__ import annotations

import asyncio
from typing import Any

from homarus.core.specs import BotSpec, DesiredState
from homarus.domains.bot import repository as bots
from homarus.domains.bot.service import BotService
from homarus.domains.placement import repository
from homarus.domains.turn import repository as commands
from homarus.errors import Stale
from homarus.protocol import supervisor as wire
from homarus.testing.whole import Whole


async def test_fifty_bots_from_created_to_placed_to_deleted(both_planes: Whole) -> None:
    plane = both_planes
    manifests = [{"kind": "bot", **plane.spec(f"bot-{n}")} for n in range(50)]
    applied = await plane.call("POST", "/v1/apply", {"manifests": manifests})
    assert {i["outcome"] for i in applied["items"]} == {"created"}
    await plane.work()
    states = list(plane.target.platform.states.values())
    assert (len(states), set(states)) == (50, {"alive"})
    listed = await plane.call("GET", "/v1/bots?state=provisioning&limit=100")
    assert len(listed["items"]) == 50

    for n in range(50):
        await plane.call("DELETE", f"/v1/bots/bot-{n}")
    await plane.work()
    assert plane.target.platform.units == {}
    assert len(set(plane.target.platform.destroyed)) == 50
    assert (await plane.call("GET", "/v1/bots"))["items"] == []
    done = await plane.call("GET", "/v1/operations?limit=100")
    assert {o["state"] for o in done["items"]} == {"succeeded", "superseded"}


async def test_a_turn_on_both(both_planes: Whole) -> None:
    made, supervisor = await both_planes.running()
    turn = await both_planes.call("POST", "/v1/bots/hello/turns", {"text": "hi"})
    await supervisor.hear(wire.Command)
    for seq, state in ((1, "accepted"), (2, "done")):
        supervisor.say(wire.Result(supervisor.epoch, seq, turn["id"], state, "yes"))
        assert (await supervisor.hear(wire.Acked)).seq == seq
    ended = await both_planes.call("GET", f"/v1/turns/{turn['id']}")
    assert (ended["state"], ended["answer"]) == ("done", "yes")
    async with both_planes.plane.store.read() as session:
        assert await commands.pending(session, made["id"]) == []
        assert await repository.highest_ack(session, made["id"]) == 2


async def test_of_two_edits_of_one_version_one_is_stale(both_planes: Whole) -> None:
    """The second reads after the first committed, however close together they came."""
    plane = both_planes
    await plane.create()
    service: BotService = plane.plane.app.state.parts.services[BotService]
    store, owner = plane.plane.store, plane.ours.owner

    async def edit(persona: str) -> Any:
        async with store.begin() as session:
            bot = await service.get(session, owner, "hello", scope="bot:write")
            await asyncio.sleep(0.05)  # the other one has read, or waits for us
            service.expect_version(bot, 1)
            spec = BotSpec.model_validate(plane.spec(persona=persona))
            return await service.edit(session, owner, bot, spec)

    outcomes = await asyncio.gather(edit("one"), edit("two"), return_exceptions=True)
    assert sum(isinstance(o, Stale) for o in outcomes) == 1, outcomes
    assert (await plane.bot())["version"] == 2


async def test_restarts_that_meet_are_both_counted(both_planes: Whole) -> None:
    plane = both_planes
    made = await plane.create()
    await asyncio.gather(*(plane.call("POST", "/v1/bots/hello/restart") for _ in range(5)))
    async with plane.plane.store.read() as session:
        row = await bots.by_id(session, made["id"])
        assert row is not None
        assert (row.restart, row.attempt, row.version) == (5, 5, 6)


async def test_what_was_reported_outlives_the_process(both_planes: Whole) -> None:
    made, supervisor = await both_planes.running()
    async with both_planes.plane.store.read() as session:
        (row,) = await repository.current(session)
        assert (row.bot_id, row.generation, row.epoch) == (made["id"], 1, 1)
        assert row.report is not None
        assert row.report["run"] == "running"
    async with both_planes.plane.store.begin() as session:
        assert not await repository.write_in_epoch(session, made["id"], 1, 2, {"acked_seq": 9})
    await supervisor.leave()


async def test_wishes_come_page_by_page(both_planes: Whole) -> None:
    made = [(await both_planes.create(f"bot-{n}"))["id"] for n in range(3)]
    await both_planes.call("POST", "/v1/bots/bot-1/stop")
    async with both_planes.plane.store.read() as session:
        first = await bots.wished(session, after="", limit=2)
        rest = await bots.wished(session, after=first[-1][0].id, limit=2)
    found = [row for row, _, _ in (*first, *rest)]
    assert [row.id for row in found] == sorted(made)
    assert [r.desired for r in found].count(DesiredState.STOPPED) == 1
