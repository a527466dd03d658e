from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from homarus.core.scopes import Role
from homarus.testing.api import BASE, Installation
from homarus.testing.clock import VirtualClock

ORIGIN = {"origin": BASE}
PASSWORD = "a long enough password"


async def test_the_first_start_makes_one_owner_with_two_ways_in(
    both_installation: Installation,
) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as cli:
        me = (await cli.get("/v1/me")).json()
        users = (await cli.get("/v1/users")).json()["items"]
    assert (me["id"], me["email"], me["has_password"]) == (
        ours.owner.id,
        "owner@example.test",
        False,
    )
    assert (me["workspace_name"], me["grants"]) == ("default", [{"role": "owner", "fleet": None}])
    assert [(u["email"], u["grants"]) for u in users] == [
        ("owner@example.test", [{"role": "owner", "fleet": None}])
    ]

    again = await ours.foundation.bootstrap.first_start(email="x@y", name="x")
    assert again is None
    assert (await ours.foundation.bootstrap.owner()).id == ours.owner.id
    for token in (ours.owner_token, await ours.foundation.bootstrap.new_cli_token()):
        async with ours.client(token) as cli:
            assert (await cli.get("/v1/me")).status_code == 200


async def test_a_login_link_works_once(both_installation: Installation) -> None:
    ours = both_installation
    async with ours.client() as browser:
        first = await browser.post("/v1/login/link", json={"token": ours.login_link})
        assert first.status_code == 200
        assert (await browser.get("/v1/me")).json()["id"] == ours.owner.id
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie

        again = await browser.post("/v1/login/link", json={"token": ours.login_link})
        assert (again.status_code, again.json()["code"]) == (401, "unauthenticated")

        assert (await browser.post("/v1/logout", headers=ORIGIN)).status_code == 204
        browser.cookies.set("homarus", cookie.split("=")[1].split(";")[0])
        assert (await browser.get("/v1/me")).status_code == 401


async def test_a_login_link_ends_after_half_an_hour(
    installation: Installation, clock: VirtualClock
) -> None:
    await clock.advance(timedelta(minutes=31))
    async with installation.client() as browser:
        late = await browser.post("/v1/login/link", json={"token": installation.login_link})
        assert late.status_code == 401


async def test_a_session_ends_after_a_week(installation: Installation, clock: VirtualClock) -> None:
    async with installation.client() as browser:
        await browser.post("/v1/login/link", json={"token": installation.login_link})
        await clock.advance(timedelta(days=8))
        assert (await browser.get("/v1/me")).status_code == 401


async def _with_password(ours: Installation) -> None:
    async with ours.client() as browser:
        await browser.post("/v1/login/link", json={"token": ours.login_link})
        answer = await browser.put("/v1/me/password", json={"password": PASSWORD}, headers=ORIGIN)
        assert answer.status_code == 204
        assert (await browser.get("/v1/me")).status_code == 401, "all sessions end"


async def _try(ours: Installation, password: str, email: str = "owner@example.test") -> int:
    async with ours.client() as browser:
        body = {"email": email, "password": password}
        return (await browser.post("/v1/login", json=body)).status_code


async def test_a_password_logs_in_and_is_stored_hashed(both_installation: Installation) -> None:
    ours = both_installation
    await _with_password(ours)

    assert await _try(ours, PASSWORD) == 200
    assert await _try(ours, PASSWORD, "OWNER@example.test ".strip()) == 200
    assert await _try(ours, "wrong") == 401
    assert await _try(ours, PASSWORD, "nobody@example.test") == 401
    async with ours.store.read() as session:
        user = await ours.foundation.users.get(session, ours.owner, ours.owner.id)
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$")


async def test_changing_the_password_needs_the_current_one(installation: Installation) -> None:
    await _with_password(installation)
    async with installation.client() as browser:
        await browser.post("/v1/login", json={"email": "owner@example.test", "password": PASSWORD})
        body = {"password": "another long password", "current": "wrong"}
        assert (await browser.put("/v1/me/password", json=body, headers=ORIGIN)).status_code == 403
        body["current"] = PASSWORD
        assert (await browser.put("/v1/me/password", json=body, headers=ORIGIN)).status_code == 204
    assert await _try(installation, PASSWORD) == 401
    assert await _try(installation, "another long password") == 200


async def test_a_token_cannot_change_the_password(installation: Installation) -> None:
    async with installation.client(installation.owner_token) as cli:
        answer = await cli.put("/v1/me/password", json={"password": PASSWORD})
        assert answer.status_code == 403


async def test_guessing_is_slowed_down_and_forgiven_by_time(
    installation: Installation, clock: VirtualClock
) -> None:
    await _with_password(installation)
    assert [await _try(installation, "wrong") for _ in range(7)] == [401] * 6 + [429]
    assert await _try(installation, PASSWORD) == 429, "the right one has to wait too"

    await clock.advance(timedelta(seconds=3))
    assert await _try(installation, PASSWORD) == 200


