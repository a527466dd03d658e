from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from homarus.core.scopes import Role
from homarus.domains.token.tables import ApiToken
from homarus.testing.api import Installation
from homarus.testing.clock import VirtualClock


async def test_a_token_is_shown_once_and_stored_hashed(both_installation: Installation) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as owner:
        key = {"idempotency-key": "k1"}
        made = (await owner.post("/v1/tokens", json={"name": "ci"}, headers=key)).json()
        again = (await owner.post("/v1/tokens", json={"name": "ci"}, headers=key)).json()
        listed = await owner.get("/v1/tokens")

    assert made["secret"].startswith("hom_")
    assert again == {**made, "secret": None}
    assert made["secret"] not in listed.text
    async with ours.store.read() as session:
        rows = (await session.scalars(select(ApiToken))).all()
    assert all(made["secret"] not in repr(vars(row)) for row in rows)


async def test_a_token_holds_what_it_was_given_and_no_more(installation: Installation) -> None:
    async with installation.client(installation.owner_token) as owner:
        body = {"name": "narrow", "scopes": ["user:read", "token:write"]}
        token = (await owner.post("/v1/tokens", json=body)).json()["secret"]
    async with installation.client(token) as narrow:
        assert (await narrow.get("/v1/users")).status_code == 200
        assert (await narrow.get("/v1/audit")).status_code == 403
        wider = {"name": "wider", "scopes": ["audit:read"]}
        assert (await narrow.post("/v1/tokens", json=wider)).status_code == 403
        same = (await narrow.post("/v1/tokens", json={"name": "same"})).json()
        assert same["scopes"] == ["token:write", "user:read"]


async def test_a_narrow_token_cannot_become_a_session(installation: Installation) -> None:
    async with installation.client(installation.owner_token) as owner:
        body = {"name": "narrow", "scopes": ["user:read", "user:write"]}
        token = (await owner.post("/v1/tokens", json=body)).json()["secret"]
    async with installation.client(token) as narrow:
        own = f"/v1/users/{installation.owner.id}"
        assert (await narrow.get(own)).status_code == 200
        assert (await narrow.post(f"{own}/login-link")).status_code == 403
        assert (await narrow.patch(own, json={"name": "x"})).status_code == 403


async def test_a_token_loses_what_its_user_loses(installation: Installation) -> None:
    who, token = await installation.add_user("ann", Role.AUDITOR)
    async with installation.client(token) as ann:
        assert (await ann.get("/v1/audit")).status_code == 200
        async with installation.client(installation.owner_token) as owner:
            change = {"grants": [{"role": "viewer"}]}
            await owner.patch(f"/v1/users/{who.id}", json=change)
            assert (await ann.get("/v1/audit")).status_code == 403
            await owner.delete(f"/v1/users/{who.id}")
        assert (await ann.get("/v1/me")).status_code == 401


async def test_a_revoked_token_is_dead_at_once(both_installation: Installation) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as owner:
        made = (await owner.post("/v1/tokens", json={"name": "ci"})).json()
        async with ours.client(made["secret"]) as other:
            assert (await other.get("/v1/me")).status_code == 200
            assert (await owner.delete(f"/v1/tokens/{made['id']}")).status_code == 204
            assert (await owner.delete(f"/v1/tokens/{made['id']}")).status_code == 204
            assert (await other.get("/v1/me")).status_code == 401
        listed = (await owner.get("/v1/tokens")).json()["items"]
        shown = next(t for t in listed if t["id"] == made["id"])
        assert shown["revoked_at"] is not None
        assert shown["last_used_at"] is not None


async def test_a_token_expires(installation: Installation, clock: VirtualClock) -> None:
    async with installation.client(installation.owner_token) as owner:
        made = (await owner.post("/v1/tokens", json={"name": "ci", "days": 1})).json()
    async with installation.client(made["secret"]) as cli:
        assert (await cli.get("/v1/me")).status_code == 200
        await clock.advance(timedelta(days=1))
        assert (await cli.get("/v1/me")).status_code == 401


async def test_tokens_of_others_are_for_who_may_change_them(installation: Installation) -> None:
    ann, ann_token = await installation.add_user("ann", Role.OPERATOR)
    _, bob_token = await installation.add_user("bob", Role.OPERATOR)
    _, stranger_token = await installation.add_stranger()
    async with installation.client(ann_token) as cli:
        tok = (await cli.get("/v1/tokens")).json()["items"][0]["id"]
    for token, status in (
        (bob_token, 404),
        (stranger_token, 404),
        (installation.owner_token, 204),
    ):
        async with installation.client(token) as cli:
            listed = await cli.get("/v1/tokens", params={"user_id": ann.id})
            assert listed.status_code == (200 if status == 204 else 404)
            assert (await cli.delete(f"/v1/tokens/{tok}")).status_code == status


async def test_unknown_scopes_are_named(installation: Installation) -> None:
    async with installation.client(installation.owner_token) as owner:
        answer = await owner.post("/v1/tokens", json={"name": "x", "scopes": ["bot:reed"]})
        assert answer.status_code == 422
        assert "bot:reed" in answer.json()["detail"]
