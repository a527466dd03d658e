"""The hub of sessions: who is connected, what was said last, and who is told to go."""

from __future__ import annotations

from datetime import timedelta

from homarus.domains.placement.hub import Live, SessionHub
from homarus.protocol.supervisor import Report, RunState
from homarus.testing.clock import VirtualClock

RUNNING = Report(RunState.RUNNING, "", applied="sha256:1", restart_nonce=3)


def test_a_session_that_outlives_its_bot_ends_quietly(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    live = Live("b", 1, 1)
    hub.open(live)
    hub.forget("b")
    hub.reported(live, RUNNING)
    hub.lost(live)
    assert not hub.connected("b")
    assert hub.links() == {}


async def test_what_was_said_stays_after_the_session(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    live = Live("b", 1, 1)
    hub.open(live)
    assert hub.links()["b"].reason == "its supervisor has connected"
    hub.reported(live, RUNNING)
    await clock.advance(timedelta(seconds=5))
    hub.lost(live)
    link = hub.links()["b"]
    assert (link.live, link.since, link.run) == (False, clock.now(), "running")
    assert (link.applied, link.restart) == ("sha256:1", 3)
    hub.open(Live("b", 1, 2))
    assert hub.links()["b"].run == "running"
    hub.open(Live("b", 2, 1))
    assert hub.links()["b"].run == "waiting", "a new generation has said nothing yet"


def test_an_older_session_is_replaced_and_its_end_is_not_the_newer_s(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    older, newer = Live("b", 1, 1), Live("b", 1, 2)
    hub.open(older)
    hub.open(newer)
    assert (older.closing, newer.closing) == (4409, 0)
    hub.reported(older, RUNNING)
    hub.lost(older)
    assert hub.connected("b")
    assert hub.report("b") is None


def test_a_fence_spares_the_successor(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    old, new = Live("a", 1, 1), Live("b", 2, 1)
    hub.open(old)
    hub.open(new)
    hub.fence("a", 1)
    hub.fence("b", 1)
    assert (old.closing, new.closing) == (4410, 0)


def test_what_is_remembered_gives_way_to_what_is_heard(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    hub.remember("b", 1, RUNNING, clock.now())
    assert not hub.links()["b"].live
    hub.open(Live("b", 2, 1))
    hub.remember("b", 1, RUNNING, clock.now())
    assert hub.report("b") is None


def test_a_nudge_reaches_its_bot_and_all_reach_all(clock: VirtualClock) -> None:
    hub = SessionHub(clock)
    one, two = Live("a", 1, 1), Live("b", 1, 1)
    hub.open(one)
    hub.open(two)
    hub.nudge("a")
    hub.nudge("nobody")
    assert (one.nudged.is_set(), two.nudged.is_set()) == (True, False)
    hub.nudge_all()
    assert two.nudged.is_set()
