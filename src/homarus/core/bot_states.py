"""The life of a bot as people see it, and every step it may take."""

from __future__ import annotations

from enum import StrEnum

from homarus.errors import IllegalTransition


class BotState(StrEnum):
    """Where a bot is; always shown with a reason.

    pending       known, and not placed yet (the reason says what it waits for)
    provisioning  a placement is made: target asked, runtime being installed
    starting      the runtime's process starts; not ready yet
    running       ready and answering
    degraded      was running; answers late, not at all, or its supervisor is away
    paused        up, and doing nothing of its own accord; no turn reaches it
    stopping      on its way down
    stopped       nothing of it runs
    failed        gave up; a person must change something or start it again
    deleting      being removed for good
    """

    PENDING = "pending"
    PROVISIONING = "provisioning"
    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DELETING = "deleting"


_S = BotState
_PLACED = frozenset({_S.PROVISIONING, _S.STARTING, _S.RUNNING, _S.DEGRADED, _S.PAUSED})
_DOWN = frozenset({_S.PENDING, _S.STOPPING, _S.FAILED, _S.DELETING})
TRANSITIONS: dict[BotState, frozenset[BotState]] = {
    # Two looks at a quick bot may lie several steps apart, so everything that a placement
    # can do by itself is one step. What needs a person, or proof, is not.
    _S.PENDING: _PLACED | _DOWN | {_S.STOPPED},
    **dict.fromkeys(_PLACED, _PLACED | _DOWN),
    _S.STOPPING: _PLACED | _DOWN | {_S.STOPPED},
    _S.STOPPED: frozenset({_S.PENDING, _S.DELETING}),
    _S.FAILED: _PLACED | _DOWN | {_S.STOPPED},
    _S.DELETING: frozenset(),
}


def step(current: BotState, wanted: BotState) -> BotState:
    """Return ``wanted`` if the table allows the step; staying is always allowed.

    Raises:
        IllegalTransition: the table has no such step; the caller's view is out of date.
    """
    if wanted is current or wanted in TRANSITIONS[current]:
        return wanted
    raise IllegalTransition(f"A bot that is {current} cannot become {wanted}.")
