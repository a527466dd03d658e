"""Lists of bots on both databases: searched, sorted, paged, counted, and only what one may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from homarus.core.bot_states import BotState
from homarus.core.scopes import Role
from homarus.errors import Permanent
from homarus.kit.pagination import decode_cursor, encode_cursor
from homarus.protocol import supervisor as wire
from homarus.testing.whole import Whole

NAMES = ("delta", "alpha", "charlie", "bravo", "echo-1")


@pytest.fixture
async def five(both_planes: Whole) -> Whole:
    """Five bots born one after the other; of one fleet, but the last."""
    for number, name in enumerate(NAMES):
        await both_planes.clock.advance(timedelta(seconds=1))
        more: dict[str, Any] = {"labels": {"tier/size": f"s{number % 2}"}}
        if name == "echo-1":
            more |= {"fleet": "lab", "desired": "stopped"}
        await both_planes.create(name, **more)
    return both_planes


async def names(plane: Whole, query: str = "", **more: Any) -> list[str]:
    return [bot["name"] for bot in (await plane.call("GET", f"/v1/bots?{query}", **more))["items"]]


async def paged(plane: Whole, query: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await plane.call("GET", f"/v1/bots?{query}&limit=2&cursor={cursor}")
        assert len(page["items"]) <= 2
        found += [bot["name"] for bot in page["items"]]
        cursor = page["next_cursor"]
    return found


async def test_every_order_is_the_same_in_pages_and_at_once(five: Whole) -> None:
    # The states of two change, at one moment: their ids must part them.
    await five.clock.advance(timedelta(minutes=1))
    for name in ("alpha", "bravo"):
        await five.call("POST", f"/v1/bots/{name}/stop")
    await five.work()
    oldest_first: Sequence[str] = NAMES
    assert await names(five) == list(oldest_first)
    for sort in ("name", "created", "changed"):
        at_once = await names(five, f"sort={sort}")
        assert await paged(five, f"sort={sort}") == at_once
        assert await names(five, f"sort={sort}&order=desc") == at_once[::-1]
        assert await paged(five, f"sort={sort}&order=desc") == at_once[::-1]
        assert sorted(at_once) == sorted(NAMES)
    assert await names(five, "sort=name") == sorted(NAMES)
    assert await names(five, "limit=500") == list(NAMES)


async def test_a_cursor_of_another_list_is_refused(five: Whole) -> None:
    page = await five.call("GET", "/v1/bots?sort=name&limit=2")
    for other in (
        "sort=changed",
        "sort=name&order=desc",
        "sort=name&q=a",
        "sort=name&state=failed",
    ):
        path = f"/v1/bots?{other}&cursor={page['next_cursor']}"
        refused = await five.call("GET", path, status=422)
        assert refused["detail"].startswith("cursor: it belongs to a list with other filters")
    made = json.loads(decode_cursor(page["next_cursor"]))
    changed = json.loads(
        decode_cursor((await five.call("GET", "/v1/bots?sort=changed&limit=2"))["next_cursor"])
    )
    for made_up in ("bot_01", "[]", json.dumps(made[:2]), json.dumps([changed[0], "noon", "b"])):
        path = f"/v1/bots?sort=changed&cursor={encode_cursor(made_up)}"
        assert (await five.call("GET", path, status=422))["hint"]


async def test_names_labels_states_and_runtimes_narrow_the_list(five: Whole) -> None:
    assert await names(five, "q=LPH") == ["alpha"]
    assert await names(five, "q=%25") == [], "no pattern, but a sign that no name has"
    assert await names(five, "q=tier/size%3Ds1") == ["alpha", "bravo"]
    assert await names(five, "q=tier/size%3D") == []
    assert await names(five, "q=%7Ba,b%7D%3Dx") == [], "no label has such a key"
    assert await names(five, "fleet=lab") == ["echo-1"]
    assert await names(five, "runtime=echo") == list(NAMES)
    assert await names(five, "runtime=openclaw") == []
    assert await names(five, "model=demo&runtime=echo") == list(NAMES)
    assert await names(five, "model=another") == []
    await five.work()
    assert await names(five, "state=stopped") == ["echo-1"]
    assert len(await names(five, "state=stopped&state=provisioning")) == 5
    await five.call("GET", "/v1/bots?state=absent", status=422)
    await five.call("GET", "/v1/bots?limit=501", status=422)


async def test_the_summary_counts_every_state_and_names_the_unwell(both_planes: Whole) -> None:
    plane = both_planes
    await plane.running("well")
    _, ill = await plane.running("ill")
    await ill.report(wire.RunState.FAILED, "it ended 5 times")
    await plane.work()
    await plane.clock.advance(timedelta(seconds=1))
    plane.target.script.refuse_start = Permanent("There is no room here.")
    await plane.create("refused", fleet="lab")
    await plane.work()
    plane.target.script.refuse_start = None
    await plane.create("waiting", fleet="lab")
    await plane.work()

    summary = await plane.call("GET", "/v1/bots/summary")
    assert set(summary["states"]) == set(BotState)
    told = {state: n for state, n in summary["states"].items() if n}
    assert (summary["total"], told) == (4, {"running": 1, "failed": 2, "provisioning": 1})
    assert summary["fleets"] == ["default", "lab"]
    unwell = [(bot["name"], bot["reason"]) for bot in summary["unwell"]]
    assert unwell == [("ill", "it ended 5 times"), ("refused", "There is no room here.")]

    await plane.clock.advance(timedelta(minutes=2))
    later = await plane.call("GET", "/v1/bots/summary")
    assert [bot["name"] for bot in later["unwell"]][:3] == ["ill", "refused", "waiting"]
    assert later["unwell_total"] == len(later["unwell"])

    _, token = await plane.ours.add_user("ann", Role.VIEWER, fleet="lab")
    seen = await plane.call("GET", "/v1/bots/summary", token=token)
    assert (seen["total"], [bot["name"] for bot in seen["unwell"]]) == (2, ["refused", "waiting"])
    assert seen["fleets"] == ["lab"]
    _, stranger = await plane.ours.add_stranger()
    assert (await plane.call("GET", "/v1/bots/summary", token=stranger))["total"] == 0


async def test_no_bot_takes_the_place_of_the_summary(both_planes: Whole) -> None:
    spec = both_planes.spec("summary")
    refused = await both_planes.call("POST", "/v1/bots", spec, status=422)
    assert refused["issues"][0]["path"] == "name"


async def test_a_secret_that_bots_use_is_deleted_by_force_alone(both_planes: Whole) -> None:
    plane = both_planes
    await plane.call("PUT", "/v1/secrets/TOKEN", {"value": "v"})
    await plane.call("PUT", "/v1/secrets/TOKEN_2", {"value": "v"})
    for number in range(6):
        await plane.create(f"bot-{number}", secrets=["TOKEN"], fleet="lab")
    await plane.create("other", secrets=["TOKEN_2"])
    refused = await plane.call("DELETE", "/v1/secrets/TOKEN", status=409)
    assert refused["detail"] == (
        "The secret TOKEN is used by bot-0, bot-1, bot-2, bot-3, bot-4 and 1 more."
    )
    await plane.call("GET", "/v1/secrets/TOKEN")
    await plane.call("DELETE", "/v1/secrets/TOKEN?force=true", status=204)
    await plane.call("GET", "/v1/secrets/TOKEN", status=404)

    spec = plane.spec("other")
    await plane.call("PUT", "/v1/bots/other", {"spec": spec})
    await plane.call("DELETE", "/v1/secrets/TOKEN_2", status=204)
