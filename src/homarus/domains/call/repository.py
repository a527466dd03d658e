"""All SQL about gateways, workers, bot keys and calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.call.tables import BotKey, Call, Gateway, Spend, Worker
from homarus.domains.provider.service import SNAPSHOT
from homarus.kit.ids import first_id
from homarus.store.tables import CounterRow
from homarus.store.upsert import insert_into

SUMS = ("calls", "failed", "unpriced", "input_tokens", "output_tokens", "cost_nano")
"""What is summed up of a bot's calls on one day."""


async def gateway(session: AsyncSession, id_: str) -> Gateway | None:
    """The gateway of this id."""
    return await session.get(Gateway, id_)


async def gateway_by_token(session: AsyncSession, token_digest: str) -> Gateway | None:
    """The gateway that an enrolment token was made for, held by this transaction."""
    chosen = select(Gateway).where(Gateway.token_digest == token_digest)
    return await session.scalar(chosen.with_for_update())


async def meet_worker(session: AsyncSession, values: Mapping[str, Any]) -> Worker:
    """The worker of this id, made if it is new, held until this transaction ends."""
    await session.execute(insert_into(session, Worker).values(**values).on_conflict_do_nothing())
    found = await lock_worker(session, values["id"])
    if found is None:
        raise LookupError("a worker that was just made is gone")
    return found


async def lock_worker(session: AsyncSession, id_: str) -> Worker | None:
    """A worker, held until this transaction ends."""
    return await session.get(Worker, id_, with_for_update=True, populate_existing=True)


async def workers(session: AsyncSession, state: str) -> Sequence[Worker]:
    """The workers in ``state``."""
    chosen = select(Worker).where(Worker.state == state).order_by(Worker.id)
    return (await session.scalars(chosen)).all()


async def snapshot_version(session: AsyncSession) -> int:
    """The version of what gateways must know."""
    counter = select(CounterRow.value).where(CounterRow.name == SNAPSHOT)
    return await session.scalar(counter) or 0


async def live_keys(session: AsyncSession) -> Sequence[BotKey]:
    """Every key that is not revoked."""
    chosen = select(BotKey).where(BotKey.revoked_at.is_(None)).order_by(BotKey.digest)
    return (await session.scalars(chosen)).all()


async def revoke_keys(
    session: AsyncSession, bot_id: str, *, up_to: int | None, at: datetime
) -> int:
    """Void a bot's keys, of all generations or up to one; return how many were alive."""
    change = update(BotKey).where(BotKey.bot_id == bot_id, BotKey.revoked_at.is_(None))
    if up_to is not None:
        change = change.where(BotKey.generation <= up_to)
    changed = await session.scalars(
        change.values(revoked_at=at)
        .returning(BotKey.digest)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


async def pause_keys(session: AsyncSession, bot_id: str, *, paused: bool) -> int:
    """Set whether a bot's keys are paused; return how many changed."""
    changed = await session.scalars(
        update(BotKey)
        .where(BotKey.bot_id == bot_id, BotKey.revoked_at.is_(None), BotKey.paused.is_(not paused))
        .values(paused=paused)
        .returning(BotKey.digest)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


async def open_calls(
    session: AsyncSession, worker_id: str, seqs: Collection[int] | None
) -> Sequence[Call]:
    """A worker's calls that are still open: those of ``seqs``, or all."""
    chosen = select(Call).where(Call.worker_id == worker_id, Call.state == "open")
    if seqs is not None:
        chosen = chosen.where(Call.seq.in_(seqs))
    return (await session.scalars(chosen.order_by(Call.seq))).all()


async def add_calls(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new calls."""
    if rows:
        await session.execute(insert(Call), [dict(row) for row in rows])


async def change_calls(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what changed of known calls; each row names its ``worker_id`` and ``seq``."""
    for row in rows:
        values = {name: value for name, value in row.items() if name not in ("worker_id", "seq")}
        await session.execute(
            update(Call)
            .where(Call.worker_id == row["worker_id"], Call.seq == row["seq"])
            .values(**values)
            .execution_options(synchronize_session=False)
        )


async def add_spend(
    session: AsyncSession, key: tuple[str, str, date], sums: Mapping[str, int]
) -> None:
    """Add to a bot's sums of one day."""
    fresh = insert_into(session, Spend).values(
        workspace_id=key[0], bot_id=key[1], day=key[2], **sums
    )
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["workspace_id", "bot_id", "day"],
            set_={name: getattr(Spend, name) + value for name, value in sums.items()},
        )
    )


def calls_of(workspace_id: str, *, since: datetime | None, **equal: str) -> Select[Call]:
    """The calls of a workspace, to be paged.

    Args:
        since: only those that began then or later.
        equal: columns with the value that they must have; empty: any.
    """
    chosen = select(Call).where(Call.workspace_id == workspace_id)
    for name, value in equal.items():
        if value:
            chosen = chosen.where(getattr(Call, name) == value)
    if since is not None:
        # Ids begin with the moment: this bound lets an index end the search.
        chosen = chosen.where(Call.id >= first_id("call", since=since), Call.started_at >= since)
    return chosen


async def call(session: AsyncSession, workspace_id: str, id_: str) -> Call | None:
    """One call of a workspace."""
    chosen = select(Call).where(Call.workspace_id == workspace_id, Call.id == id_)
    return await session.scalar(chosen)


async def sums(
    session: AsyncSession, workspace_id: str, bot_ids: Collection[str] | None, since: date
) -> Sequence[tuple[str, int, int, int, int, int]]:
    """(bot, calls, unpriced, input tokens, output tokens, cost) since a day, dearest first."""
    columns = (Spend.calls, Spend.unpriced, Spend.input_tokens, Spend.output_tokens)
    chosen = (
        select(
            Spend.bot_id,
            *(func.sum(column) for column in columns),
            func.sum(Spend.cost_nano),
        )
        .where(Spend.workspace_id == workspace_id, Spend.day >= since)
        .group_by(Spend.bot_id)
        .order_by(func.sum(Spend.cost_nano).desc(), Spend.bot_id)
    )
    if bot_ids is not None:
        chosen = chosen.where(Spend.bot_id.in_(bot_ids))
    found = await session.execute(chosen)
    return [(row[0], *(int(value) for value in row[1:])) for row in found]  # type: ignore[misc]


async def days(session: AsyncSession, workspace_id: str, since: date) -> dict[date, dict[str, int]]:
    """The sums of each day since one, over all bots; a day without calls is left out."""
    chosen = (
        select(Spend.day, *(func.sum(getattr(Spend, name)) for name in SUMS))
        .where(Spend.workspace_id == workspace_id, Spend.day >= since)
        .group_by(Spend.day)
    )
    found = await session.execute(chosen)
    return {row[0]: dict(zip(SUMS, map(int, row[1:]), strict=True)) for row in found}
