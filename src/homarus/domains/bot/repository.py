"""All SQL about bots and revisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState
from homarus.core.specs import DesiredState
from homarus.domains.bot.tables import BotRow, RevisionRow

_LABEL_KEY = re.compile(r"[a-z0-9][a-z0-9./-]{0,62}")


async def get(
    session: AsyncSession, workspace_id: str, ref: str, *, changing: bool = False
) -> BotRow | None:
    """A bot by id or by name; removed ones are found by id alone.

    With ``changing`` it stays as it is read until this transaction ends.
    """
    found = select(BotRow).where(
        BotRow.workspace_id == workspace_id,
        or_(BotRow.id == ref, (BotRow.name == ref) & BotRow.removed_at.is_(None)),
    )
    if changing:
        # What was read before is read again: somebody may have changed it before the lock.
        found = found.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(found)).one_or_none()


async def by_id(session: AsyncSession, bot_id: str) -> BotRow | None:
    """A bot of any workspace, for the control plane's own work."""
    return await session.get(BotRow, bot_id)


async def locked(session: AsyncSession, bot_id: str) -> BotRow | None:
    """A bot that this transaction is about to change on the control plane's behalf."""
    return await session.get(BotRow, bot_id, with_for_update=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """A workspace, and which of its fleets may be seen; None: all of them."""

    workspace_id: str
    fleets: Sequence[str] | None


class Filter(Protocol):
    """What a list is narrowed to; empty: not by this."""

    @property
    def search(self) -> str: ...
    @property
    def states(self) -> Sequence[str]: ...
    @property
    def fleet(self) -> str: ...
    @property
    def runtime(self) -> str: ...
    @property
    def model(self) -> str: ...


def listing(seen: Seen) -> Select[BotRow]:
    """Bots that may be seen and are not removed."""
    chosen = select(BotRow).where(
        BotRow.workspace_id == seen.workspace_id, BotRow.removed_at.is_(None)
    )
    return chosen if seen.fleets is None else chosen.where(BotRow.fleet.in_(seen.fleets))


def matching(seen: Seen, wanted: Filter) -> Select[BotRow]:
    """The bots of `listing` that ``wanted`` leaves."""
    chosen = listing(seen)
    if wanted.fleet:
        chosen = chosen.where(BotRow.fleet == wanted.fleet)
    if wanted.states:
        chosen = chosen.where(BotRow.state.in_(wanted.states))
    key, is_label, value = wanted.search.partition("=")
    if wanted.runtime or wanted.model or is_label:
        chosen = chosen.join(RevisionRow, RevisionRow.id == BotRow.revision_id)
    if wanted.runtime:
        named = RevisionRow.document["runtime", "name"].as_string()
        chosen = chosen.where(named == wanted.runtime)
    if wanted.model:
        chosen = chosen.where(RevisionRow.document["model"].as_string() == wanted.model)
    if is_label and _LABEL_KEY.fullmatch(key):
        chosen = chosen.where(RevisionRow.document["labels", key].as_string() == value)
    elif is_label:
        chosen = chosen.where(false())  # no label has such a key
    elif wanted.search:
        chosen = chosen.where(BotRow.name.contains(wanted.search.lower(), autoescape=True))
    return chosen


async def count_by_state(session: AsyncSession, seen: Seen) -> dict[str, int]:
    """How many bots are in each state that some bot is in."""
    inside = listing(seen).with_only_columns(BotRow.state, func.count()).group_by(BotRow.state)
    return {state: int(count) for state, count in (await session.execute(inside)).all()}


async def fleets(session: AsyncSession, seen: Seen) -> Sequence[str]:
    """The fleets that have bots, by name."""
    named = listing(seen).with_only_columns(BotRow.fleet).distinct().order_by(BotRow.fleet)
    return (await session.scalars(named)).all()


async def unwell(
    session: AsyncSession, seen: Seen, *, before: datetime, most: int
) -> tuple[Sequence[BotRow], int]:
    """Failed, degraded, and on the way up since ``before``: the first of them, and how many."""
    rising = BotRow.state.in_([BotState.PENDING, BotState.PROVISIONING, BotState.STARTING])
    chosen = listing(seen).where(
        BotRow.state.in_([BotState.FAILED, BotState.DEGRADED])
        | (rising & (BotRow.state_since <= before))
    )
    worst = case({BotState.FAILED: 0, BotState.DEGRADED: 1}, value=BotRow.state, else_=2)
    first = chosen.order_by(worst, BotRow.state_since, BotRow.id).limit(most)
    total = await session.scalar(chosen.with_only_columns(func.count()))
    return (await session.scalars(first)).all(), total or 0


async def promised_memory(session: AsyncSession) -> dict[str, int]:
    """Memory in MB that bots of all workspaces that are meant to be up hold, by target."""
    target = RevisionRow.document["target"].as_string()
    memory = RevisionRow.document["resources", "memory_mb"].as_integer()
    chosen = (
        select(target, func.sum(memory))
        .join(BotRow, RevisionRow.id == BotRow.revision_id)
        .where(
            BotRow.removed_at.is_(None),
            BotRow.deleted_at.is_(None),
            BotRow.desired != DesiredState.STOPPED,
        )
        .group_by(target)
    )
    return {name: int(total) for name, total in (await session.execute(chosen)).all()}


async def using_secret(session: AsyncSession, workspace_id: str, name: str) -> list[str]:
    """Names of the bots, but those being deleted, whose spec lets them read a secret."""
    chosen = (
        select(BotRow.name, RevisionRow.document["secrets"])
        .join(RevisionRow, RevisionRow.id == BotRow.revision_id)
        .where(BotRow.workspace_id == workspace_id, BotRow.deleted_at.is_(None))
        .order_by(BotRow.name)
    )
    return [bot for bot, secrets in (await session.execute(chosen)).all() if name in secrets]


async def with_revisions(
    session: AsyncSession, bots: Sequence[BotRow]
) -> list[tuple[BotRow, RevisionRow]]:
    """Each bot with the revision that it should run."""
    chosen = select(RevisionRow).where(RevisionRow.id.in_([bot.revision_id for bot in bots]))
    found = {row.id: row for row in await session.scalars(chosen)}
    return [(bot, found[bot.revision_id]) for bot in bots]


async def wished(
    session: AsyncSession, *, after: str, limit: int
) -> Sequence[tuple[BotRow, dict[str, Any], str]]:
    """A page of bots of every workspace that still matter, with document and unit digest."""
    chosen = (
        select(BotRow, RevisionRow.document, RevisionRow.digest)
        .join(RevisionRow, RevisionRow.id == BotRow.revision_id)
        .where(BotRow.removed_at.is_(None), BotRow.id > after)
        .order_by(BotRow.id)
        .limit(limit)
    )
    found = (await session.execute(chosen)).all()
    return [(row, document, digest) for row, document, digest in found]


async def revision(session: AsyncSession, revision_id: str) -> RevisionRow:
    """A revision that a bot refers to."""
    return await session.get_one(RevisionRow, revision_id)


async def revision_by_digest(session: AsyncSession, bot_id: str, digest: str) -> RevisionRow | None:
    """The newest revision of a bot whose run unit has this digest."""
    found = (
        select(RevisionRow)
        .where(RevisionRow.bot_id == bot_id, RevisionRow.digest == digest)
        .order_by(RevisionRow.number.desc())
        .limit(1)
    )
    return (await session.scalars(found)).one_or_none()


def revisions(bot_id: str) -> Select[RevisionRow]:
    """Every revision of a bot."""
    return select(RevisionRow).where(RevisionRow.bot_id == bot_id)


async def last_number(session: AsyncSession, bot_id: str) -> int:
    """Number of a bot's newest revision; 0 for a bot without one."""
    newest = select(func.max(RevisionRow.number)).where(RevisionRow.bot_id == bot_id)
    return await session.scalar(newest) or 0
