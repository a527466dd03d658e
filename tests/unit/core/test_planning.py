"""`homarus.core.planning.plan`, one situation a test; the simulator does the combinations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from homarus.core.bot_states import BotState
from homarus.core.placements import (
    Link,
    Observed,
    Phase,
    Placement,
    PlanPolicy,
    Trouble,
    Verb,
    Verdict,
    Wish,
)
from homarus.core.planning import plan
from homarus.core.specs import DesiredState

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def wish(**changes: Any) -> Wish:
    base = Wish(
        bot_id="bot_1",
        desired=DesiredState.RUNNING,
        deleted=False,
        target="local",
        isolation="sandbox",
        runtime="echo",
        digest="sha256:2",
        redeploy=0,
        attempt=0,
        shown=BotState.PENDING,
        shown_reason="",
    )
    return replace(base, **changes)


def placement(**changes: Any) -> Placement:
    base = Placement(
        bot_id="bot_1",
        generation=4,
        phase=Phase.ACCEPTED,
        nonce="n4",
        target="local",
        redeploy=0,
        isolation="sandbox",
        runtime="echo",
        created_at=NOW - timedelta(minutes=5),
        handle={"target": "local", "version": 1, "data": {"nonce": "n4"}},
    )
    return replace(base, **changes)


def link(**changes: Any) -> Link:
    base = Link(
        generation=4,
        live=True,
        since=NOW - timedelta(minutes=4),
        run="running",
        reason="",
        applied="sha256:2",
        rejected="",
    )
    return replace(base, **changes)


def trouble(**changes: Any) -> Trouble:
    base = Trouble("transient", "The disk is slow.", "", NOW, NOW + timedelta(seconds=30))
    return replace(base, **changes)


def decide(
    wish: Wish,
    placement: Placement | None = None,
    link: Link | None = None,
    *,
    sighting: str | None = "alive",
    adopting: bool = False,
) -> Verdict:
    observed = Observed(
        placements={} if placement is None else {placement.bot_id: placement},
        sightings={} if placement is None or sighting is None else {placement.nonce: sighting},
        links={} if link is None else {wish.bot_id: link},
        adopting=adopting,
    )
    made = plan([wish], observed, policy=PlanPolicy(), now=NOW, salt="s")
    (verdict,) = made.verdicts
    assert made.actions == ((verdict.action,) if verdict.action else ())
    assert ("bot_1" in made.waiting()) == bool(verdict.reason)
    return verdict


class TestWithoutAPlacement:
    def test_a_new_bot_is_placed_as_generation_one(self) -> None:
        verdict = decide(wish())
        assert verdict.action is not None
        assert (verdict.action.verb, verdict.action.generation) == (Verb.START, 1)
        assert verdict.state is BotState.PENDING

    def test_a_successor_gets_the_next_generation_and_a_fresh_nonce(self) -> None:
        verdict = decide(wish(), placement(phase=Phase.GONE))
        assert verdict.action is not None
        assert verdict.action.generation == 5
        assert verdict.action.nonce != "n4"

    def test_the_same_pass_names_the_same_nonce(self) -> None:
        assert decide(wish()) == decide(wish())

    def test_a_stopped_bot_is_as_desired(self) -> None:
        verdict = decide(wish(desired=DesiredState.STOPPED))
        assert (verdict.state, verdict.reason, verdict.action) == (BotState.STOPPED, "", None)

    def test_a_bot_last_shown_running_is_shown_stopping_before_stopped(self) -> None:
        verdict = decide(wish(desired=DesiredState.STOPPED, shown=BotState.RUNNING))
        assert verdict.state is BotState.STOPPING

    def test_a_deleted_bot_is_removed(self) -> None:
        verdict = decide(wish(deleted=True), placement(phase=Phase.GONE))
        assert verdict.action is not None
        assert verdict.action.verb is Verb.REMOVE
        assert verdict.state is BotState.DELETING

    def test_an_unasked_end_backs_off(self) -> None:
        verdict = decide(wish(), placement(phase=Phase.GONE, failures=(NOW,)))
        assert verdict.action is None
        assert "after an unasked end" in verdict.reason

    def test_five_unasked_ends_trip_the_breaker(self) -> None:
        ends = tuple(NOW - timedelta(minutes=m) for m in (9, 7, 5, 3, 1))
        verdict = decide(wish(), placement(phase=Phase.GONE, failures=ends))
        assert verdict.state is BotState.FAILED
        assert "5 times within 10 minutes" in verdict.reason

    def test_old_ends_do_not_trip_it(self) -> None:
        ends = tuple(NOW - timedelta(minutes=m) for m in (90, 70, 50, 30, 11))
        assert decide(wish(), placement(phase=Phase.GONE, failures=ends)).action is not None

    def test_a_tripped_breaker_does_not_heal_by_time(self) -> None:
        ends = tuple(NOW - timedelta(minutes=m) for m in (90, 70, 50, 30, 11))
        verdict = decide(wish(shown=BotState.FAILED), placement(phase=Phase.GONE, failures=ends))
        assert (verdict.state, verdict.action) == (BotState.FAILED, None)

    def test_a_new_request_forgives(self) -> None:
        ends = tuple(NOW - timedelta(minutes=m) for m in (5, 4, 3, 2, 1))
        verdict = decide(wish(attempt=1), placement(phase=Phase.GONE, failures=ends))
        assert verdict.action is not None


class TestTrouble:
    def test_transient_trouble_waits_and_says_until_when(self) -> None:
        verdict = decide(wish(), placement(phase=Phase.PLANNED, trouble=trouble()))
        assert verdict.action is None
        assert verdict.state is BotState.PENDING
        assert "again at 12:00:30 UTC" in verdict.reason

    def test_transient_trouble_is_tried_again_in_time(self) -> None:
        late = trouble(again_at=NOW)
        assert decide(wish(), placement(phase=Phase.PLANNED, trouble=late)).action is not None

    def test_permanent_trouble_fails_the_bot(self) -> None:
        never = trouble(kind="permanent", again_at=None)
        verdict = decide(wish(), placement(phase=Phase.PLANNED, trouble=never))
        assert (verdict.state, verdict.action) == (BotState.FAILED, None)

    def test_a_person_s_turn_is_said_with_the_hint(self) -> None:
        ask = trouble(kind="action_required", hint="Install bubblewrap.")
        verdict = decide(wish(), placement(phase=Phase.PLANNED, trouble=ask))
        assert verdict.state is BotState.FAILED
        assert verdict.reason.endswith("Install bubblewrap.")

    def test_trouble_with_starting_does_not_hold_up_a_stop(self) -> None:
        never = trouble(kind="permanent", again_at=None)
        verdict = decide(
            wish(desired=DesiredState.STOPPED), placement(phase=Phase.PLANNED, trouble=never)
        )
        assert verdict.action is not None
        assert verdict.action.verb is Verb.STOP

    def test_trouble_with_stopping_is_said(self) -> None:
        verdict = decide(
            wish(desired=DesiredState.STOPPED), placement(phase=Phase.STOPPING, trouble=trouble())
        )
        assert verdict.action is None
        assert verdict.reason.startswith("stopping did not work yet")


class TestGoingDown:
    @pytest.mark.parametrize(
        "changes",
        [
            {"desired": DesiredState.STOPPED},
            {"redeploy": 1},
            {"target": "elsewhere"},
            {"isolation": "plain"},
            {"runtime": "openclaw"},
        ],
    )
    def test_an_unwanted_placement_is_stopped(self, changes: dict[str, Any]) -> None:
        verdict = decide(wish(**changes), placement(), link())
        assert verdict.action is not None
        assert (verdict.action.verb, verdict.action.generation) == (Verb.STOP, 4)
        assert verdict.state is BotState.STOPPING

    def test_a_begun_stop_goes_on_whatever_is_wished_now(self) -> None:
        verdict = decide(wish(), placement(phase=Phase.STOPPING), link())
        assert verdict.action is not None
        assert verdict.action.verb is Verb.STOP


class TestAccepted:
    @pytest.mark.parametrize("sighting", ["gone", "leftovers"])
    def test_a_dead_supervisor_is_cleaned_up_and_counted(self, sighting: str) -> None:
        verdict = decide(wish(), placement(), link(), sighting=sighting)
        assert verdict.action is not None
        assert verdict.action.verb is Verb.STOP
        assert verdict.action.failed

    def test_silence_of_the_target_is_not_death(self) -> None:
        verdict = decide(wish(shown=BotState.RUNNING), placement(), link(), sighting=None)
        assert (verdict.state, verdict.action) == (BotState.RUNNING, None)

    @pytest.mark.parametrize(
        ("run", "state"),
        [
            ("waiting", BotState.PROVISIONING),
            ("installing", BotState.PROVISIONING),
            ("starting", BotState.STARTING),
            ("running", BotState.RUNNING),
            ("degraded", BotState.DEGRADED),
            ("stopping", BotState.STARTING),
            ("stopped", BotState.STARTING),
            ("failed", BotState.FAILED),
        ],
    )
    def test_a_live_report_decides_what_is_shown(self, run: str, state: BotState) -> None:
        verdict = decide(wish(), placement(), link(run=run))
        assert verdict.state is state
        assert bool(verdict.reason) == (state is not BotState.RUNNING)

    def test_paused_as_wished(self) -> None:
        verdict = decide(wish(desired=DesiredState.PAUSED), placement(), link(run="paused"))
        assert (verdict.state, verdict.reason) == (BotState.PAUSED, "")

    @pytest.mark.parametrize(
        ("desired", "run", "reason"),
        [(DesiredState.PAUSED, "running", "pausing"), (DesiredState.RUNNING, "paused", "resuming")],
    )
    def test_not_yet_as_wished(self, desired: DesiredState, run: str, reason: str) -> None:
        assert decide(wish(desired=desired), placement(), link(run=run)).reason == reason

    def test_an_older_revision_is_said(self) -> None:
        verdict = decide(wish(), placement(), link(applied="sha256:1"))
        assert (verdict.state, verdict.reason) == (BotState.RUNNING, "taking the newest revision")

    def test_a_refused_revision_degrades(self) -> None:
        verdict = decide(
            wish(), placement(), link(applied="sha256:1", rejected="sha256:2", reason="no x")
        )
        assert (verdict.state, verdict.reason) == (BotState.DEGRADED, "no x")


class TestAwaySupervisor:
    def test_never_connected(self) -> None:
        verdict = decide(wish(), placement())
        assert (verdict.state, verdict.action) == (BotState.PROVISIONING, None)

    def test_a_link_of_an_older_generation_says_nothing(self) -> None:
        verdict = decide(wish(), placement(), link(generation=3))
        assert verdict.reason == "waiting for its supervisor to connect"

    def test_briefly_away_keeps_what_is_shown(self) -> None:
        lost = link(live=False, since=NOW - timedelta(seconds=10))
        verdict = decide(wish(shown=BotState.RUNNING), placement(), lost)
        assert verdict.state is BotState.RUNNING

    def test_long_away_degrades(self) -> None:
        lost = link(live=False, since=NOW - timedelta(seconds=50))
        verdict = decide(wish(shown=BotState.RUNNING), placement(), lost)
        assert verdict.state is BotState.DEGRADED
        assert "11:59:10 UTC" in verdict.reason

    def test_nobody_is_called_absent_while_adopting(self) -> None:
        verdict = decide(wish(shown=BotState.PAUSED), placement(), None, adopting=True)
        assert verdict.state is BotState.PAUSED


class TestUnproven:
    """A live report that does not prove what was asked never counts as "as desired"."""

    @pytest.mark.parametrize("run", ["running", "paused"])
    def test_a_new_process_is_waited_for(self, run: str) -> None:
        desired = DesiredState(run)
        waiting = decide(wish(desired=desired, restart=2), placement(), link(run=run, restart=1))
        assert (waiting.state.value, waiting.reason) == (run, "restarting")
        done = decide(wish(desired=desired, restart=2), placement(), link(run=run, restart=2))
        assert done.reason == ""

    def test_a_paused_bot_takes_the_newest_revision_too(self) -> None:
        old = link(run="paused", applied="sha256:1")
        verdict = decide(wish(desired=DesiredState.PAUSED), placement(), old)
        assert verdict.reason == "taking the newest revision"

    def test_cleaning_up_waits_for_its_trouble(self) -> None:
        verdict = decide(wish(), placement(trouble=trouble()), link(), sighting="leftovers")
        assert verdict.action is None
        assert verdict.reason.startswith("cleaning up did not work yet")

    def test_removing_files_waits_for_its_trouble(self) -> None:
        gone = placement(phase=Phase.GONE, trouble=trouble())
        verdict = decide(wish(deleted=True), gone)
        assert (verdict.state, verdict.action) == (BotState.DELETING, None)

    def test_placing_waits_for_its_trouble(self) -> None:
        verdict = decide(wish(), placement(phase=Phase.GONE, trouble=trouble()))
        assert (verdict.state, verdict.action) == (BotState.PENDING, None)

    def test_a_backoff_ends(self) -> None:
        ended = placement(phase=Phase.GONE, failures=(NOW - timedelta(seconds=3),))
        assert decide(wish(), ended).action is not None

    def test_a_stopped_bot_shown_stopping_has_stopped(self) -> None:
        stopping = wish(desired=DesiredState.STOPPED, shown=BotState.STOPPING)
        assert decide(stopping, placement(phase=Phase.GONE)).state is BotState.STOPPED
