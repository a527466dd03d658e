"""Looking at many bots: searched, filtered, sorted, page by page, and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState
from homarus.domains.bot import repository
from homarus.domains.bot.tables import BotRow, RevisionRow
from homarus.kit.clock import Clock
from homarus.kit.pagination import Page, PageAsk
from homarus.store.paging import Sorting, fetch_sorted
from homarus.web.principal import Principal

OVERDUE = timedelta(minutes=2)
"""How long a bot may be on its way up before it counts as unwell."""
MOST_UNWELL = 20

Shown = tuple[BotRow, RevisionRow]


class BotSort(StrEnum):
    """By what a list of bots is ordered."""

    NAME = "name"
    CREATED = "created"
    CHANGED = "changed"
    """When its state last changed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bots, in which order; the default is all of them, oldest first."""

    search: str = ""
    """A part of the name, or ``key=value`` of a label."""
    states: tuple[BotState, ...] = ()
    fleet: str = ""
    runtime: str = ""
    model: str = ""
    """The model name that they call."""
    sort: BotSort = BotSort.CREATED
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """How bots are: by state, those that need somebody (the worst first), and their fleets."""

    states: dict[BotState, int]
    unwell: Sequence[Shown]
    unwell_total: int
    fleets: Sequence[str]


_KEYS = {
    BotSort.NAME: (BotRow.name, BotRow.id),
    BotSort.CREATED: (BotRow.id,),  # ids sort by birth
    BotSort.CHANGED: (BotRow.state_since, BotRow.id),
}


class BotListing:
    """Lists of the bots that a caller may see."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def page(
        self, session: AsyncSession, caller: Principal, wanted: Wanted, ask: PageAsk
    ) -> Page[Shown]:
        """One page of them, each with its revision.

        A bot that changes while somebody turns pages sorted by change may be seen twice or
        not at all; sorted by name or by birth none is missed.

        Raises:
            Invalid: the cursor belongs to another order or other filters.
        """
        chosen = repository.matching(_seen(caller), wanted)
        order = Sorting(_KEYS[wanted.sort], descending=wanted.descending, listing=repr(wanted))
        found = await fetch_sorted(session, chosen, order, ask)
        return Page(await repository.with_revisions(session, found.items), found.cursor)

    async def summary(self, session: AsyncSession, caller: Principal) -> Summary:
        """Count them by state, and name the first that are unwell: failed, degraded, or
        on their way up for longer than `OVERDUE`."""
        seen = _seen(caller)
        counted = await repository.count_by_state(session, seen)
        before = self._clock.now() - OVERDUE
        unwell, total = await repository.unwell(session, seen, before=before, most=MOST_UNWELL)
        return Summary(
            states={state: counted.get(state, 0) for state in BotState},
            unwell=await repository.with_revisions(session, unwell),
            unwell_total=total,
            fleets=await repository.fleets(session, seen),
        )


async def using_secret(session: AsyncSession, workspace_id: str, name: str) -> Sequence[str]:
    """Names of the bots that may read a secret, for who is about to delete it."""
    return await repository.using_secret(session, workspace_id, name)


def _seen(caller: Principal) -> repository.Seen:
    fleets = caller.fleets("bot:read")
    return repository.Seen(caller.workspace_id, None if fleets is None else sorted(fleets))
