from __future__ import annotations

from datetime import timedelta
from typing import Any

from homarus.core.scopes import Role
from homarus.testing.api import Installation
from homarus.testing.clock import VirtualClock


async def _begin(ours: Installation, fleet: str = "lab", subject: str = "bot_1") -> str:
    async with ours.store.begin() as session:
        return await ours.foundation.operations.begin(
            session, ours.owner, kind="bot.start", subject_id=subject, subject="hello", fleet=fleet
        )


async def _get(ours: Installation, operation: str, token: str = "") -> dict[str, Any]:
    async with ours.client(token or ours.owner_token) as client:
        answer = await client.get(f"/v1/operations/{operation}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_operation_tells_its_steps_and_how_it_ended(
    both_installation: Installation, clock: VirtualClock
) -> None:
    ours, operations = both_installation, both_installation.foundation.operations
    begun = await _begin(ours)
    assert (await _get(ours, begun))["state"] == "running"

    async with ours.store.begin() as session:
        await operations.step(session, "bot_1", "installing")
        await operations.step(session, "bot_1", "installing")
        await operations.step(session, "bot_1", "starting")
    await clock.advance(timedelta(seconds=5))
    for error in ("", "too late to fail"):
        async with ours.store.begin() as session:
            await operations.end(session, "bot_1", error=error)

    ended = await _get(ours, begun)
    assert [s["words"] for s in ended["steps"]] == ["installing", "starting"]
    assert (ended["state"], ended["error"]) == ("succeeded", "")
    assert ended["ended_at"] > ended["begun_at"]
    assert ended["begun_by"] == "Owner"


async def test_failure_says_why(both_installation: Installation) -> None:
    ours = both_installation
    begun = await _begin(ours)
    async with ours.store.begin() as session:
        await ours.foundation.operations.end(session, "bot_1", error="the key is wrong")
    ended = await _get(ours, begun)
    assert (ended["state"], ended["error"]) == ("failed", "the key is wrong")


async def test_a_newer_operation_takes_the_place_of_the_older(
    both_installation: Installation,
) -> None:
    ours = both_installation
    older, newer = await _begin(ours), await _begin(ours)
    other = await _begin(ours, subject="bot_2")
    assert (await _get(ours, older))["state"] == "superseded"
    assert (await _get(ours, newer))["state"] == "running"
    assert (await _get(ours, other))["state"] == "running"


async def test_a_fleet_grant_sees_its_fleet(installation: Installation) -> None:
    lab = await _begin(installation, "lab", "bot_1")
    prod = await _begin(installation, "prod", "bot_2")
    _, token = await installation.add_user("ann", Role.VIEWER, fleet="lab")
    async with installation.client(token) as ann:
        listed = (await ann.get("/v1/operations")).json()["items"]
        assert [o["id"] for o in listed] == [lab]
        assert (await ann.get(f"/v1/operations/{prod}")).status_code == 404
    async with installation.client(installation.owner_token) as owner:
        both = (await owner.get("/v1/operations")).json()["items"]
        one = (await owner.get("/v1/operations", params={"subject": "bot_2"})).json()["items"]
    assert {o["id"] for o in both} == {lab, prod}
    assert [o["id"] for o in one] == [prod]
