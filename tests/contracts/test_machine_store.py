"""The contract of `homarus.ports.machine_store`, on the fake and on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from homarus.errors import Conflict, Stale
from homarus.ports.machine_store import MachineStore
from homarus.store.engine import Store
from homarus.store.machine_store import SqlMachineStore
from homarus.testing.machine_store import MemoryMachineStore

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def machines(request: pytest.FixtureRequest) -> AsyncIterator[MachineStore]:
    if request.param == "memory":
        yield MemoryMachineStore()
        return
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    store = await Store.open(request.getfixturevalue(name))
    yield SqlMachineStore(store)
    await store.close()


async def test_what_was_inserted_can_be_read(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={"a": [1, {"b": "c"}]})

    assert made.version == 1
    assert await machines.get("p", "1") == made
    assert await machines.get("p", "2") is None
    assert await machines.get("q", "1") is None


async def test_a_second_insert_changes_nothing(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={})

    with pytest.raises(Conflict):
        await machines.insert("p", "1", state="other", group="g", data={"x": 1})
    assert await machines.get("p", "1") == made


async def test_one_of_two_writers_is_stale(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={})

    won = await machines.compare_and_set(made, state="a", data={"n": 1})
    with pytest.raises(Stale):
        await machines.compare_and_set(made, state="b", data={"n": 2})

    assert won.version == 2
    assert await machines.get("p", "1") == won


async def test_of_many_concurrent_writers_one_wins(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={})

    outcomes = await asyncio.gather(
        *(machines.compare_and_set(made, state=str(n), data={}) for n in range(8)),
        return_exceptions=True,
    )

    assert sum(not isinstance(outcome, Stale) for outcome in outcomes) == 1


async def test_a_deleted_row_is_gone_and_stale(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={})
    newer = await machines.compare_and_set(made, state="a", data={})

    with pytest.raises(Stale):
        await machines.delete(made)
    await machines.delete(newer)

    assert await machines.get("p", "1") is None
    with pytest.raises(Stale):
        await machines.compare_and_set(newer, state="b", data={})
    with pytest.raises(Stale):
        await machines.delete(newer)


async def test_a_lease_keeps_others_out_until_it_ends(machines: MachineStore) -> None:
    mine = await machines.claim("p", "1", owner="me", now=NOW, length=MINUTE)

    assert mine is not None
    assert await machines.claim("p", "1", owner="you", now=NOW, length=MINUTE) is None
    theirs = await machines.claim("p", "1", owner="you", now=NOW + MINUTE, length=MINUTE)
    assert theirs is not None
    assert theirs.fence > mine.fence


async def test_renewing_raises_the_fence(machines: MachineStore) -> None:
    first = await machines.claim("p", "1", owner="me", now=NOW, length=MINUTE)
    again = await machines.claim("p", "1", owner="me", now=NOW, length=2 * MINUTE)

    assert first is not None
    assert again is not None
    assert again.fence > first.fence
    assert again.until == NOW + 2 * MINUTE


async def test_a_lost_lease_cannot_finish(machines: MachineStore) -> None:
    made = await machines.insert("p", "1", state="new", group="g", data={})
    lost = await machines.claim("p", "1", owner="me", now=NOW, length=MINUTE)
    held = await machines.claim("p", "1", owner="you", now=NOW + MINUTE, length=MINUTE)

    with pytest.raises(Stale):
        await machines.compare_and_set(made, state="done", data={}, lease=lost)
    done = await machines.compare_and_set(made, state="done", data={}, lease=held)
    assert done.state == "done"


async def test_a_released_lease_is_free_and_its_fence_stays(machines: MachineStore) -> None:
    mine = await machines.claim("p", "1", owner="me", now=NOW, length=MINUTE)
    assert mine is not None
    await machines.release(mine)

    theirs = await machines.claim("p", "1", owner="you", now=NOW, length=MINUTE)
    assert theirs is not None
    assert theirs.fence > mine.fence
    await machines.release(mine)
    assert await machines.claim("p", "1", owner="me", now=NOW, length=MINUTE) is None


async def test_scan_selects_and_goes_page_by_page(machines: MachineStore) -> None:
    for key, state, group in (("1", "a", "x"), ("2", "b", "x"), ("3", "a", "y"), ("4", "a", "x")):
        await machines.insert("p", key, state=state, group=group, data={})
    await machines.insert("q", "5", state="a", group="x", data={})

    async def keys(**wanted: str) -> list[str]:
        return [row.key for row in await machines.scan("p", **wanted)]  # type: ignore[arg-type]

    assert await keys() == ["1", "2", "3", "4"]
    assert await keys(state="a") == ["1", "3", "4"]
    assert await keys(group="x") == ["1", "2", "4"]
    assert await keys(state="a", group="x") == ["1", "4"]
    first = await machines.scan("p", limit=2)
    rest = await machines.scan("p", after=first[-1].key, limit=2)
    assert [row.key for row in [*first, *rest]] == ["1", "2", "3", "4"]


async def test_what_is_handed_out_is_a_copy(machines: MachineStore) -> None:
    await machines.insert("p", "1", state="new", group="g", data={"list": [1]})
    read = await machines.get("p", "1")
    assert read is not None
    read.data["list"].append(2)

    again = await machines.get("p", "1")
    assert again is not None
    assert again.data == {"list": [1]}
