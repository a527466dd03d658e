"""What the control plane itself asks of bots: wishes out, shown states in. No person calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState, step
from homarus.core.placements import Wish
from homarus.core.specs import DesiredState
from homarus.domains.audit.service import record
from homarus.domains.bot import repository
from homarus.domains.bot.service import emit_bot
from homarus.errors import NotFound, Stale
from homarus.kit.clock import Clock
from homarus.protocol.supervisor import RunState, RunUnit
from homarus.web.principal import Principal


class Progress(Protocol):
    """Who follows changes of bots under way (operations)."""

    async def step(self, session: AsyncSession, subject_id: str, words: str) -> None:
        """Something happened on the way."""
        ...

    async def end(self, session: AsyncSession, subject_id: str, *, error: str = "") -> None:
        """The bot is as desired, or (with words) gave up."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bot's supervisor should make true."""

    workspace_id: str
    name: str
    revision: str
    digest: str
    run: RunState
    restart: int
    memory_mb: int


class BotControl:
    """Bots as the reconciler and the sessions see them, across all workspaces."""

    def __init__(self, clock: Clock, progress: Progress) -> None:
        self._clock = clock
        self._progress = progress

    async def wishes(self, session: AsyncSession, *, after: str, limit: int) -> Sequence[Wish]:
        """A page of wishes by bot id; bots being deleted are among them until `remove`."""
        return [
            Wish(
                bot_id=bot.id,
                desired=DesiredState(bot.desired),
                deleted=bot.deleted_at is not None,
                target=document["target"],
                isolation=document["isolation"],
                runtime=document["runtime"]["name"],
                digest=digest,
                redeploy=bot.redeploy,
                attempt=bot.attempt,
                shown=BotState(bot.state),
                shown_reason=bot.reason,
                urgent=bot.urgent,
                restart=bot.restart,
            )
            for bot, document, digest in await repository.wished(session, after=after, limit=limit)
        ]

    async def show(
        self, session: AsyncSession, bot_id: str, *, state: BotState, reason: str
    ) -> None:
        """Show a bot in this state; one that was removed is nobody's to show.

        Raises:
            IllegalTransition: it moved on since the caller looked.
        """
        bot = await repository.locked(session, bot_id)
        if bot is None or bot.removed_at is not None:
            return
        if bot.state != state:
            bot.state = step(BotState(bot.state), state)
            bot.state_since = self._clock.now()
        bot.reason = reason
        emit_bot(session, bot, "bot.state", self._clock)
        settled = {"running": BotState.RUNNING, "paused": BotState.PAUSED}.get(
            bot.desired, BotState.STOPPED
        )
        if state is settled and not reason and bot.deleted_at is None:
            await self._progress.end(session, bot.id)
        elif state is BotState.FAILED:
            await self._progress.end(session, bot.id, error=reason)
        else:
            await self._progress.step(session, bot.id, f"{state}: {reason}")

    async def wanted(self, session: AsyncSession, bot_id: str) -> Wanted | None:
        """What should be made true of a bot; None once it is removed."""
        bot = await repository.by_id(session, bot_id)
        if bot is None or bot.removed_at is not None:
            return None
        revision = await repository.revision(session, bot.revision_id)
        stopped = bot.deleted_at is not None
        return Wanted(
            workspace_id=bot.workspace_id,
            name=bot.name,
            revision=bot.revision_id,
            digest=revision.digest,
            run=RunState.STOPPED if stopped else RunState(bot.desired),
            restart=bot.restart,
            memory_mb=revision.document["resources"]["memory_mb"],
        )

    async def unit(self, session: AsyncSession, bot_id: str, digest: str) -> RunUnit:
        """A run unit that this bot has or had.

        Raises:
            NotFound: no revision of this bot has that digest.
        """
        revision = await repository.revision_by_digest(session, bot_id, digest)
        if revision is None:
            raise NotFound(f"Bot {bot_id} has no unit {digest}.")
        return msgspec.convert(revision.unit, RunUnit)

    async def place(self, session: AsyncSession, bot_id: str) -> Wanted:
        """Like `wanted`, for who is about to place it.

        Raises:
            Stale: it was removed, or should not run any more.
        """
        wanted = await self.wanted(session, bot_id)
        if wanted is None or wanted.run is RunState.STOPPED:
            raise Stale(f"Bot {bot_id} should not run any more.")
        return wanted

    async def remove(self, session: AsyncSession, bot_id: str) -> None:
        """Leave a tombstone of a deleted bot, and its name to others. Repeating it is harmless."""
        bot = await repository.locked(session, bot_id)
        if bot is None or bot.removed_at is not None:
            return
        now = self._clock.now()
        bot.removed_at, bot.reason = now, ""
        homarus = Principal.system(bot.workspace_id, "reconciler")
        told = {"name": bot.name}
        record(session, homarus, action="bot.remove", subject=bot.id, at=now, detail=told)
        emit_bot(session, bot, "bot.removed", self._clock)
        await self._progress.end(session, bot.id)
