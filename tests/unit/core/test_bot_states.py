from __future__ import annotations

import pytest

from homarus.core.bot_states import TRANSITIONS, BotState, step
from homarus.errors import IllegalTransition


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(BotState)


def test_every_state_can_be_reached_from_pending() -> None:
    reached, new = set(), {BotState.PENDING}
    while new:
        reached |= new
        new = {s for state in new for s in TRANSITIONS[state]} - reached
    assert reached == set(BotState)


@pytest.mark.parametrize("state", list(BotState))
def test_staying_is_allowed(state: BotState) -> None:
    assert step(state, state) is state


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        (BotState.STOPPED, BotState.RUNNING),
        (BotState.RUNNING, BotState.STOPPED),
        (BotState.DELETING, BotState.PENDING),
    ],
)
def test_an_illegal_step_names_both_states(current: BotState, wanted: BotState) -> None:
    with pytest.raises(IllegalTransition, match=f"{current} cannot become {wanted}"):
        step(current, wanted)
