"""What the bot domain asks of domains below it; made in the composition root."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.bot.tables import BotRow
from homarus.web.principal import Principal


class Neighbours(Protocol):
    """Thin on purpose: each method is one call of another domain's service."""

    async def models(self, session: AsyncSession, workspace_id: str) -> Mapping[str, Sequence[str]]:
        """The model routes of a workspace, each with the formats that it is served in."""
        ...

    async def secrets(self, session: AsyncSession, workspace_id: str) -> Collection[str]:
        """Names of the sealed secrets of a workspace."""
        ...

    async def owner(self, session: AsyncSession, caller: Principal, email: str | None) -> str:
        """Id of the user answering for a bot: of this e-mail, or the caller.

        Raises:
            ManifestInvalid: nobody of this workspace has that e-mail.
        """
        ...

    async def budget(
        self, session: AsyncSession, bot: BotRow, limit_nano: int, period: str
    ) -> None:
        """Set the hard budget of a bot."""
        ...

    async def paused(self, session: AsyncSession, bot: BotRow, paused: bool) -> None:
        """Let the AI gateway refuse (or serve) the bot's model calls."""
        ...

    async def revoke(self, session: AsyncSession, bot: BotRow) -> int:
        """End the bot's keys of every generation; return the version that has it."""
        ...

    async def obeyed(self, version: int) -> bool:
        """Wait, a second at most, until every connected AI gateway obeys ``version``."""
        ...

    async def begun(self, session: AsyncSession, caller: Principal, bot: BotRow, kind: str) -> str:
        """Open an operation that ends when the bot is as desired; return its id."""
        ...
