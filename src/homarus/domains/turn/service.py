"""Turns and other commands: written down first, told to the supervisor after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState
from homarus.core.commands import FINAL, CommandState, step
from homarus.domains.audit.service import record
from homarus.domains.bot.service import BotService, emit_bot
from homarus.domains.bot.tables import BotRow
from homarus.domains.turn import repository
from homarus.domains.turn.hub import AnswerHub
from homarus.domains.turn.tables import CommandRow
from homarus.errors import Conflict, IllegalTransition, NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.protocol.supervisor import Command, Result
from homarus.store.after import after_commit
from homarus.web.principal import Principal

log = structlog.get_logger(__name__)

TURN, LOGS = "turn", "logs"
TALKATIVE = (BotState.RUNNING, BotState.DEGRADED)
GRACE = timedelta(seconds=30)
"""How long past its deadline an accepted command may still be answered."""


@dataclass(frozen=True, slots=True)
class TurnParts:
    """What a `TurnService` is made of."""

    clock: Clock
    bots: BotService
    answers: AnswerHub
    nudge: Callable[[str], None]
    """Told a bot's id when there is a command for its supervisor."""
    connected: Callable[[str], bool]


class TurnService:
    """Send messages to bots, read what came of them, and take what supervisors answer."""

    def __init__(self, parts: TurnParts) -> None:
        self._clock = parts.clock
        self._bots = parts.bots
        self._nudge = parts.nudge
        self._connected = parts.connected
        self.answers = parts.answers

    async def send(
        self, session: AsyncSession, caller: Principal, ref: str, *, text: str, timeout_s: int
    ) -> CommandRow:
        """Write a turn down; its supervisor is told after the commit.

        Raises:
            Conflict: the bot takes no messages now; the reason says why.
        """
        bot = await self._bots.get(session, caller, ref, scope="bot:chat")
        if bot.state not in TALKATIVE:
            raise Conflict(
                f"Bot {bot.name} is {bot.state}: {bot.reason or 'it takes no messages'}.",
                hint=_remedy(bot),
            )
        turn = self._new(session, caller, bot, TURN, timedelta(seconds=timeout_s))
        turn.params = {"text": text, "traceparent": f"00-{turn.trace_id}-{secrets.token_hex(8)}-01"}
        told = {"turn": turn.id, "characters": len(text)}
        record(
            session, caller, action="turn.create", subject=bot.id, at=turn.created_at, detail=told
        )
        emit_bot(session, bot, "bot.turn", self._clock)
        return turn

    async def get(self, session: AsyncSession, caller: Principal, turn_id: str) -> CommandRow:
        """A turn with a bot that the caller may see."""
        turn = await repository.get(session, turn_id, kind=TURN)
        if turn is None or turn.workspace_id != caller.workspace_id:
            raise NotFound(f"There is no turn {turn_id}.")
        await self._bots.get(session, caller, turn.bot_id)
        return turn

    def listing(self, caller: Principal, bot: BotRow) -> Select[CommandRow]:
        """The turns of a bot."""
        return repository.listing(caller.workspace_id, kind=TURN, bot_id=bot.id)

    async def ask_logs(
        self, session: AsyncSession, caller: Principal, bot: BotRow, *, cursor: str, limit: int
    ) -> CommandRow:
        """Ask a bot's supervisor for a piece of its log.

        Raises:
            Conflict: no supervisor is connected, so nobody could answer.
        """
        if not self._connected(bot.id):
            raise Conflict(
                f"Bot {bot.name} has no supervisor connected now: {bot.reason or bot.state}.",
                hint="`homarus bot get` shows what it waits for.",
            )
        asked = self._new(session, caller, bot, LOGS, timedelta(seconds=15))
        asked.params = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        return asked

    async def finished(self, session: AsyncSession, command_id: str) -> CommandRow | None:
        """The command if it has ended."""
        row = await repository.get(session, command_id, kind=None)
        return row if row is not None and row.state in FINAL else None

    async def forget(self, session: AsyncSession, command_id: str) -> None:
        """Remove a command whose answer was read and is worth nothing later (logs)."""
        row = await repository.get(session, command_id, kind=LOGS)
        self.answers.end(command_id)
        if row is not None:
            await session.delete(row)

    async def waiting(self, session: AsyncSession, bot_id: str) -> bool:
        """Whether there is anything that a bot's supervisor should know of."""
        return bool(await repository.pending(session, bot_id, limit=1))

    async def commands(self, session: AsyncSession, bot_id: str) -> Sequence[Command]:
        """What the supervisor of a bot should know of, oldest first; marked as told."""
        rows = await repository.pending(session, bot_id)
        await repository.mark_sent(session, [r.id for r in rows])
        return [
            Command(key=r.id, kind=r.kind, deadline=r.deadline.isoformat(), params=dict(r.params))
            for r in rows
        ]

    async def take(self, session: AsyncSession, bot_id: str, result: Result) -> None:
        """Store a step that a supervisor reports; what comes late or twice changes nothing."""
        row = await repository.locked(session, result.key)
        if row is None or row.bot_id != bot_id:
            log.info("result_without_command", bot=bot_id, key=result.key)
            return
        try:
            state = step(CommandState(row.state), CommandState(result.state))
        except (IllegalTransition, ValueError):
            log.info("result_out_of_place", bot=bot_id, key=result.key, state=result.state)
            return
        if state in FINAL and state == row.state:
            return
        self._settle(session, row, state, result.text)
        if result.usage:
            row.usage = dict(result.usage)

    async def give_up(self, session: AsyncSession, bot_id: str, why: str) -> None:
        """Nobody will answer what a bot's late supervisor was told: say so, never lose it."""
        while rows := await repository.pending(session, bot_id):
            for row in rows:
                accepted = row.state == CommandState.ACCEPTED
                self._settle(
                    session, row, CommandState.UNKNOWN if accepted else CommandState.FAILED, why
                )
            await session.flush()  # the next look must not find these again

    async def sweep(self, session: AsyncSession) -> int:
        """End what is past its deadline; returns how many ended."""
        now = self._clock.now()
        ended = 0
        for row in await repository.overdue(session, before=now):
            if row.state == CommandState.ACCEPTED:
                if row.deadline + GRACE > now:
                    continue
                self._settle(session, row, CommandState.UNKNOWN, "no answer came in time")
            else:
                self._settle(
                    session, row, CommandState.EXPIRED, "its supervisor did not take it in time"
                )
            ended += 1
        return ended

    def _new(
        self,
        session: AsyncSession,
        caller: Principal,
        bot: BotRow,
        kind: str,
        within: timedelta,
    ) -> CommandRow:
        now = self._clock.now()
        row = CommandRow(
            id=new_id(kind, now=now),
            workspace_id=bot.workspace_id,
            bot_id=bot.id,
            kind=kind,
            params={},
            deadline=now + within,
            state=CommandState.QUEUED,
            text="",
            usage=None,
            trace_id=secrets.token_hex(16),
            created_by=caller.id,
            created_at=now,
            accepted_at=None,
            finished_at=None,
        )
        session.add(row)
        bot_id = bot.id
        after_commit(session, lambda: self._nudge(bot_id))
        return row

    def _settle(
        self, session: AsyncSession, row: CommandRow, state: CommandState, text: str
    ) -> None:
        now: datetime = self._clock.now()
        row.state = state
        if state is CommandState.ACCEPTED:
            row.accepted_at = row.accepted_at or now
        if state in FINAL:
            row.text, row.finished_at = text, now
            turn_id = row.id
            after_commit(session, lambda: self.answers.end(turn_id))


def _remedy(bot: BotRow) -> str:
    match bot.state:
        case BotState.STOPPED | BotState.FAILED:
            return f"homarus bot start {bot.name}"
        case BotState.PAUSED:
            return f"homarus bot resume {bot.name}"
        case _:
            return f"homarus bot get {bot.name} shows what it waits for."
