"""What the reconciler asks of the rest of the control plane; the bot domain implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from homarus.core.bot_states import BotState
from homarus.core.placements import Link, Wish
from homarus.ports.target import SupervisorUnit


class Fleet(Protocol):
    """Wishes in, shown states out, and the identity of placements."""

    async def wishes(self, *, after: str, limit: int) -> Sequence[Wish]:
        """A page of wishes by bot id, after ``after``; deleted bots stay until `remove`."""
        ...

    async def links(self) -> Mapping[str, Link]:
        """What each bot's supervisor last said, by bot id; silent bots are absent."""
        ...

    async def record(self, *, bot_id: str, state: BotState, reason: str) -> None:
        """Show people this state. Called only when it differs from what the wish showed.

        A bot that was removed meanwhile is nobody's to show: then nothing happens.

        Raises:
            IllegalTransition: the bot moved on meanwhile; the next pass sees it.
        """
        ...

    async def arm(self, *, bot_id: str, generation: int, nonce: str) -> SupervisorUnit:
        """Make ``generation`` the only one that may enrol, and return what a target must run.

        Repeating it for the same generation arms a fresh enrolment token and keeps the
        generation's gateway key.
        """
        ...

    async def retire(self, *, bot_id: str, generation: int) -> None:
        """Fence ``generation``: its gateway key dies, its session closes, its token is void.

        Done before anything of it is stopped. Repeating it changes nothing.
        """
        ...

    async def remove(self, *, bot_id: str) -> None:
        """Forget a deleted bot of which nothing runs any more. Repeating it changes nothing."""
        ...
