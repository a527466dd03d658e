"""Turns and logs as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from homarus.core.commands import CommandState
from homarus.domains.turn.tables import CommandRow
from homarus.web.pages import Input, View


class TurnCreate(Input):
    """A message to a bot."""

    text: str = Field(min_length=1, max_length=100_000, description="what to tell the bot")
    timeout_s: int = Field(
        300, ge=5, le=3600, description="seconds within which an answer is expected"
    )


class TurnView(View):
    """A turn. ``answer`` is empty until it is done; ``error`` says why it ended otherwise."""

    id: str
    bot_id: str
    state: CommandState
    text: str
    answer: str
    error: str
    usage: dict[str, int] | None = Field(description="tokens by class, as the runtime counts them")
    trace_id: str
    created_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: CommandRow) -> TurnView:
        """Show a row."""
        done = row.state == CommandState.DONE
        return cls(
            id=row.id,
            bot_id=row.bot_id,
            state=CommandState(row.state),
            text=row.params.get("text", ""),
            answer=row.text if done else "",
            error="" if done else row.text,
            usage=row.usage,
            trace_id=row.trace_id,
            created_at=row.created_at,
            accepted_at=row.accepted_at,
            finished_at=row.finished_at,
        )


class LogView(View):
    """A piece of a bot's log; ``cursor`` asks for what comes after it."""

    text: str
    cursor: str
