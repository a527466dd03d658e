"""The audit log: written with the change, chained, and every kind of tampering shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from homarus.core.scopes import Role
from homarus.kit.hash_chain import ChainCheck, Verdict, link
from homarus.testing.api import Installation
from homarus.testing.clock import VirtualClock

Lines = list[dict[str, Any]]


async def _export(ours: Installation) -> Lines:
    async with ours.client(ours.owner_token) as owner:
        answer = await owner.get("/v1/audit/export")
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def _check(records: Lines) -> Verdict:
    check = ChainCheck()
    check.feed(records)
    return check.verdict()


async def _number_all(ours: Installation) -> None:
    while await ours.foundation.sequencer.turn():
        pass


async def test_a_change_and_its_event_stand_or_fall_together(
    both_installation: Installation,
) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as owner:
        await owner.patch("/v1/workspace", json={"name": "renamed"})
        page = (await owner.get("/v1/audit", params={"action": "workspace.update"})).json()
        await ours.add_stranger()
        taken = await owner.patch("/v1/workspace", json={"name": "elsewhere"})
        after = (await owner.get("/v1/audit", params={"action": "workspace.update"})).json()

    event = page["items"][0]
    assert event["actor"]["id"] == ours.owner.id
    assert event["actor"]["via"].startswith("tok_")
    assert event["detail"] == {"from": "default", "to": "renamed"}
    assert taken.status_code == 409
    assert len(after["items"]) == 1


async def test_an_export_verifies_and_names_the_unlinked_tail(
    both_installation: Installation,
) -> None:
    ours = both_installation
    await _number_all(ours)
    await ours.add_user("late", Role.VIEWER)

    header, *records = await _export(ours)

    verdict = _check(records)
    assert verdict.problem == ""
    assert verdict.linked == header["linked"] > 2
    assert verdict.last_hash == header["last_hash"]
    assert verdict.unlinked == header["unlinked"] == 2


async def test_each_workspace_has_a_chain_of_its_own(both_installation: Installation) -> None:
    ours = both_installation
    _, token = await ours.add_stranger()
    await _number_all(ours)
    for one in (ours.owner_token, token):
        async with ours.client(one) as cli:
            verdict = (await cli.get("/v1/audit/verify")).json()
        assert verdict["ok"]
        assert verdict["linked"] >= 3
        assert verdict["unlinked"] == 0


def _changed(records: Lines) -> None:
    records[2]["action"] = "nothing.happened"


def _detail_changed(records: Lines) -> None:
    records[1]["detail"]["email"] = "other@example.test"


def _reordered(records: Lines) -> None:
    records[1], records[2] = records[2], records[1]


def _renumbered(records: Lines) -> None:
    records[1], records[2] = records[2], records[1]
    records[1]["number"], records[2]["number"] = 2, 3


def _left_out(records: Lines) -> None:
    del records[2]


def _left_out_and_renumbered(records: Lines) -> None:
    del records[2]
    for number, record in enumerate(records, 1):
        record["number"] = number


def _rehashed(records: Lines) -> None:
    records[2]["subject"] = "x"
    records[2]["hash"] = link(records[2]["previous"], records[2])


def _rehashed_and_relinked(records: Lines) -> None:
    records[2]["subject"] = "x"
    records[2]["hash"] = link(records[2]["previous"], records[2])
    records[3]["previous"] = records[2]["hash"]


def _unlinked_in_the_middle(records: Lines) -> None:
    records[2]["number"] = None


@pytest.mark.parametrize(
    "tamper",
    [
        _changed,
        _detail_changed,
        _reordered,
        _renumbered,
        _left_out,
        _left_out_and_renumbered,
        _rehashed,
        _rehashed_and_relinked,
        _unlinked_in_the_middle,
    ],
)
async def test_tampering_shows(installation: Installation, tamper: Callable[[Lines], None]) -> None:
    await installation.add_user("ann", Role.VIEWER)
    await _number_all(installation)
    _, *records = await _export(installation)
    assert _check(records).problem == ""

    tamper(records)

    assert _check(records).problem != ""


async def test_tampering_with_the_store_shows(both_installation: Installation) -> None:
    ours = both_installation
    await _number_all(ours)
    async with ours.store.begin() as session:
        await session.execute(text("UPDATE audit_event SET action = 'x.y' WHERE number = 2"))

    async with ours.client(ours.owner_token) as owner:
        verdict = (await owner.get("/v1/audit/verify")).json()
    assert not verdict["ok"]
    assert verdict["problem"] == "record 2 was changed after it was linked"


async def test_the_log_is_listed_newest_first_and_filtered(
    installation: Installation, clock: VirtualClock
) -> None:
    await clock.advance(timedelta(seconds=1))
    ann, _ = await installation.add_user("ann", Role.VIEWER)
    async with installation.client(installation.owner_token) as owner:
        page = (await owner.get("/v1/audit", params={"subject": ann.id})).json()
        assert [e["action"] for e in page["items"]] == ["user.create"]
        first = (await owner.get("/v1/audit", params={"limit": 1})).json()
        assert first["items"][0]["action"] in ("user.create", "token.create")
        assert first["next_cursor"]


async def test_the_log_is_searched_by_person_words_and_time(
    both_installation: Installation, clock: VirtualClock
) -> None:
    ours = both_installation
    await clock.advance(timedelta(hours=1))
    ann, token = await ours.add_user("Ann", Role.ADMIN)
    await clock.advance(timedelta(hours=1))
    at = clock.now()
    async with ours.client(token) as client:
        assert (await client.put("/v1/secrets/T_100%", json={"value": "v"})).status_code == 422
        assert (await client.put("/v1/secrets/TOKEN", json={"value": "v"})).status_code == 200
    await clock.advance(timedelta(hours=1))

    async with ours.client(ours.owner_token) as owner:

        async def found(**wanted: str) -> list[str]:
            answer = await owner.get("/v1/audit", params=wanted)
            assert answer.status_code == 200, answer.text
            return [event["action"] for event in answer.json()["items"]]

        did = ["secret.create", "token.create"]
        assert await found(actor=ann.id) == await found(actor="Ann") == did
        assert await found(q="oKe", since=at.isoformat()) == ["secret.create"], "its subject"
        assert await found(q="ANN@example") == ["user.create"], "what people know it by"
        assert await found(q="secret.c") == ["secret.create"]
        assert await found(q="%") == []
        assert await found(since=at.isoformat()) == ["secret.create"]
        assert "secret.create" not in await found(until=at.isoformat())
        later = (at + timedelta(microseconds=1)).isoformat()
        assert await found(since=later) == []
        assert (await found(until=later))[0] == "secret.create"
        between = {"since": (at - timedelta(minutes=90)).isoformat(), "until": at.isoformat()}
        assert sorted(await found(**between)) == ["token.create", "user.create"]
        assert (await owner.get("/v1/audit", params={"since": "noon"})).status_code == 422
