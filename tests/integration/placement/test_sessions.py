"""Enrolment, sessions, fencing and pointers, through the public endpoints."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homarus.protocol import supervisor as wire
from homarus.testing.whole import Closed, Whole

RUNNING, PAUSED, STOPPED = wire.RunState.RUNNING, wire.RunState.PAUSED, wire.RunState.STOPPED


class TestEnrolment:
    async def test_a_token_works_again_with_the_same_key_and_with_no_other(
        self, plane: Whole
    ) -> None:
        made = await plane.create()
        await plane.work()
        key, unit = Ed25519PrivateKey.generate(), plane.unit(made["id"])
        first = await plane.enrol(unit, key)
        assert first.subject == f"{made['id']}/1"
        assert (await plane.enrol(unit, key)).subject == first.subject
        await plane.enrol(unit, status=401)
        (event,) = await _refusals(plane)
        assert (event["subject"], event["actor"]["kind"]) == (made["id"], "system"), event
        assert "another key" in event["detail"]["why"]

    async def test_nobody_enrols_while_a_session_is_live(self, plane: Whole) -> None:
        made, supervisor = await plane.running()
        unit = plane.unit(made["id"])
        await plane.enrol(unit, supervisor.key, status=409)
        await plane.enrol(unit, status=401)
        events = await _refusals(plane)
        assert [e["subject"] for e in events] == [made["id"]] * 2
        assert {e["detail"]["generation"] for e in events} == {1}
        assert any("connected" in e["detail"]["why"] for e in events)

        await supervisor.taken()
        await supervisor.leave()
        assert (await plane.enrol(unit, supervisor.key)).subject == supervisor.subject
        assert len(await _refusals(plane)) == 2, "a lost answer may be asked for again"

    async def test_a_made_up_token_is_refused(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        await plane.enrol(replace(plane.unit(made["id"]), enrolment_token="x"), status=401)

    async def test_a_token_lives_fifteen_minutes(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        await plane.clock.advance(timedelta(minutes=15))
        await plane.enrol(plane.unit(made["id"]))
        await plane.clock.advance(timedelta(seconds=1))
        await plane.enrol(plane.unit(made["id"]), status=401)

    async def test_a_token_of_a_retired_generation_is_void(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        unit = plane.unit(made["id"])
        await plane.call("POST", "/v1/bots/hello/stop")
        await plane.work()
        await plane.enrol(unit, status=401)

    @pytest.mark.parametrize("key", ["", "AAAA", "no base64!"])
    async def test_only_an_ed25519_key_is_taken(self, plane: Whole, key: str) -> None:
        made = await plane.create()
        await plane.work()
        token = plane.unit(made["id"]).enrolment_token
        body = {"token": token, "public_key": key}
        await plane.call("POST", "/enrol", body, token="", status=401)

    async def test_nonsense_is_invalid(self, plane: Whole) -> None:
        await plane.call("POST", "/enrol", {"token": 1}, token="", status=422)


async def _refusals(plane: Whole) -> Any:
    return (await plane.call("GET", "/v1/audit?action=bot.enrolment_refused"))["items"]


class TestHello:
    async def test_the_signature_must_be_of_the_enrolled_key(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        supervisor.key = Ed25519PrivateKey.generate()
        with pytest.raises(Closed) as refused:
            await supervisor.connect()
        assert refused.value.code == wire.CLOSE_IDENTITY

    async def test_a_signature_of_another_challenge_is_refused(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        old = await supervisor.open()
        await supervisor.open()
        with pytest.raises(Closed) as refused:
            await supervisor.hello(old)
        assert refused.value.code == wire.CLOSE_IDENTITY

    @pytest.mark.parametrize(
        "subject", ["", "nobody", "nobody/1", "{bot}/2", "{bot}/x", "{bot}/²", "{bot}/" + "9" * 30]
    )
    async def test_a_subject_that_never_enrolled_is_refused(
        self, plane: Whole, subject: str
    ) -> None:
        made = await plane.create()
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        supervisor.subject = subject.format(bot=made["id"])
        with pytest.raises(Closed) as refused:
            await supervisor.connect()
        assert refused.value.code == wire.CLOSE_IDENTITY

    async def test_hello_before_enrolment_is_refused(self, plane: Whole) -> None:
        made = await plane.create()
        await plane.work()
        unit = plane.unit(made["id"])
        supervisor = await plane.enrol(replace(unit, enrolment_token="x"), status=401)
        with pytest.raises(Closed) as refused:
            await supervisor.connect()
        assert refused.value.code == wire.CLOSE_IDENTITY

    @pytest.mark.parametrize("words", ["", "{", '{"type":"heartbeat","epoch":1,"digest":""}'])
    async def test_anything_but_hello_is_refused(self, plane: Whole, words: str) -> None:
        made = await plane.create()
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        await supervisor.open()
        supervisor.say_raw(words)
        assert await supervisor.closed() == wire.CLOSE_IDENTITY

    @pytest.mark.parametrize(
        ("versions", "stands"), [((1, 3), True), ((2, 3), False), ((0, 0), False)]
    )
    async def test_versions_must_overlap(
        self, plane: Whole, versions: tuple[int, int], stands: bool
    ) -> None:
        made = await plane.create()
        await plane.work()
        supervisor = await plane.enrol(plane.unit(made["id"]))
        challenge = await supervisor.open()
        if stands:
            assert (await supervisor.hello(challenge, versions=versions)).epoch == 1
            return
        with pytest.raises(Closed) as refused:
            await supervisor.hello(challenge, versions=versions)
        assert refused.value.code == wire.CLOSE_VERSION
        assert "speak version 1" in refused.value.reason


class TestEpochs:
    async def test_a_newer_session_replaces_the_older(self, plane: Whole) -> None:
        _, older = await plane.running()
        newer = older.twin()
        assert (await newer.connect()).epoch == 2
        assert await older.closed() == wire.CLOSE_REPLACED
        assert (await plane.call("GET", "/v1/bots/hello/placement"))["connected"]

    async def test_frames_of_an_older_epoch_are_dropped(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await plane.call("POST", "/v1/bots/hello/turns", {"text": "hi"})
        await supervisor.connect()
        supervisor.epoch = 1
        await supervisor.report(wire.RunState.FAILED, "never seen")
        supervisor.say(wire.Result(1, 1, turn["id"], "done", "never read"))
        supervisor.say(wire.Delta(1, turn["id"], 0, "never read"))
        await supervisor.taken()
        placement = await plane.call("GET", "/v1/bots/hello/placement")
        assert placement["report"]["run"] == "running"
        shown = await plane.call("GET", f"/v1/turns/{turn['id']}")
        assert (shown["state"] in ("queued", "sent"), shown["answer"]) == (True, "")

    async def test_a_lost_session_is_shown_away_after_a_while(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        await supervisor.leave()
        await plane.work()
        assert (await plane.bot())["state"] == "running"
        await plane.clock.advance(timedelta(seconds=46))
        await plane.work()
        shown = await plane.bot()
        assert shown["state"] == "degraded"
        assert "away since" in shown["reason"]
        await supervisor.connect()
        await plane.work()
        assert (await plane.bot())["state"] == "running"


class TestFencing:
    @pytest.mark.parametrize("verb", ["stop", "kill", "redeploy"])
    async def test_a_session_ends_for_good(self, plane: Whole, verb: str) -> None:
        _, supervisor = await plane.running()
        await plane.call("POST", f"/v1/bots/hello/{verb}")
        await plane.work()
        assert await supervisor.closed() == wire.CLOSE_FENCED
        with pytest.raises(Closed) as refused:
            await supervisor.connect()
        assert refused.value.code == wire.CLOSE_FENCED

    async def test_delete_ends_it_too(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        await plane.call("DELETE", "/v1/bots/hello")
        await plane.work()
        assert await supervisor.closed() == wire.CLOSE_FENCED

    async def test_a_redeploy_has_a_new_generation_that_may_speak(self, plane: Whole) -> None:
        made, _ = await plane.running()
        old = plane.unit(made["id"])
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        new = plane.unit(made["id"])
        assert (old.generation, new.generation) == (1, 2)
        assert new.nonce != old.nonce
        successor = await plane.enrol(new)
        assert (await successor.connect()).epoch == 1


class TestPointers:
    async def test_every_change_is_pushed(self, plane: Whole) -> None:
        _, supervisor = await plane.running(persona="one")
        before = (await supervisor.connect()).desired
        assert before.run is RUNNING
        assert before.gateway_url == "http://127.0.0.1:8701"

        spec = plane.spec(persona="two")
        await plane.call("PUT", "/v1/bots/hello", {"spec": spec})
        edited = (await supervisor.hear(wire.Desired)).pointer
        assert edited.digest != before.digest
        assert edited.revision != before.revision

        await plane.call("POST", "/v1/bots/hello/pause")
        assert (await supervisor.hear(wire.Desired)).pointer.run is PAUSED
        await plane.call("POST", "/v1/bots/hello/resume")
        assert (await supervisor.hear(wire.Desired)).pointer == edited
        await plane.call("POST", "/v1/bots/hello/restart")
        restarted = (await supervisor.hear(wire.Desired)).pointer
        assert restarted.restart_nonce == edited.restart_nonce + 1
        await plane.call("POST", "/v1/bots/hello/stop")
        assert (await supervisor.hear(wire.Desired)).pointer.run is STOPPED

    async def test_a_secret_is_pushed_at_the_next_look_at_the_latest(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        before = (await supervisor.connect()).desired
        await plane.call("PUT", "/v1/secrets/API_KEY", {"value": "s3cret"})
        hearing = asyncio.create_task(supervisor.hear(wire.Desired))
        while not hearing.done():  # the session sleeps when its own work lets it
            await plane.clock.advance(timedelta(seconds=20))
        after = (await hearing).pointer
        assert after.secrets_version > before.secrets_version

    async def test_a_unit_is_had_by_its_digest(self, plane: Whole) -> None:
        _, supervisor = await plane.running(persona="one")
        pointer = (await supervisor.connect()).desired
        supervisor.say(wire.UnitGet("q1", pointer.digest))
        answer = await supervisor.hear(wire.Unit)
        assert (answer.re, answer.unit.digest()) == ("q1", pointer.digest)
        assert answer.unit.revision == pointer.revision

    async def test_the_unit_of_another_bot_is_not_given(self, plane: Whole) -> None:
        _, mine = await plane.running("mine", persona="mine")
        _, other = await plane.running("other", persona="other")
        secret = (await other.connect()).desired.digest
        mine.say(wire.UnitGet("q1", secret))
        mine.say(wire.SecretsGet("q2", ()))
        assert (await mine.hear(wire.Secrets)).re == "q2"


class TestSecrets:
    async def test_only_those_that_the_revision_names(self, plane: Whole) -> None:
        await plane.call("PUT", "/v1/secrets/MINE", {"value": "for me"})
        await plane.call("PUT", "/v1/secrets/OTHER", {"value": "not for me"})
        _, supervisor = await plane.running(secrets=["MINE"])
        asked = ("MINE", "OTHER", "ABSENT", wire.GATEWAY_KEY)
        supervisor.say(wire.SecretsGet("q", asked))
        answer = await supervisor.hear(wire.Secrets)
        assert answer.values["MINE"] == "for me"
        assert answer.values[wire.GATEWAY_KEY].startswith("hmb_")
        assert set(answer.missing) == {"OTHER", "ABSENT"}

    async def test_each_generation_has_a_gateway_key_of_its_own(self, plane: Whole) -> None:
        made, first = await plane.running()
        keys = [await _gateway_key(first)]
        assert await _gateway_key(first) == keys[0]
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        second = await plane.enrol(plane.unit(made["id"]))
        await second.connect()
        keys.append(await _gateway_key(second))
        assert keys[0] != keys[1]


async def _gateway_key(supervisor: Any) -> str:
    supervisor.say(wire.SecretsGet("key", (wire.GATEWAY_KEY,)))
    answer: wire.Secrets = await supervisor.hear(wire.Secrets)
    return answer.values[wire.GATEWAY_KEY]


class TestInventory:
    async def test_channels_and_skills_are_shown_as_reported(self, plane: Whole) -> None:
        _, supervisor = await plane.running()

        async def shown() -> Any:
            return (await plane.call("GET", "/v1/bots/hello/placement"))["report"]["inventory"]

        assert await shown() is None
        told = wire.Inventory(
            (wire.Channel("slack", "failed", "invalid_auth"),),
            (wire.Skill("greet", True, "", "workspace"),),
            7,
            "2030-01-01T00:00:00+00:00",
        )
        await supervisor.report(RUNNING, inventory=told)
        assert await shown() == {
            "channels": [{"name": "slack", "state": "failed", "detail": "invalid_auth"}],
            "skills": [{"name": "greet", "ready": True, "detail": "", "source": "workspace"}],
            "left_out": 7,
            "asked_at": "2030-01-01T00:00:00Z",
            "problem": "",
        }
        await supervisor.report(RUNNING, inventory=wire.Inventory(problem="It is busy."))
        assert (await shown())["asked_at"] is None
        await plane.work()
        assert (await plane.bot())["state"] == "running", "what it has is not how it is"

    async def test_a_state_that_there_is_not_ends_the_session(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        odd = wire.Inventory((wire.Channel("slack", "odd", ""),))  # type: ignore[arg-type]
        supervisor.say(wire.Status(supervisor.epoch, wire.Report(RUNNING, "", inventory=odd)))
        await supervisor.closed()
        placement = await plane.call("GET", "/v1/bots/hello/placement")
        assert placement["report"]["inventory"] is None
