"""What people can do with bots, through the API of a whole control plane."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from homarus.core.scopes import Role
from homarus.domains.budget.service import BudgetService
from homarus.domains.call import snapshot
from homarus.domains.provider.service import ProviderService
from homarus.errors import Permanent
from homarus.protocol import supervisor as wire
from homarus.testing.whole import Whole


async def _names(plane: Whole) -> list[str]:
    return sorted(bot["name"] for bot in (await plane.call("GET", "/v1/bots"))["items"])


async def _actions(plane: Whole, bot_id: str) -> list[str]:
    told = await plane.call("GET", f"/v1/audit?subject={bot_id}")
    return [event["action"] for event in told["items"] if event["subject"] == bot_id]


async def _keys(plane: Whole, bot_id: str) -> list[bool]:
    """Whether each key of the bot that gateways know is paused."""
    services = plane.plane.app.state.parts.services
    async with plane.plane.store.read() as session:
        made = await snapshot.read(session, services[BudgetService], services[ProviderService])
    return [key.paused for key in made.tables.keys if key.bot == bot_id]


class TestCreate:
    async def test_a_bot_is_placed_and_its_operation_ends_with_it_running(
        self, plane: Whole
    ) -> None:
        made = await plane.create()
        first = await plane.bot()
        assert (first["state"], first["reason"]) == ("pending", "being placed")
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        welcome = await supervisor.connect()
        await supervisor.report(wire.RunState.INSTALLING, "downloading")
        await plane.work()
        assert (await plane.operation(made))["state"] == "running"
        await supervisor.up(welcome)
        await plane.work()

        shown = await plane.bot()
        assert (shown["state"], shown["reason"], shown["revision"]) == ("running", "", 1)
        operation = await plane.operation(made)
        assert (operation["kind"], operation["state"]) == ("bot.create", "succeeded")
        assert "provisioning: downloading" in [s["words"] for s in operation["steps"]]
        assert await _actions(plane, made["id"]) == ["bot.create"]

    async def test_an_idempotency_key_makes_one_bot(self, plane: Whole) -> None:
        key = {"idempotency-key": "k1"}
        first = await plane.call("POST", "/v1/bots", plane.spec(), headers=key)
        again = await plane.call("POST", "/v1/bots", plane.spec(), headers=key)
        assert again["id"] == first["id"]
        assert await _names(plane) == ["hello"]

    async def test_a_name_is_taken_once(self, plane: Whole) -> None:
        await plane.create()
        refused = await plane.call("POST", "/v1/bots", plane.spec(), status=409)
        assert refused["code"] == "conflict"

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            ({"runtime": {"name": "ecko"}}, "runtime.name"),
            ({"runtime": {"name": "echo", "version": "0"}}, "runtime.version"),
            ({"target": "moon"}, "target"),
            ({"model": "dmeo"}, "model"),
            ({"secrets": ["ABSENT"]}, "secrets[0]"),
            (
                {"resources": {"memory_mb": 64}, "runtime": {"name": "openclaw"}},
                "resources.memory_mb",
            ),
        ],
    )
    async def test_what_is_not_known_here_is_named(
        self, plane: Whole, wrong: dict[str, Any], path: str
    ) -> None:
        refused = await plane.call("POST", "/v1/bots", plane.spec(**wrong), status=422)
        assert refused["issues"][0]["path"] == path
        assert await _names(plane) == []

    async def test_a_stopped_bot_is_never_placed(self, plane: Whole) -> None:
        made = await plane.create(desired="stopped")
        await plane.work()
        assert (await plane.bot())["state"] == "stopped"
        assert (await plane.operation(made))["state"] == "succeeded"
        await plane.call("GET", "/v1/bots/hello/placement", status=404)

    async def test_a_start_that_can_never_work_fails_with_its_reason(self, plane: Whole) -> None:
        plane.target.script.refuse_start = Permanent("There is no room here.")
        made = await plane.create()
        await plane.work()
        assert (await plane.bot())["state"] == "failed"
        operation = await plane.operation(made)
        assert (operation["state"], operation["error"]) == ("failed", "There is no room here.")
        plane.target.script.refuse_start = None
        await plane.call("POST", "/v1/bots/hello/start")
        await plane.work()
        assert (await plane.bot())["state"] == "provisioning"

    async def test_its_budget_is_found_by_its_id(self, plane: Whole) -> None:
        made = await plane.create("one", budget={"limit_usd": 2, "period": "month"})
        await plane.create("two")
        found = await plane.call("GET", f"/v1/budgets?scope={made['id']}")
        assert [(b["scope_id"], b["limit_usd"]) for b in found["items"]] == [(made["id"], "2")]


class TestEdit:
    async def test_an_edit_of_an_older_version_is_refused(self, plane: Whole) -> None:
        await plane.create()
        edit = {"spec": plane.spec(persona="x"), "version": 1}
        await plane.call("PUT", "/v1/bots/hello", edit)
        refused = await plane.call("PUT", "/v1/bots/hello", edit, status=409)
        assert refused["code"] == "stale"

    async def test_an_equal_spec_makes_nothing(self, plane: Whole) -> None:
        await plane.create()
        same = await plane.call("PUT", "/v1/bots/hello", {"spec": (await plane.bot())["spec"]})
        assert (same["outcome"], same["changes"], same["operation_id"]) == ("unchanged", [], None)
        assert (await plane.bot())["version"] == 1
        assert len((await plane.call("GET", "/v1/bots/hello/revisions"))["items"]) == 1

    async def test_a_label_makes_a_revision_that_runs_the_same(self, plane: Whole) -> None:
        await plane.running()
        before = await plane.bot()
        edit = {"spec": plane.spec(labels={"team": "a"})}
        changed = await plane.call("PUT", "/v1/bots/hello", edit)
        after = await plane.bot()
        assert [c["path"] for c in changed["changes"]] == ["labels.team"]
        assert after["digest"] == before["digest"]
        assert (before["revision"], after["revision"]) == (1, 2)
        await plane.work()
        assert (await plane.bot())["reason"] == ""
        assert (await plane.operation(changed))["state"] == "succeeded"

    async def test_an_edit_ends_when_the_new_unit_runs(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        edited = await plane.call("PUT", "/v1/bots/hello", {"spec": plane.spec(persona="new")})
        pointer = (await supervisor.hear(wire.Desired)).pointer
        await plane.work()
        assert (await plane.bot())["reason"] == "taking the newest revision"
        assert (await plane.operation(edited))["state"] == "running"
        await supervisor.up_to(pointer)
        await plane.work()
        assert (await plane.operation(edited))["state"] == "succeeded"

    async def test_a_refused_unit_degrades_and_says_why(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        old = (await supervisor.connect()).desired
        await plane.call("PUT", "/v1/bots/hello", {"spec": plane.spec(persona="new")})
        pointer = (await supervisor.hear(wire.Desired)).pointer
        issues = (("settings.x", "is unknown"),)
        await supervisor.report(
            wire.RunState.RUNNING, applied=old.digest, rejected=pointer.digest, issues=issues
        )
        await plane.work()
        shown = await plane.bot()
        assert (shown["state"], shown["reason"]) == ("degraded", "settings.x: is unknown")

    async def test_a_bot_keeps_its_name(self, plane: Whole) -> None:
        await plane.create()
        edit = {"spec": plane.spec("other")}
        await plane.call("PUT", "/v1/bots/hello", edit, status=409)

    async def test_whoever_edits_does_not_become_the_owner(self, plane: Whole) -> None:
        await plane.create()
        _, token = await plane.ours.add_user("ann", Role.OPERATOR)
        edit = {"spec": plane.spec(persona="x")}
        await plane.call("PUT", "/v1/bots/hello", edit, token=token)
        assert (await plane.bot())["owner_id"] == plane.ours.owner.id
        edit = {"spec": plane.spec(persona="x", owner="ann@example.test")}
        await plane.call("PUT", "/v1/bots/hello", edit)
        assert (await plane.bot())["owner_id"] != plane.ours.owner.id
        edit = {"spec": plane.spec(persona="x", owner="nobody@example.test")}
        refused = await plane.call("PUT", "/v1/bots/hello", edit, status=422)
        assert refused["issues"][0]["path"] == "owner"


class TestApply:
    async def test_all_or_nothing(self, plane: Whole) -> None:
        good, bad = _manifest(plane, "good"), _manifest(plane, "bad", model="absent")
        await plane.call("POST", "/v1/apply", {"manifests": [good, bad]}, status=422)
        assert await _names(plane) == []

    async def test_created_changed_unchanged(self, plane: Whole) -> None:
        same, other = _manifest(plane, "same"), _manifest(plane, "other")
        await plane.call("POST", "/v1/apply", {"manifests": [same, other]})
        changed = {**other, "persona": "new"}
        body = {"manifests": [same, changed, _manifest(plane, "third")]}
        applied = await plane.call("POST", "/v1/apply", body)
        assert [(i["name"], i["outcome"]) for i in applied["items"]] == [
            ("same", "unchanged"),
            ("other", "changed"),
            ("third", "created"),
        ]

    async def test_a_dry_run_shows_the_diff_and_does_nothing(self, plane: Whole) -> None:
        await plane.create()
        changed = _manifest(plane, "hello", tools={"exec": "full"}, desired="paused")
        body = {"manifests": [changed, _manifest(plane, "new")], "dry_run": True}
        items = (await plane.call("POST", "/v1/apply", body))["items"]
        assert [i["outcome"] for i in items] == ["changed", "created"]
        assert items[0]["changes"] == [
            {"path": "desired", "before": "running", "after": "paused"},
            {"path": "tools.exec", "before": "deny", "after": "full"},
        ]
        assert await _names(plane) == ["hello"]
        assert (await plane.bot())["version"] == 1


def _manifest(plane: Whole, name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "bot", **plane.spec(name, **more)}


class TestVerbs:
    @pytest.mark.parametrize(
        ("verb", "desired", "told"),
        [
            ("start", "running", "bot.start"),
            ("resume", "running", "bot.start"),
            ("pause", "paused", "bot.pause"),
            ("stop", "stopped", "bot.stop"),
            ("restart", "running", "bot.restart"),
            ("redeploy", "running", "bot.redeploy"),
            ("kill", "stopped", "bot.kill"),
        ],
    )
    async def test_a_verb_changes_what_is_wished_and_is_written_down(
        self, plane: Whole, verb: str, desired: str, told: str
    ) -> None:
        made = await plane.create()
        await plane.call("POST", f"/v1/bots/hello/{verb}")
        assert (await plane.bot())["desired"] == desired
        assert sorted(await _actions(plane, made["id"])) == sorted(["bot.create", told])

    async def test_asking_for_what_is_so_already_ends_at_once(self, plane: Whole) -> None:
        _, _supervisor = await plane.running()
        asked = await plane.call("POST", "/v1/bots/hello/start")
        await plane.work()
        assert (await plane.operation(asked))["state"] == "succeeded"
        assert (await plane.bot())["reason"] == ""
        for _ in range(2):
            asked = await plane.call("POST", "/v1/bots/hello/stop")
            await plane.work()
            assert (await plane.operation(asked))["state"] == "succeeded"
        assert (await plane.bot())["state"] == "stopped"
        asked = await plane.call("POST", "/v1/bots/hello/kill")
        await plane.work()
        operation = asked["bots"][0]
        assert (await plane.operation(operation))["state"] == "succeeded"

    async def test_a_restart_ends_when_the_new_process_runs(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        asked = await plane.call("POST", "/v1/bots/hello/restart")
        pointer = (await supervisor.hear(wire.Desired)).pointer
        await plane.work()
        assert (await plane.bot())["reason"] == "restarting"
        assert (await plane.operation(asked))["state"] == "running"
        await supervisor.up_to(pointer)
        await plane.work()
        assert (await plane.operation(asked))["state"] == "succeeded"

    async def test_a_newer_request_takes_the_place_of_the_older(self, plane: Whole) -> None:
        made = await plane.create()
        stopped = await plane.call("POST", "/v1/bots/hello/stop")
        assert (await plane.operation(made))["state"] == "superseded"
        await plane.work()
        assert (await plane.operation(stopped))["state"] == "succeeded"

    @pytest.mark.parametrize("verb", ["restart", "redeploy", "pause"])
    async def test_a_stopped_bot_must_be_started_first(self, plane: Whole, verb: str) -> None:
        await plane.create(desired="stopped")
        refused = await plane.call("POST", f"/v1/bots/hello/{verb}", status=409)
        assert refused["hint"] == "homarus bot start hello"

    async def test_start_gives_a_supervisor_that_gave_up_another_try(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        before = (await supervisor.connect()).desired
        await supervisor.report(wire.RunState.FAILED, "it ended 5 times")
        await plane.work()
        assert (await plane.bot())["state"] == "failed"
        asked = await plane.call("POST", "/v1/bots/hello/start")
        pointer = (await supervisor.hear(wire.Desired)).pointer
        assert pointer.restart_nonce > before.restart_nonce
        await supervisor.up_to(pointer)
        await plane.work()
        assert (await plane.operation(asked))["state"] == "succeeded"

    async def test_pause_and_resume_reach_the_keys(self, plane: Whole) -> None:
        made, _ = await plane.running()
        assert await _keys(plane, made["id"]) == [False]
        await plane.call("POST", "/v1/bots/hello/pause")
        assert await _keys(plane, made["id"]) == [True]
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        assert await _keys(plane, made["id"]) == [True], "a successor is paused from birth"
        await plane.call("POST", "/v1/bots/hello/resume")
        assert await _keys(plane, made["id"]) == [False]


class TestKill:
    async def test_keys_are_dead_before_anything_is_stopped(self, plane: Whole) -> None:
        made, _ = await plane.running()
        killed = await plane.call("POST", "/v1/bots/hello/kill")
        assert killed["keys_dead"] is True
        assert await _keys(plane, made["id"]) == []
        assert plane.target.platform.states[plane.unit(made["id"]).nonce] == "alive"
        await plane.work()
        assert plane.target.platform.states[plane.unit(made["id"]).nonce] == "gone"

    async def test_started_again_at_once_it_gets_keys_that_live(self, plane: Whole) -> None:
        made, _ = await plane.running()
        await plane.call("POST", "/v1/bots/hello/kill")
        await plane.call("POST", "/v1/bots/hello/start")
        await plane.work()
        assert plane.unit(made["id"]).generation == 2
        assert await _keys(plane, made["id"]) == [False]

    async def test_all_kills_only_where_the_caller_may(self, plane: Whole) -> None:
        await plane.create("one", fleet="lab")
        await plane.create("two", fleet="prod")
        _, token = await plane.ours.add_user("ann", Role.OPERATOR, fleet="lab")
        killed = await plane.call("POST", "/v1/kill", token=token)
        assert [bot["name"] for bot in killed["bots"]] == ["one"]
        assert (await plane.bot("two"))["desired"] == "running"
        assert len((await plane.call("POST", "/v1/kill"))["bots"]) == 2


class TestDelete:
    async def test_a_tombstone_is_left_and_the_name_is_free(self, plane: Whole) -> None:
        made, _ = await plane.running()
        asked = await plane.call("DELETE", "/v1/bots/hello")
        assert (await plane.bot())["deleting"]
        for refused in ("start", "stop", "restart"):
            await plane.call("POST", f"/v1/bots/hello/{refused}", status=409)
        await plane.work()
        assert (await plane.operation(asked))["state"] == "succeeded"
        await plane.call("GET", "/v1/bots/hello", status=404)
        assert (await plane.bot(made["id"]))["name"] == "hello"
        assert plane.target.platform.destroyed == [made["id"]]
        assert (await plane.create())["id"] != made["id"]
        assert {"bot.remove", "bot.delete"} <= set(await _actions(plane, made["id"]))

    @pytest.mark.parametrize(
        ("method", "path"),
        [("DELETE", ""), ("POST", "/kill"), ("POST", "/start"), ("POST", "/stop")],
    )
    async def test_nothing_can_be_done_with_a_tombstone(
        self, plane: Whole, method: str, path: str
    ) -> None:
        made = await plane.create()
        await plane.call("DELETE", "/v1/bots/hello")
        await plane.work()
        await plane.call(method, f"/v1/bots/{made['id']}{path}", status=404)


class TestWhatABotMayBeGiven:
    """``bot:write`` on one fleet gives a bot nothing that reaches beyond that fleet."""

    @pytest.fixture
    async def lab(self, plane: Whole) -> str:
        """A token of an operator of the fleet lab, where a bot is; there is a secret too."""
        await plane.create("mine", fleet="lab", budget={"limit_usd": 2, "period": "day"})
        await plane.call("PUT", "/v1/secrets/PROD_TOKEN", {"value": "v"})
        _, token = await plane.ours.add_user("ann", Role.OPERATOR, fleet="lab")
        return token

    @pytest.mark.parametrize(
        "wanted",
        [
            {"secrets": ["PROD_TOKEN"]},
            {"secrets": ["NO_SUCH_THING"]},
            {"isolation": "plain"},
            {"budget": {"limit_usd": 1000, "period": "day"}},
            {"budget": {"limit_usd": 1, "period": "total"}},
        ],
    )
    async def test_more_than_the_fleet_is_refused(
        self, plane: Whole, lab: str, wanted: dict[str, Any]
    ) -> None:
        create = plane.spec("new", fleet="lab", **wanted)
        edit = {"spec": plane.spec("mine", fleet="lab", **wanted)}
        manifest = {"manifests": [{"kind": "bot", **create}]}
        refused = await plane.call("POST", "/v1/bots", create, token=lab, status=403)
        await plane.call("PUT", "/v1/bots/mine", edit, token=lab, status=403)
        for dry_run in (True, False):
            body = {**manifest, "dry_run": dry_run}
            await plane.call("POST", "/v1/apply", body, token=lab, status=403)
        assert "PROD_TOKEN" not in str(refused)
        assert await _names(plane) == ["mine"]

    async def test_less_money_is_theirs_to_say(self, plane: Whole, lab: str) -> None:
        lower = {"spec": plane.spec("mine", fleet="lab", budget={"limit_usd": 1, "period": "day"})}
        await plane.call("PUT", "/v1/bots/mine", lower, token=lab)

    async def test_a_route_in_no_format_of_the_runtime_is_refused(self, plane: Whole) -> None:
        provider = {"name": "claude", "type": "anthropic"}
        await plane.call("POST", "/v1/providers", provider, status=201)
        price = {"input": 1, "cached_read": 1, "cache_write": 1, "output": 1}
        route = {"name": "smart", "provider": "claude", "model": "m", "price": price}
        await plane.call("PUT", "/v1/routes", route)
        spec = plane.spec("echoing", model="smart")
        refused = await plane.call("POST", "/v1/bots", spec, status=422)
        assert "served in anthropic; echo speaks openai" in refused["detail"]
        talks = plane.spec("talks", model="smart", resources={"memory_mb": 1200})
        talks |= {"runtime": {"name": "openclaw"}}
        await plane.call("POST", "/v1/bots", talks, status=201)


class TestFleets:
    async def test_a_grant_on_a_fleet_moves_no_bot_in_or_out(self, plane: Whole) -> None:
        await plane.create("mine", fleet="lab")
        await plane.create("theirs", fleet="prod")
        _, token = await plane.ours.add_user("ann", Role.OPERATOR, fleet="lab")

        async def apply(name: str, fleet: str, status: int, *, dry_run: bool = False) -> None:
            body = {"manifests": [_manifest(plane, name, fleet=fleet)], "dry_run": dry_run}
            await plane.call("POST", "/v1/apply", body, token=token, status=status)

        for dry_run in (True, False):
            await apply("mine", "prod", 403, dry_run=dry_run)
            await apply("theirs", "lab", 404, dry_run=dry_run)
            await apply("new", "prod", 403, dry_run=dry_run)
        edit = {"spec": plane.spec("mine", fleet="prod")}
        await plane.call("PUT", "/v1/bots/mine", edit, token=token, status=403)
        create = plane.spec("new", fleet="prod")
        await plane.call("POST", "/v1/bots", create, token=token, status=403)
        assert (await plane.bot("mine"))["fleet"] == "lab"
        assert (await plane.bot("theirs"))["fleet"] == "prod"
        assert await _names(plane) == ["mine", "theirs"]
        await apply("mine", "lab", 200)

    async def test_others_see_nothing(self, plane: Whole) -> None:
        made, _ = await plane.running("mine", fleet="lab")
        turn = await plane.call("POST", "/v1/bots/mine/turns", {"text": "hi"})
        _, stranger = await plane.ours.add_stranger()
        _, elsewhere = await plane.ours.add_user("ann", Role.OPERATOR, fleet="prod")
        for token in (stranger, elsewhere):
            for ref in ("mine", made["id"]):
                for path in ("", "/placement", "/revisions", "/turns", "/logs"):
                    await plane.call("GET", f"/v1/bots/{ref}{path}", token=token, status=404)
                for verb in ("start", "kill", "redeploy"):
                    await plane.call("POST", f"/v1/bots/{ref}/{verb}", token=token, status=404)
                await plane.call("DELETE", f"/v1/bots/{ref}", token=token, status=404)
            await plane.call("GET", f"/v1/turns/{turn['id']}", token=token, status=404)
            assert (await plane.call("GET", "/v1/bots", token=token))["items"] == []

    async def test_who_may_only_look_may_only_look(self, plane: Whole) -> None:
        await plane.create()
        _, token = await plane.ours.add_user("ann", Role.VIEWER)
        assert (await plane.call("GET", "/v1/bots/hello", token=token))["name"] == "hello"
        await plane.call("POST", "/v1/bots/hello/stop", token=token, status=403)

    async def test_lists_are_chosen_by_state_and_fleet(self, plane: Whole) -> None:
        await plane.create("one", fleet="lab")
        await plane.create("two", fleet="prod", desired="stopped")
        await plane.work()
        for query, names in (("fleet=lab", ["one"]), ("state=stopped", ["two"])):
            found = await plane.call("GET", f"/v1/bots?{query}")
            assert [bot["name"] for bot in found["items"]] == names


async def test_an_unasked_end_is_counted_and_the_bot_placed_again(plane: Whole) -> None:
    made, _ = await plane.running()
    for generation in range(1, 5):
        assert plane.unit(made["id"]).generation == generation
        plane.target.platform.kill(plane.unit(made["id"]).nonce)
        await plane.work()
        await plane.clock.advance(timedelta(seconds=60))
        await plane.work()
    plane.target.platform.kill(plane.unit(made["id"]).nonce)
    await plane.work()
    shown = await plane.bot()
    assert shown["state"] == "failed"
    assert "5 times within 10 minutes" in shown["reason"]
