from __future__ import annotations

import itertools

import pytest

from homarus.core.commands import FINAL, TRANSITIONS, CommandState, step
from homarus.core.operations import OperationState
from homarus.errors import IllegalTransition

_C = CommandState
ALLOWED = {
    (_C.QUEUED, _C.SENT),
    (_C.QUEUED, _C.EXPIRED),
    (_C.QUEUED, _C.FAILED),
    (_C.SENT, _C.ACCEPTED),
    (_C.SENT, _C.DONE),
    (_C.SENT, _C.FAILED),
    (_C.SENT, _C.EXPIRED),
    (_C.SENT, _C.UNKNOWN),
    (_C.ACCEPTED, _C.DONE),
    (_C.ACCEPTED, _C.FAILED),
    (_C.ACCEPTED, _C.UNKNOWN),
    (_C.UNKNOWN, _C.DONE),
    (_C.UNKNOWN, _C.FAILED),
}


@pytest.mark.parametrize(("current", "wanted"), list(itertools.product(_C, _C)))
def test_the_table_whole(current: CommandState, wanted: CommandState) -> None:
    if current is wanted or (current, wanted) in ALLOWED:
        assert step(current, wanted) is wanted
        return
    with pytest.raises(IllegalTransition, match=f"{current} cannot become {wanted}"):
        step(current, wanted)


def test_only_the_unknown_may_still_be_told() -> None:
    assert {s for s in FINAL if TRANSITIONS[s]} == {_C.UNKNOWN}


def test_operations_end_in_three_ways() -> None:
    assert set(OperationState) - {OperationState.RUNNING} == {"succeeded", "failed", "superseded"}
