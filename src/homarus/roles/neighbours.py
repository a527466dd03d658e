"""What the bot domain asks of the domains below it, put together.

Thin on purpose: each method is one call of a service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.specs import Period
from homarus.domains.bot.tables import BotRow
from homarus.domains.budget.service import BudgetService
from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.keys import BotKeys
from homarus.domains.operation.service import OperationService
from homarus.domains.provider.service import ProviderService
from homarus.domains.secret.service import SecretService
from homarus.domains.user.service import UserService
from homarus.errors import Issue, ManifestInvalid
from homarus.web.principal import Principal

KEYS_DEAD_WITHIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """`homarus.domains.bot.neighbours.Neighbours`."""

    providers: ProviderService
    stored_secrets: SecretService
    users: UserService
    budgets: BudgetService
    keys: BotKeys
    gateways: GatewayHub
    operations: OperationService

    async def models(self, session: AsyncSession, workspace_id: str) -> Mapping[str, Sequence[str]]:
        return await self.providers.route_formats(session, workspace_id)

    async def secrets(self, session: AsyncSession, workspace_id: str) -> Collection[str]:
        return await self.stored_secrets.names(session, workspace_id)

    async def owner(self, session: AsyncSession, caller: Principal, email: str | None) -> str:
        if email is None:
            return caller.id
        found = await self.users.by_email(session, caller.workspace_id, email)
        if found is None:
            words = f"nobody in this workspace has the e-mail {email!r}"
            raise ManifestInvalid(f"owner: {words}", issues=[Issue("owner", words)])
        return found.id

    async def budget(
        self, session: AsyncSession, bot: BotRow, limit_nano: int, period: str
    ) -> None:
        await self.budgets.ensure(
            session,
            bot.workspace_id,
            "bot",
            bot.id,
            limit_nano,
            Period(period),
            label=f"bot {bot.name}",
        )

    async def paused(self, session: AsyncSession, bot: BotRow, paused: bool) -> None:
        await self.keys.set_paused(session, bot_id=bot.id, paused=paused)

    async def revoke(self, session: AsyncSession, bot: BotRow) -> int:
        await self.keys.revoke(session, bot_id=bot.id)
        return await self.keys.version(session)

    async def obeyed(self, version: int) -> bool:
        return await self.gateways.wait_applied(version, within=KEYS_DEAD_WITHIN)

    async def begun(self, session: AsyncSession, caller: Principal, bot: BotRow, kind: str) -> str:
        return await self.operations.begin(
            session, caller, kind=kind, subject_id=bot.id, subject=bot.name, fleet=bot.fleet
        )
