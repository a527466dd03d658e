"""The life of a command to a supervisor (a turn is one of them), and every step it may take."""

from __future__ import annotations

from enum import StrEnum

from homarus.errors import IllegalTransition


class CommandState(StrEnum):
    """How far a command is.

    queued    written down; its supervisor has not been told
    sent      told at least once; may be told again
    accepted  the supervisor has it in its journal and acts
    done      finished; the answer is stored
    failed    finished without an answer; the reason is stored
    expired   its deadline passed before anybody acted
    unknown   somebody acted, and what came of it cannot be had
    """

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_C = CommandState
FINAL = frozenset({_C.DONE, _C.FAILED, _C.EXPIRED, _C.UNKNOWN})
TRANSITIONS: dict[CommandState, frozenset[CommandState]] = {
    _C.QUEUED: frozenset({_C.SENT, _C.EXPIRED, _C.FAILED}),
    _C.SENT: frozenset({_C.ACCEPTED}) | FINAL,
    _C.ACCEPTED: frozenset({_C.DONE, _C.FAILED, _C.UNKNOWN}),
    # A result that was on its way when we gave up is still the truth.
    _C.UNKNOWN: frozenset({_C.DONE, _C.FAILED}),
    _C.DONE: frozenset(),
    _C.FAILED: frozenset(),
    _C.EXPIRED: frozenset(),
}


def step(current: CommandState, wanted: CommandState) -> CommandState:
    """Return ``wanted`` if the table allows the step; staying is always allowed.

    Raises:
        IllegalTransition: a late or repeated message; the row is right as it is.
    """
    if wanted is current or wanted in TRANSITIONS[current]:
        return wanted
    raise IllegalTransition(f"A command that is {current} cannot become {wanted}.")