async def _try_from(ours: Installation, address: str, email: str, password: str) -> int:
    transport = httpx2.ASGITransport(app=ours.app, client=(address, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as browser:
        body = {"email": email, "password": password}
        return (await browser.post("/v1/login", json=body)).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_bots_of_this_machine_lock_out_nobody_else(
    installation: Installation, address: str
) -> None:
    await _with_password(installation)
    tried = [await _try_from(installation, address, f"{n}@x.test", "wrong") for n in range(10)]
    assert set(tried) == {401}
    assert await _try_from(installation, address, "owner@example.test", PASSWORD) == 200
    guessed = [await _try_from(installation, address, "ann@x.test", "wrong") for _ in range(7)]
    assert guessed[-1] == 429, "an account is still guarded"


async def test_an_address_elsewhere_is_slowed_down_over_all_accounts(
    installation: Installation,
) -> None:
    tried = [await _try_from(installation, "192.0.2.7", f"{n}@x.test", "no") for n in range(7)]
    assert tried == [401] * 6 + [429]
    assert await _try_from(installation, "192.0.2.8", "7@x.test", "no") == 401


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
async def test_a_good_link_works_whatever_came_before_it(
    installation: Installation, address: str
) -> None:
    for n in range(10):
        await _try_from(installation, address, f"{n}@x.test", "wrong")
    transport = httpx2.ASGITransport(app=installation.app, client=(address, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as browser:
        for _ in range(10):
            bad = await browser.post("/v1/login/link", json={"token": "hlk_made_up"})
            assert bad.status_code == 401
        good = await browser.post("/v1/login/link", json={"token": installation.login_link})
        assert good.status_code == 200


async def test_users_are_made_changed_and_removed(both_installation: Installation) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as owner:
        body = {"email": "Ann@Example.test", "name": "Ann", "grants": [{"role": "viewer"}]}
        made = (await owner.post("/v1/users", json=body)).json()
        assert made["email"] == "ann@example.test"
        assert (await owner.post("/v1/users", json=body)).status_code == 409

        change = {"grants": [{"role": "operator", "fleet": "f"}, {"role": "viewer"}]}
        changed = (await owner.patch(f"/v1/users/{made['id']}", json=change)).json()
        assert {(g["role"], g["fleet"]) for g in changed["grants"]} == {
            ("operator", "f"),
            ("viewer", None),
        }
        link = (await owner.post(f"/v1/users/{made['id']}/login-link")).json()
        async with ours.client() as browser:
            answer = await browser.post("/v1/login/link", json={"token": link["token"]})
            assert answer.json()["user_id"] == made["id"]

            assert (await owner.delete(f"/v1/users/{made['id']}")).status_code == 204
            assert (await browser.get("/v1/me")).status_code == 401
        assert (await owner.get(f"/v1/users/{made['id']}")).status_code == 404


async def test_the_last_owner_stays(both_installation: Installation) -> None:
    ours = both_installation
    async with ours.client(ours.owner_token) as owner:
        path = f"/v1/users/{ours.owner.id}"
        assert (await owner.delete(path)).status_code == 409
        assert (await owner.patch(path, json={"grants": []})).status_code == 409
        assert (await owner.patch(path, json={"name": "New"})).json()["name"] == "New"


async def test_an_admin_cannot_become_owner_by_any_way(installation: Installation) -> None:
    admin, token = await installation.add_user("admin", Role.ADMIN)
    owner_path = f"/v1/users/{installation.owner.id}"
    async with installation.client(token) as cli:
        own = await cli.patch(f"/v1/users/{admin.id}", json={"grants": [{"role": "owner"}]})
        new = {"email": "b@example.test", "name": "B", "grants": [{"role": "owner"}]}
        assert own.status_code == 403
        assert (await cli.post("/v1/users", json=new)).status_code == 403
        assert (await cli.post(f"{owner_path}/login-link")).status_code == 403
        assert (await cli.patch(owner_path, json={"name": "x"})).status_code == 403
        assert (await cli.delete(owner_path)).status_code == 403
        new["grants"] = [{"role": "operator"}]
        assert (await cli.post("/v1/users", json=new)).status_code == 201


async def test_strangers_see_nobody_of_ours(installation: Installation) -> None:
    _, token = await installation.add_stranger()
    async with installation.client(token) as stranger:
        assert (await stranger.get(f"/v1/users/{installation.owner.id}")).status_code == 404
        names = [u["name"] for u in (await stranger.get("/v1/users")).json()["items"]]
        assert names == ["Stranger"]


async def test_lists_go_page_by_page(both_installation: Installation) -> None:
    for n in range(5):
        await both_installation.add_user(f"user{n}", Role.VIEWER)
    seen: list[str] = []
    async with both_installation.client(both_installation.owner_token) as owner:
        cursor = ""
        while cursor is not None:
            page = (await owner.get("/v1/users", params={"limit": 2, "cursor": cursor})).json()
            seen += [u["id"] for u in page["items"]]
            cursor = page["next_cursor"]
        assert (await owner.get("/v1/users", params={"cursor": "???"})).status_code == 422
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize("email", ["none", "a@b c", "", "@x"])
async def test_what_is_no_email_is_refused(installation: Installation, email: str) -> None:
    async with installation.client(installation.owner_token) as owner:
        answer = await owner.post("/v1/users", json={"email": email, "name": "x"})
        assert answer.status_code == 422
        assert answer.json()["issues"][0]["path"] == "email"
