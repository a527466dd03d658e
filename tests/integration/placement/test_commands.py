"""Turns, their results and logs, between the public API and a scripted supervisor."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from homarus.domains.placement import repository
from homarus.protocol import supervisor as wire
from homarus.testing.whole import ScriptedSupervisor, Whole

USAGE = {"input": 3, "output": 4}


async def _send(plane: Whole, text: str = "hi", *, timeout_s: int = 300) -> Any:
    body = {"text": text, "timeout_s": timeout_s}
    return await plane.call("POST", "/v1/bots/hello/turns", body)


async def _turn(plane: Whole, turn: Any) -> Any:
    return await plane.call("GET", f"/v1/turns/{turn['id']}")


async def _stream(plane: Whole, turn: Any, offset: int = 0) -> list[tuple[str, Any]]:
    async with plane.ours.client(plane.ours.owner_token) as client:
        answer = await client.get(f"/v1/turns/{turn['id']}/stream?offset={offset}")
    found = []
    for event in answer.text.strip().split("\n\n"):
        if event.startswith(":"):
            continue
        kind, data = event.split("\n")
        found.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


async def _acked(plane: Whole, bot_id: str) -> int:
    async with plane.plane.store.read() as session:
        return await repository.highest_ack(session, bot_id)


def _result(supervisor: ScriptedSupervisor, seq: int, key: str, state: str, text: str = "") -> None:
    usage = USAGE if state == "done" else {}
    supervisor.say(wire.Result(supervisor.epoch, seq, key, state, text, usage))


class TestTurns:
    async def test_from_question_to_answer(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane, "what is it?")
        assert turn["state"] == "queued"
        command = await supervisor.hear(wire.Command)
        assert (command.key, command.kind) == (turn["id"], "turn")
        assert command.params["text"] == "what is it?"
        assert turn["trace_id"] in command.params["traceparent"]
        assert (await _turn(plane, turn))["state"] == "sent"

        _result(supervisor, 1, turn["id"], "accepted")
        assert (await supervisor.hear(wire.Acked)).seq == 1
        accepted = await _turn(plane, turn)
        assert (accepted["state"], accepted["answer"]) == ("accepted", "")
        assert accepted["accepted_at"]

        _result(supervisor, 4, turn["id"], "done", "forty-two")
        assert (await supervisor.hear(wire.Acked)).seq == 4
        done = await _turn(plane, turn)
        assert (done["state"], done["answer"], done["usage"]) == ("done", "forty-two", USAGE)
        listed = await plane.call("GET", "/v1/bots/hello/turns")
        assert [t["id"] for t in listed["items"]] == [turn["id"]]

    @pytest.mark.parametrize("state", ["failed", "expired", "unknown"])
    async def test_another_end_says_why(self, plane: Whole, state: str) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 1, turn["id"], state, "it could not")
        await supervisor.hear(wire.Acked)
        ended = await _turn(plane, turn)
        assert (ended["state"], ended["answer"], ended["error"]) == (state, "", "it could not")

    async def test_an_idempotency_key_makes_one_turn(self, plane: Whole) -> None:
        await plane.running()
        key, body = {"idempotency-key": "k"}, {"text": "hi"}
        path = "/v1/bots/hello/turns"
        first = await plane.call("POST", path, body, headers=key)
        assert (await plane.call("POST", path, body, headers=key))["id"] == first["id"]
        assert len((await plane.call("GET", path))["items"]) == 1

    @pytest.mark.parametrize(("verb", "hint"), [("stop", "start"), ("pause", "resume")])
    async def test_a_bot_that_takes_no_messages_says_what_to_do(
        self, plane: Whole, verb: str, hint: str
    ) -> None:
        _, supervisor = await plane.running()
        await plane.call("POST", f"/v1/bots/hello/{verb}")
        await plane.work()
        if verb == "pause":
            await supervisor.up_to((await supervisor.hear(wire.Desired)).pointer)
            await plane.work()
        path = "/v1/bots/hello/turns"
        refused = await plane.call("POST", path, {"text": "hi"}, status=409)
        assert refused["hint"] == f"homarus bot {hint} hello"

    async def test_a_command_is_told_again_after_a_reconnect(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        assert (await supervisor.hear(wire.Command)).key == turn["id"]
        await supervisor.leave()
        await supervisor.connect()
        assert (await supervisor.hear(wire.Command)).key == turn["id"]
        _result(supervisor, 1, turn["id"], "done", "x")
        await supervisor.hear(wire.Acked)
        await supervisor.leave()
        assert (await supervisor.connect()).acked == 1
        await supervisor.taken()

    async def test_an_end_of_the_placement_ends_its_turns(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        taken, told = await _send(plane), await _send(plane)
        _result(supervisor, 1, taken["id"], "accepted")
        await plane.clock.advance(timedelta(0))
        for _ in range(3):
            await supervisor.next()
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        assert (await _turn(plane, taken))["state"] == "unknown"
        ended = await _turn(plane, told)
        assert (ended["state"], ended["error"]) == (
            "failed",
            "the bot's placement ended before it answered",
        )


class TestMany:
    """More commands than one look at the store finds."""

    MANY = 150

    async def _send_many(self, plane: Whole) -> list[str]:
        turns, store = plane.plane.placements._turns, plane.plane.store
        async with store.begin() as session:
            made = [
                await turns.send(session, plane.ours.owner, "hello", text=str(n), timeout_s=300)
                for n in range(self.MANY)
            ]
        return [turn.id for turn in made]

    async def _states(self, plane: Whole, ids: list[str]) -> set[tuple[str, str]]:
        turns, store = plane.plane.placements._turns, plane.plane.store
        async with store.read() as session:
            rows = [await turns.get(session, plane.ours.owner, id_) for id_ in ids]
        return {(row.state, row.text) for row in rows}

    async def test_all_are_told_as_they_finish(self, both_planes: Whole) -> None:
        plane = both_planes
        _, supervisor = await plane.running()
        ids = await self._send_many(plane)
        told: list[str] = []
        while len(told) < self.MANY:  # no time passes: each end asks for the next
            match await supervisor.next():
                case wire.Command() as command:
                    told.append(command.key)
                    _result(supervisor, len(told), command.key, "done", "yes")
        assert sorted(told) == sorted(ids)
        await supervisor.taken()
        assert await self._states(plane, ids) == {("done", "yes")}

    async def test_all_end_with_the_placement(self, both_planes: Whole) -> None:
        plane = both_planes
        await plane.running()
        ids = await self._send_many(plane)
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        why = "the bot's placement ended before it answered"
        assert await self._states(plane, ids) == {("failed", why)}


class TestDeadlines:
    async def test_what_nobody_took_expires(self, plane: Whole) -> None:
        await plane.running()
        turn = await _send(plane, timeout_s=10)
        await plane.clock.advance(timedelta(seconds=10))
        await plane.plane.sweeper.sweep()
        assert (await _turn(plane, turn))["state"] != "expired"
        await plane.clock.advance(timedelta(seconds=1))
        await plane.plane.sweeper.sweep()
        assert (await _turn(plane, turn))["state"] == "expired"

    async def test_what_was_taken_has_a_grace_and_a_late_answer_counts(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane, timeout_s=10)
        await supervisor.hear(wire.Command)
        _result(supervisor, 1, turn["id"], "accepted")
        await supervisor.hear(wire.Acked)
        for seconds, state in ((39, "accepted"), (2, "unknown")):
            await plane.clock.advance(timedelta(seconds=seconds))
            await plane.plane.sweeper.sweep()
            assert (await _turn(plane, turn))["state"] == state
        _result(supervisor, 2, turn["id"], "done", "better late")
        await supervisor.hear(wire.Acked)
        assert (await _turn(plane, turn))["answer"] == "better late"


class TestResults:
    async def test_a_resent_result_is_acknowledged_and_changes_nothing(self, plane: Whole) -> None:
        made, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 7, turn["id"], "done", "first")
        assert (await supervisor.hear(wire.Acked)).seq == 7
        ended = await _turn(plane, turn)
        await plane.clock.advance(timedelta(seconds=5))
        for seq, state, text in ((7, "done", "again"), (3, "accepted", ""), (9, "done", "other")):
            _result(supervisor, seq, turn["id"], state, text)
            assert (await supervisor.hear(wire.Acked)).seq == max(7, seq)
        _result(supervisor, 10, turn["id"], "failed", "no")
        assert (await supervisor.hear(wire.Acked)).seq == 10
        assert await _turn(plane, turn) == ended
        assert await _acked(plane, made["id"]) == 10

    async def test_a_result_that_was_overtaken_is_not_lost(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        first, second = await _send(plane), await _send(plane)
        for _ in range(2):
            await supervisor.hear(wire.Command)
        for seq, turn in ((5, second), (4, first)):
            _result(supervisor, seq, turn["id"], "done", f"as {seq}")
        await supervisor.taken()
        assert (await _turn(plane, first))["answer"] == "as 4"
        assert (await _turn(plane, second))["answer"] == "as 5"

    async def test_results_of_nobody_and_of_others_are_acknowledged_and_dropped(
        self, plane: Whole
    ) -> None:
        _, mine = await plane.running("hello")
        _, other = await plane.running("other")
        turn = await _send(plane)
        await mine.hear(wire.Command)
        for seq, key in ((1, "turn_of_nobody"), (2, turn["id"])):
            _result(other, seq, key, "done", "stolen")
            assert (await other.hear(wire.Acked)).seq == seq
        assert (await _turn(plane, turn))["state"] == "sent"

    async def test_a_state_we_do_not_know_is_dropped(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 1, turn["id"], "marvellous")
        assert (await supervisor.hear(wire.Acked)).seq == 1
        assert (await _turn(plane, turn))["state"] == "sent"

    async def test_the_cursor_goes_on_over_generations(self, plane: Whole) -> None:
        made, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 5, turn["id"], "accepted")
        await supervisor.hear(wire.Acked)
        await plane.call("POST", "/v1/bots/hello/redeploy")
        await plane.work()
        successor = await plane.enrol(plane.unit(made["id"]))
        assert (await successor.connect()).acked == 5
        _result(successor, 5, turn["id"], "accepted")
        assert (await successor.hear(wire.Acked)).seq == 5
        _result(successor, 6, turn["id"], "done", "from before")
        assert (await successor.hear(wire.Acked)).seq == 6
        assert (await _turn(plane, turn))["answer"] == "from before"

    async def test_answer_and_cursor_are_stored_together_or_not_at_all(
        self, plane: Whole, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        turns = plane.plane.placements._turns
        take = turns.take

        async def take_and_fail(session: Any, bot_id: str, result: wire.Result) -> None:
            await take(session, bot_id, result)
            await session.flush()
            raise ExceptionGroup("the disk broke", [OSError()])

        monkeypatch.setattr(turns, "take", take_and_fail)
        _result(supervisor, 1, turn["id"], "done", "lost")
        await supervisor.closed()
        assert (await _turn(plane, turn))["state"] == "sent"
        assert await _acked(plane, made["id"]) == 0
        monkeypatch.setattr(turns, "take", take)
        assert (await supervisor.connect()).acked == 0


class TestStream:
    async def test_an_ended_turn_is_replayed_whole_or_from_an_offset(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 1, turn["id"], "done", "hello world")
        await supervisor.hear(wire.Acked)
        (delta, end) = await _stream(plane, turn)
        assert delta == ("delta", {"offset": 0, "text": "hello world"})
        assert (end[0], end[1]["state"], end[1]["usage"]) == ("end", "done", USAGE)
        assert (await _stream(plane, turn, 6))[0] == ("delta", {"offset": 6, "text": "world"})
        assert [kind for kind, _ in await _stream(plane, turn, 11)] == ["end"]

    async def test_pieces_are_read_along_and_gaps_are_filled_by_the_answer(
        self, plane: Whole
    ) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        reading = asyncio.create_task(_stream(plane, turn))
        for offset, text in ((0, "he"), (2, "ll"), (9, "lost"), (2, "ll")):
            supervisor.say(wire.Delta(supervisor.epoch, turn["id"], offset, text))
            await supervisor.taken()
        _result(supervisor, 1, turn["id"], "done", "hello!")
        await supervisor.hear(wire.Acked)
        events = await reading
        assert events[-1][0] == "end"
        deltas = [data for kind, data in events if kind == "delta"]
        assert "".join(d["text"] for d in deltas) == "hello!"
        assert [d["offset"] for d in deltas] == [
            sum(len(d["text"]) for d in deltas[:n]) for n in range(len(deltas))
        ]

    async def test_pieces_are_taken_of_commands_told_here_and_not_yet_ended(
        self, plane: Whole
    ) -> None:
        _, mine = await plane.running("hello")
        _, other = await plane.running("other")
        answers = plane.plane.placements._turns.answers
        turn = await _send(plane)
        await mine.hear(wire.Command)
        for key in (turn["id"], "turn_of_nobody"):
            other.say(wire.Delta(other.epoch, key, 0, "forged"))
        await other.taken()
        assert answers._answers == {}

        mine.say(wire.Delta(mine.epoch, turn["id"], 0, "hel"))
        await mine.taken()
        assert answers.text(turn["id"]) == "hel"
        await mine.leave()
        await mine.connect()
        mine.say(wire.Delta(mine.epoch, turn["id"], 3, "lo"))
        await mine.taken()
        assert answers.text(turn["id"]) == "hello", "a reconnect goes on where it was"

        _result(mine, 1, turn["id"], "done", "hello")
        await mine.hear(wire.Acked)
        mine.say(wire.Delta(mine.epoch, turn["id"], 0, "late"))
        await mine.taken()
        assert answers._answers == {}

    async def test_readers_of_ended_turns_leave_nothing_behind(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        turn = await _send(plane)
        await supervisor.hear(wire.Command)
        _result(supervisor, 1, turn["id"], "failed", "no")
        await supervisor.hear(wire.Acked)
        assert [kind for kind, _ in await _stream(plane, turn)] == ["end"]
        assert plane.plane.placements._turns.answers._signals == {}


class TestLogs:
    async def test_they_are_asked_from_the_supervisor(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        asking = asyncio.create_task(plane.call("GET", "/v1/bots/hello/logs?cursor=5&limit=10"))
        command = await supervisor.hear(wire.Command)
        assert (command.kind, command.params) == ("logs", {"limit": "10", "cursor": "5"})
        piece = json.dumps({"text": "a line\n", "cursor": 12})
        _result(supervisor, 0, command.key, "done", piece)
        assert await asking == {"text": "a line\n", "cursor": "12"}
        await plane.call("GET", f"/v1/turns/{command.key}", status=404)
        assert plane.plane.placements._turns.answers._signals == {}

    async def test_a_log_that_cannot_be_read_says_why(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        asking = asyncio.create_task(plane.call("GET", "/v1/bots/hello/logs", status=503))
        command = await supervisor.hear(wire.Command)
        _result(supervisor, 0, command.key, "failed", "no such file")
        assert "no such file" in (await asking)["detail"]

    async def test_a_silent_supervisor_is_not_waited_for_long(self, plane: Whole) -> None:
        _, supervisor = await plane.running()
        asking = asyncio.create_task(plane.call("GET", "/v1/bots/hello/logs", status=503))
        await supervisor.hear(wire.Command)
        await plane.clock.advance(timedelta(seconds=12))
        assert "did not answer in time" in (await asking)["detail"]

    async def test_without_a_supervisor_nobody_is_asked(self, plane: Whole) -> None:
        await plane.create()
        await plane.work()
        await plane.call("GET", "/v1/bots/hello/logs", status=409)
