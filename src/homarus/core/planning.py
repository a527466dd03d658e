"""Decide what to do about every bot: pure, total, and silent about nothing.

The reconciler calls `plan` on every pass. Reading order: `plan`, `_decide`, then one
function per phase of a placement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from homarus.core.bot_states import TRANSITIONS, BotState
from homarus.core.placements import (
    Action,
    Link,
    Observed,
    Phase,
    Placement,
    Plan,
    PlanPolicy,
    Verb,
    Verdict,
    Wish,
)
from homarus.core.specs import DesiredState


def plan(
    wishes: Iterable[Wish], observed: Observed, *, policy: PlanPolicy, now: datetime, salt: str
) -> Plan:
    """Decide every change that moves what is observed towards what is wished.

    Pure: equal arguments give an equal plan. ``observed`` may be old or incomplete; a
    placement whose target could not tell is left alone, never taken for gone.

    Args:
        salt: fresh randomness of this pass, from which new placements get their nonces.

    Returns:
        One verdict per wish, in order, and the actions among them. A bot that is not as
        desired has a reason in `Plan.waiting`, also when nothing can be done now.
    """
    verdicts = []
    for wish in wishes:
        placement = observed.placements.get(wish.bot_id)
        if placement is not None:
            placement = placement.under(wish.attempt)
        sighting = observed.sightings.get(placement.nonce) if placement else None
        link = observed.links.get(wish.bot_id)
        if link and (placement is None or link.generation != placement.generation):
            link = None
        case = _Case(wish, placement, sighting, link, observed.adopting, policy, now, salt)
        verdicts.append(_decide(case))
    return Plan(tuple(v.action for v in verdicts if v.action), tuple(verdicts))


@dataclass(frozen=True, slots=True)
class _Case:
    wish: Wish
    placement: Placement | None
    sighting: str | None
    link: Link | None
    adopting: bool
    policy: PlanPolicy
    now: datetime
    salt: str

    def say(self, state: BotState, reason: str, action: Action | None = None) -> Verdict:
        return Verdict(self.wish.bot_id, state, reason, action)

    def do(self, verb: Verb, *, failed: bool = False) -> Action:
        wish, placement = self.wish, self.placement
        fresh = placement is None or (verb is Verb.START and placement.phase is Phase.GONE)
        generation = (placement.generation if placement else 0) + (1 if fresh else 0)
        nonce = placement.nonce if placement and not fresh else self._new_nonce(generation)
        return Action(
            verb=verb,
            bot_id=wish.bot_id,
            generation=generation,
            nonce=nonce,
            target=wish.target if fresh or placement is None else placement.target,
            isolation=wish.isolation if fresh or placement is None else placement.isolation,
            runtime=wish.runtime if fresh or placement is None else placement.runtime,
            redeploy=wish.redeploy if fresh or placement is None else placement.redeploy,
            attempt=wish.attempt,
            urgent=wish.urgent,
            failed=failed,
        )

    def _new_nonce(self, generation: int) -> str:
        mark = f"{self.salt}|{self.wish.bot_id}|{generation}"
        return hashlib.sha256(mark.encode()).hexdigest()[:32]


def _decide(case: _Case) -> Verdict:
    placement = case.placement
    if placement is None or placement.phase is Phase.GONE:
        return _unplaced(case)
    if placement.phase is Phase.STOPPING or _unwanted(case.wish, placement):
        return _going_down(case)
    if placement.phase is Phase.PLANNED:
        return _planned(case)
    return _accepted(case)


def _unwanted(wish: Wish, placement: Placement) -> bool:
    return (
        wish.deleted
        or wish.desired is DesiredState.STOPPED
        or wish.redeploy != placement.redeploy
        or wish.target != placement.target
        or wish.isolation != placement.isolation
        or wish.runtime != placement.runtime
    )


def _unplaced(case: _Case) -> Verdict:
    if case.wish.deleted:
        if waits := _waits(case):
            return case.say(BotState.DELETING, waits)
        return case.say(BotState.DELETING, "its files are being removed", case.do(Verb.REMOVE))
    if case.wish.desired is DesiredState.STOPPED:
        if BotState.STOPPED not in TRANSITIONS[case.wish.shown] and case.wish.shown is not (
            BotState.STOPPED
        ):
            # An older look of another control plane was shown last; go the long way round.
            return case.say(BotState.STOPPING, "its processes have ended")
        return case.say(BotState.STOPPED, "")
    if given_up := _breaker(case):
        return case.say(BotState.FAILED, given_up)
    if waits := _waits(case):
        return case.say(_state_of_wait(case), waits)
    if again := _backing_off(case):
        return case.say(BotState.PENDING, again)
    return case.say(BotState.PENDING, "being placed", case.do(Verb.START))


def _planned(case: _Case) -> Verdict:
    if waits := _waits(case):
        return case.say(_state_of_wait(case), waits)
    where = case.wish.target
    return case.say(
        BotState.PROVISIONING, f"asking target {where} for a place", case.do(Verb.START)
    )


def _going_down(case: _Case) -> Verdict:
    state = BotState.DELETING if case.wish.deleted else BotState.STOPPING
    stopping = case.placement is not None and case.placement.phase is Phase.STOPPING
    # Trouble from before the stop (say, a start that can never work) holds nothing up.
    if stopping and (waits := _waits(case)):
        return case.say(state, f"stopping did not work yet: {waits}")
    return case.say(state, "stopping its processes", case.do(Verb.STOP))


def _accepted(case: _Case) -> Verdict:
    if case.sighting in ("gone", "leftovers"):
        if waits := _waits(case):
            return case.say(BotState.PENDING, f"cleaning up did not work yet: {waits}")
        return case.say(
            BotState.PENDING,
            "its supervisor ended without being asked; it is being placed again",
            case.do(Verb.STOP, failed=True),
        )
    link = case.link
    if link is None or not link.live:
        return _away(case)
    return _by_report(case, link)


def _away(case: _Case) -> Verdict:
    wish, link = case.wish, case.link
    if case.adopting and wish.shown is not BotState.PENDING:
        return case.say(wish.shown, wish.shown_reason or "waiting for its supervisor to come back")
    if link is None:
        return case.say(BotState.PROVISIONING, "waiting for its supervisor to connect")
    if case.now - link.since < case.policy.away_after:
        return case.say(wish.shown, wish.shown_reason or "its supervisor is reconnecting")
    since = link.since.strftime("%H:%M:%S UTC")
    return case.say(BotState.DEGRADED, f"its supervisor is away since {since}")


_REPORTED = {
    "waiting": BotState.PROVISIONING,
    "installing": BotState.PROVISIONING,
    "starting": BotState.STARTING,
    "running": BotState.RUNNING,
    "degraded": BotState.DEGRADED,
    "paused": BotState.PAUSED,
    "stopping": BotState.STARTING,
    "stopped": BotState.STARTING,
    "failed": BotState.FAILED,
}


def _by_report(case: _Case, link: Link) -> Verdict:
    """Translate a live report. A supervisor that stops an accepted bot is restarting it."""
    state = _REPORTED[link.run]
    if state is BotState.RUNNING and link.rejected == case.wish.digest:
        return case.say(
            BotState.DEGRADED, link.reason or "the newest revision was refused; the last one runs"
        )
    if state is BotState.RUNNING and case.wish.desired is DesiredState.PAUSED:
        return case.say(BotState.RUNNING, "pausing")
    if state is BotState.PAUSED and case.wish.desired is DesiredState.RUNNING:
        return case.say(BotState.PAUSED, "resuming")
    up = state in (BotState.RUNNING, BotState.PAUSED)
    if up and link.applied != case.wish.digest:
        return case.say(state, link.reason or "taking the newest revision")
    if up and link.restart < case.wish.restart:
        return case.say(state, link.reason or "restarting")
    if up:
        return case.say(state, link.reason)
    return case.say(state, link.reason or f"its supervisor reports {link.run}")


def _waits(case: _Case) -> str:
    """What the last trouble still asks to wait for; empty: act now."""
    trouble = case.placement.trouble if case.placement else None
    if trouble is None or (trouble.again_at is not None and trouble.again_at <= case.now):
        return ""
    words = f"{trouble.message} {trouble.hint}".strip()
    if trouble.again_at is None or trouble.kind == "action_required":
        return words
    return f"{words} (again at {trouble.again_at.strftime('%H:%M:%S UTC')})"


def _state_of_wait(case: _Case) -> BotState:
    trouble = case.placement.trouble if case.placement else None
    return BotState.PENDING if trouble and trouble.kind == "transient" else BotState.FAILED


def _recent_failures(case: _Case) -> list[datetime]:
    if case.placement is None:
        return []
    if case.wish.shown is BotState.FAILED:
        # Once given up, only a person's new request forgives: time alone does not.
        return list(case.placement.failures)
    oldest = case.now - case.policy.breaker_window
    return [at for at in case.placement.failures if at > oldest]


def _breaker(case: _Case) -> str:
    failures = _recent_failures(case)
    if len(failures) < case.policy.breaker_limit:
        return ""
    minutes = int(case.policy.breaker_window.total_seconds() // 60)
    return (
        f"gave up: its supervisor ended {len(failures)} times within {minutes} minutes; "
        "see its logs, then start it again"
    )


def _backing_off(case: _Case) -> str:
    failures = _recent_failures(case)
    if not failures:
        return ""
    again_at = failures[-1] + case.policy.backoff(len(failures))
    if again_at <= case.now:
        return ""
    return f"placed again at {again_at.strftime('%H:%M:%S UTC')} after an unasked end"
