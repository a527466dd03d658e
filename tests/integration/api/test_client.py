"""The Python client: streams, pages, and requests whose answer got lost."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from tests.integration.api.conftest import Cli

from homarus.client.api import Api, Event
from homarus.client.credential import Credential
from homarus.core.scopes import Role
from homarus.errors import Unavailable


async def test_events_are_followed_and_resumed(cli: Cli) -> None:
    async def rename(name: str) -> None:
        with Api(Credential(cli.url, cli.ours.owner_token)) as api:
            await asyncio.to_thread(api.patch, "/v1/workspace", {"name": name})

    def first(after: str) -> Event:
        with Api(Credential(cli.url, cli.ours.owner_token)) as api:
            return next(event for event in api.events(after=after))

    numbering = asyncio.create_task(cli.ours.foundation.sequencer.run())
    await rename("one")
    seen = await asyncio.to_thread(first, "0")
    await rename("two")
    then = await asyncio.to_thread(first, seen.id)
    numbering.cancel()
    await asyncio.gather(numbering, return_exceptions=True)

    assert seen.kind == then.kind == "workspace.updated"
    assert seen.data["subject_id"] == cli.ours.owner.workspace_id
    assert int(then.id) == int(seen.id) + 1


async def test_pages_are_walked_to_the_end_or_to_what_was_asked(cli: Cli) -> None:
    for n in range(3):
        await cli.ours.add_user(f"user{n}", Role.VIEWER)

    def names(most: int) -> list[str]:
        with Api(Credential(cli.url, cli.ours.owner_token)) as api:
            return [user["name"] for user in api.pages("/v1/users", most=most)]

    assert len(await asyncio.to_thread(names, 10)) == 4
    assert len(await asyncio.to_thread(names, 2)) == 2


def _flaky(fault: type[httpx2.TransportError]) -> tuple[Api, list[httpx2.Request]]:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if len(seen) == 1:
            raise fault("lost", request=request)
        return httpx2.Response(201, json={"id": "x"})

    transport = httpx2.MockTransport(answer)
    return Api(Credential("http://127.0.0.1:1", "t"), transport=transport), seen


def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    api, seen = _flaky(httpx2.ReadError)
    with api:
        assert api.post("/v1/users", {"a": 1}) == {"id": "x"}
    assert len(seen) == 2
    assert seen[0].headers["idempotency-key"] == seen[1].headers["idempotency-key"]


def test_what_is_not_safe_to_repeat_is_not_repeated() -> None:
    api, seen = _flaky(httpx2.ReadError)
    with api, pytest.raises(Unavailable):
        api.patch("/v1/workspace", {"name": "x"})
    assert len(seen) == 1


def test_a_server_that_is_not_there_is_told_with_a_hint() -> None:
    api, _ = _flaky(httpx2.ConnectError)
    with api, pytest.raises(Unavailable) as refused:
        api.get("/v1/me")
    assert refused.value.hint == "Start it: homarus up"


def test_a_credential_is_not_printed() -> None:
    assert "marked" not in repr(Credential("http://x", "marked-token"))
