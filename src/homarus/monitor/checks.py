"""Checks of what the control plane talks to: store, AI gateway, providers, supervisors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy import func, select

from homarus.core.bot_states import BotState
from homarus.core.specs import DesiredState
from homarus.domains.bot.service import BotService
from homarus.domains.placement.hub import SessionHub
from homarus.domains.provider.service import ProviderService
from homarus.kit.clock import Clock
from homarus.kit.pagination import PageAsk
from homarus.monitor.doctor import Check, Finding, Health
from homarus.store.engine import Store
from homarus.store.tables import OutboxRow
from homarus.web.principal import Principal

_MOST_BOTS = 1000
_REMEDY = "`homarus bot get` and `homarus bot logs` of it say more."
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks, and what they look at."""

    store: Store
    clock: Clock
    bots: BotService
    providers: ProviderService
    sessions: SessionHub
    control_url: str
    gateway_url: str
    workers: Callable[[], int]
    """How many gateway workers are connected."""

    def all(self) -> list[tuple[str, Check]]:
        """Every check, in the order in which a person would look."""
        return [
            ("store", self.store_writes),
            ("clock", self.clock_is_sane),
            ("ports", self.ports_answer),
            ("gateway", self.gateway_serves),
            ("provider", self.providers_take_our_keys),
            ("bot", self.bots_are_reached),
        ]

    async def store_writes(self, _caller: Principal) -> Sequence[Finding]:
        """A write transaction commits."""
        began = self.clock.monotonic()
        async with self.store.begin(quiet=True) as session:
            await session.execute(select(1))
        took = (self.clock.monotonic() - began) * 1000
        words = f"{self.store.dialect} commits in {took:.0f} ms"
        if took > 1000:
            hint = "Is the disk busy or on a network? Use a local disk, or PostgreSQL."
            return [Finding("store", Health.WARN, words, hint)]
        return [Finding("store", Health.OK, words)]

    async def clock_is_sane(self, _caller: Principal) -> Sequence[Finding]:
        """The clock is not behind what is already written."""
        now = self.clock.now()
        async with self.store.read() as session:
            newest = await session.scalar(select(func.max(OutboxRow.at)))
        hint = "Set the clock: timedatectl set-ntp true"
        if now < _EARLIEST:
            return [Finding("clock", Health.FAIL, f"it is set to {now:%Y-%m-%d}", hint)]
        if newest is not None and newest > now + _AHEAD:
            words = f"it is behind the newest event ({newest:%H:%M:%S}) by {newest - now}"
            return [Finding("clock", Health.WARN, words, hint)]
        return [Finding("clock", Health.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC")]

    async def ports_answer(self, _caller: Principal) -> Sequence[Finding]:
        """Something listens on each of our ports."""
        findings = []
        for url in (self.control_url, self.gateway_url):
            where = urlsplit(url)
            try:
                _, writer = await asyncio.wait_for(
                    asyncio.open_connection(where.hostname, where.port), 3
                )
            except (OSError, TimeoutError):
                words, hint = f"nothing listens at {url}", "End and start `homarus up` again."
                findings.append(Finding("ports", Health.FAIL, words, hint))
            else:
                writer.close()
        fine = f"{self.control_url} and {self.gateway_url} are open"
        return findings or [Finding("ports", Health.OK, fine)]

    async def gateway_serves(self, _caller: Principal) -> Sequence[Finding]:
        """The AI gateway answers where bots look for it, and is connected to us."""
        hint = "Its log: logs/gateway.log in the home folder. `homarus up` starts it again."
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as client,
                client.get(f"{self.gateway_url}/readyz") as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as fault:
            words = f"nothing answers at {self.gateway_url} ({type(fault).__name__})"
            return [Finding("gateway", Health.FAIL, words, hint)]
        if status != 200:
            words = f"{self.gateway_url} is not ready (HTTP {status})"
            return [Finding("gateway", Health.FAIL, words, hint)]
        if self.workers() == 0:
            words = "it serves from its last configuration; it is not connected to us"
            return [Finding("gateway", Health.WARN, words, hint)]
        return [Finding("gateway", Health.OK, f"serves at {self.gateway_url}")]

    async def providers_take_our_keys(self, caller: Principal) -> Sequence[Finding]:
        """Each provider answers and takes the key that we have."""
        async with self.store.read() as session:
            page = await self.providers.list_providers(session, caller, PageAsk(limit=200))
            verdicts = [
                (p.name, await self.providers.check(session, caller, p.id)) for p in page.items
            ]
        if not verdicts:
            hint = "homarus provider add anthropic --key-env NAME"
            return [Finding("provider", Health.WARN, "there is no model provider", hint)]
        return [
            Finding(f"provider {name}", Health.OK if v.ok else Health.FAIL, v.message, v.hint)
            for name, v in verdicts
        ]

    async def bots_are_reached(self, caller: Principal) -> Sequence[Finding]:
        """Every bot that should be up has its supervisor connected, and nothing to report."""
        chosen = self.bots.listing(caller).limit(_MOST_BOTS)
        async with self.store.read() as session:
            bots = (await session.scalars(chosen)).all()
        findings = []
        for bot in bots:
            if bot.desired == DesiredState.STOPPED:
                continue
            if bot.state in (BotState.FAILED, BotState.DEGRADED) or not self.sessions.connected(
                bot.id
            ):
                words = f"{bot.state}: {bot.reason or 'its supervisor is not connected'}"
                findings.append(Finding(f"bot {bot.name}", Health.FAIL, words, _REMEDY))
            elif bot.reason:
                words = f"{bot.state} since {bot.state_since:%H:%M:%S} UTC: {bot.reason}"
                findings.append(Finding(f"bot {bot.name}", Health.WARN, words, _REMEDY))
            report = self.sessions.report(bot.id)
            findings += [
                Finding(f"bot {bot.name}", Health.WARN, f.message, _REMEDY)
                for f in (report.findings if report else ())
            ]
        return findings or [Finding("bot", Health.OK, f"{len(bots)} known, all as they should be")]
