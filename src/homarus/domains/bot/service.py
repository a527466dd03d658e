"""What people can do with bots. Nothing here touches a process: it changes what is wished."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState, step
from homarus.core.diff import Change, diff
from homarus.core.specs import BotSpec, DesiredState
from homarus.domains.audit.service import record
from homarus.domains.bot import permits, repository
from homarus.domains.bot.compile import Compiled, Known, compile_spec, same_run
from homarus.domains.bot.neighbours import Neighbours
from homarus.domains.bot.tables import BotRow, RevisionRow
from homarus.errors import Conflict, NotFound, Stale
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.money import from_usd
from homarus.ports.runtime_model import RuntimeModel
from homarus.ports.target import Target
from homarus.store.after import after_commit
from homarus.store.outbox import emit
from homarus.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Applied:
    """What a manifest came to: ``created``, ``changed`` or ``unchanged``, and how it differs."""

    outcome: str
    name: str
    bot: BotRow | None
    """None in a dry run of a bot that does not exist yet."""
    changes: tuple[Change, ...]
    operation_id: str | None


@dataclass(frozen=True, slots=True)
class BotParts:
    """What a `BotService` is made of."""

    clock: Clock
    runtimes: Mapping[str, RuntimeModel]
    targets: Mapping[str, Target]
    neighbours: Neighbours
    changed: Callable[[str], None]
    """Told a bot's id after each committed change: wakes reconciler and session."""


class BotService:
    """Create, edit, start, stop, pause, restart, redeploy, delete; and look."""

    def __init__(self, parts: BotParts) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._neighbours = parts.neighbours

    async def get(
        self, session: AsyncSession, caller: Principal, ref: str, *, scope: str = "bot:read"
    ) -> BotRow:
        """A bot by name or id that the caller may do ``scope`` with.

        Raises:
            NotFound: there is none, or none that the caller may know of.
            Forbidden: the caller may see it, and not do this.
        """
        changing = scope in ("bot:write", "bot:kill")
        bot = await repository.get(session, caller.workspace_id, ref, changing=changing)
        if bot is None or not (
            caller.may("bot:read", fleet=bot.fleet) or caller.may(scope, fleet=bot.fleet)
        ):
            raise NotFound(
                f"There is no bot {ref}.", hint="`homarus bot list` shows those that there are."
            )
        caller.demand(scope, fleet=bot.fleet)
        return bot

    def listing(self, caller: Principal, *, scope: str = "bot:read") -> Select[BotRow]:
        """The bots on whose fleet the caller holds ``scope``."""
        seen = caller.fleets(scope)
        fleets = None if seen is None else sorted(seen)
        return repository.listing(repository.Seen(caller.workspace_id, fleets))

    async def revision(self, session: AsyncSession, bot: BotRow) -> RevisionRow:
        """The revision that the bot should run."""
        return await repository.revision(session, bot.revision_id)

    async def create(
        self, session: AsyncSession, caller: Principal, spec: BotSpec
    ) -> tuple[BotRow, str]:
        """Make a bot and its first revision; return it with the operation that starts it.

        Raises:
            Conflict: there is a bot of this name.
            ManifestInvalid, NotEnoughMemory: the spec cannot be had here; nothing was made.
        """
        caller.demand("bot:write", fleet=spec.fleet)
        if await repository.get(session, caller.workspace_id, spec.name) is not None:
            raise Conflict(
                f"There is a bot {spec.name} already.", hint=f"homarus bot edit {spec.name}"
            )
        permits.demand(caller, spec, None)
        now = self._clock.now()
        bot_id, revision_id = new_id("bot", now=now), new_id("rev", now=now)
        compiled = await self._compile(session, caller, spec, revision_id)
        bot = BotRow(
            id=bot_id,
            workspace_id=caller.workspace_id,
            name=spec.name,
            fleet=spec.fleet,
            owner_id=await self._neighbours.owner(session, caller, spec.owner),
            desired=spec.desired,
            state=BotState.PENDING,
            reason="being placed",
            state_since=now,
            revision_id=revision_id,
            version=1,
            attempt=0,
            restart=0,
            redeploy=0,
            urgent=False,
            created_at=now,
            deleted_at=None,
            removed_at=None,
        )
        session.add(bot)
        await session.flush()
        await self._add_revision(session, caller, bot, compiled, revision_id, parent=None)
        await self._set_budget(session, bot, spec)
        await self._neighbours.paused(session, bot, spec.desired is DesiredState.PAUSED)
        return bot, await self._done(session, caller, bot, "create", {"spec": compiled.document})

    async def edit(
        self, session: AsyncSession, caller: Principal, bot: BotRow, spec: BotSpec
    ) -> tuple[Applied, str | None]:
        """Give a bot a new spec. Equal to the one it has, nothing happens at all.

        Raises:
            Conflict: the bot is being deleted, or the spec renames it.
            ManifestInvalid, NotEnoughMemory: the spec cannot be had; nothing was changed.
        """
        self._expect_alive(bot)
        if spec.name != bot.name:
            raise Conflict("A bot keeps its name.", hint="Make a new bot of the new name.")
        caller.demand("bot:write", fleet=spec.fleet)
        before = await self.revision(session, bot)
        if spec.model_dump(mode="json", exclude={"desired"}) != before.document:
            permits.demand(caller, spec, before.document)
        now = self._clock.now()
        revision_id = new_id("rev", now=now)
        compiled = await self._compile(session, caller, spec, revision_id)
        changes = _changes(before.document, bot.desired, compiled.document, spec.desired)
        if not changes:
            return Applied("unchanged", bot.name, bot, (), None), None
        if compiled.document != before.document:
            await self._add_revision(session, caller, bot, compiled, revision_id, parent=before)
            bot.revision_id, bot.fleet = revision_id, spec.fleet
            if spec.owner != before.document["owner"]:
                bot.owner_id = await self._neighbours.owner(session, caller, spec.owner)
            await self._set_budget(session, bot, spec)
        self._wish(bot, spec.desired)
        await self._neighbours.paused(session, bot, spec.desired is DesiredState.PAUSED)
        told = {"changes": [c.path for c in changes], "revision": bot.revision_id}
        operation = await self._done(session, caller, bot, "edit", told)
        return Applied("changed", bot.name, bot, tuple(changes), operation), operation

    async def apply(
        self, session: AsyncSession, caller: Principal, spec: BotSpec, *, dry_run: bool
    ) -> Applied:
        """Make the bot of this name be like ``spec``, or only say what that would change."""
        caller.demand("bot:write", fleet=spec.fleet)
        bot = await repository.get(session, caller.workspace_id, spec.name)
        if bot is not None:
            # It may be in a fleet where the caller may do nothing: then it is not theirs to take.
            bot = await self.get(session, caller, spec.name, scope="bot:write")
        if not dry_run:
            if bot is None:
                made, operation = await self.create(session, caller, spec)
                return Applied("created", made.name, made, (), operation)
            applied, _ = await self.edit(session, caller, bot, spec)
            return applied
        before = await self.revision(session, bot) if bot is not None else None
        permits.demand(caller, spec, before.document if before else None)
        compiled = await self._compile(session, caller, spec, "rev_dry_run")
        if bot is None or before is None:
            return Applied("created", spec.name, None, tuple(diff({}, compiled.document)), None)
        self._expect_alive(bot)
        changes = _changes(before.document, bot.desired, compiled.document, spec.desired)
        outcome = "changed" if changes else "unchanged"
        return Applied(outcome, bot.name, bot, tuple(changes), None)

    async def wish(
        self, session: AsyncSession, caller: Principal, bot: BotRow, desired: DesiredState
    ) -> str:
        """Start, pause, resume or stop: say what the bot should be. Repeating it is harmless."""
        self._expect_alive(bot)
        if bot.desired == DesiredState.STOPPED and desired is DesiredState.PAUSED:
            raise Conflict(f"Bot {bot.name} is stopped.", hint=f"homarus bot start {bot.name}")
        verb = {"running": "start", "paused": "pause", "stopped": "stop"}[desired.value]
        if bot.desired == DesiredState.PAUSED and desired is DesiredState.RUNNING:
            verb = "resume"
        self._wish(bot, desired)
        await self._neighbours.paused(session, bot, desired is DesiredState.PAUSED)
        return await self._done(session, caller, bot, verb, {})

    async def restart(
        self, session: AsyncSession, caller: Principal, bot: BotRow, *, redeploy: bool
    ) -> str:
        """Give the bot a new process, or (redeploy) a whole new placement. State is kept.

        Raises:
            Conflict: it should not run; start it instead.
        """
        self._expect_alive(bot)
        if bot.desired == DesiredState.STOPPED:
            raise Conflict(f"Bot {bot.name} is stopped.", hint=f"homarus bot start {bot.name}")
        if redeploy:
            bot.redeploy += 1
        else:
            bot.restart += 1
        self._wish(bot, DesiredState(bot.desired))
        return await self._done(session, caller, bot, "redeploy" if redeploy else "restart", {})

    async def kill(self, session: AsyncSession, caller: Principal, bot: BotRow) -> tuple[str, int]:
        """Revoke a bot's keys in this very transaction, and stop it without grace.

        Returns the operation, and the version that `keys_dead` waits for after the commit.
        """
        self._expect_there(bot)
        version = await self._neighbours.revoke(session, bot)
        self._wish(bot, DesiredState.STOPPED)
        bot.urgent = True
        # Started again before it was down, it must not go on under keys that are dead.
        bot.redeploy += 1
        return await self._done(session, caller, bot, "kill", {}), version

    async def killable(self, session: AsyncSession, caller: Principal) -> Sequence[BotRow]:
        """Every bot on whose fleet the caller may kill, those that are stopped too."""
        return (await session.scalars(self.listing(caller, scope="bot:kill"))).all()

    async def keys_dead(self, version: int) -> bool:
        """Wait until no connected AI gateway serves the killed; False: one is late."""
        return await self._neighbours.obeyed(version)

    async def delete(self, session: AsyncSession, caller: Principal, bot: BotRow) -> str:
        """Ask for a bot's end: its processes first, then its files. Repeating it is harmless."""
        self._expect_there(bot)
        if bot.deleted_at is None:
            bot.deleted_at = self._clock.now()
            bot.attempt += 1
            bot.version += 1
        return await self._done(session, caller, bot, "delete", {})

    def expect_version(self, bot: BotRow, version: int | None) -> None:
        """Refuse an edit that read an older version than the bot has now."""
        if version is not None and version != bot.version:
            raise Stale(
                f"Bot {bot.name} was changed since you read it.", hint="Read it again and decide."
            )

    async def _compile(
        self, session: AsyncSession, caller: Principal, spec: BotSpec, revision_id: str
    ) -> Compiled:
        known = Known(
            runtimes=self._parts.runtimes,
            targets=self._parts.targets,
            models=await self._neighbours.models(session, caller.workspace_id),
            secrets=await self._neighbours.secrets(session, caller.workspace_id),
        )
        return compile_spec(spec, known, revision_id=revision_id)

    async def _add_revision(
        self,
        session: AsyncSession,
        caller: Principal,
        bot: BotRow,
        compiled: Compiled,
        revision_id: str,
        *,
        parent: RevisionRow | None,
    ) -> None:
        unit, digest = msgspec.to_builtins(compiled.unit), compiled.unit.digest()
        if parent is not None and same_run(parent.unit, compiled.unit):
            # A new label or owner runs the same: the supervisor need not even notice.
            unit, digest = parent.unit, parent.digest
        session.add(
            RevisionRow(
                id=revision_id,
                bot_id=bot.id,
                number=await repository.last_number(session, bot.id) + 1,
                parent_id=parent.id if parent else None,
                document=compiled.document,
                renderer=compiled.renderer,
                digest=digest,
                unit=unit,
                created_by=caller.id,
                created_at=self._clock.now(),
            )
        )

    async def _set_budget(self, session: AsyncSession, bot: BotRow, spec: BotSpec) -> None:
        limit = from_usd(spec.budget.limit_usd)
        await self._neighbours.budget(session, bot, limit, spec.budget.period.value)

    def _wish(self, bot: BotRow, desired: DesiredState) -> None:
        if bot.state == BotState.FAILED:
            bot.restart += 1  # its supervisor, too, may have given up: a new request, a new try
        bot.desired = desired
        bot.urgent = False
        bot.attempt += 1
        bot.version += 1
        wakes = desired is not DesiredState.STOPPED
        if wakes and bot.state in (BotState.STOPPED, BotState.FAILED):
            bot.state = step(BotState(bot.state), BotState.PENDING)
            bot.reason, bot.state_since = "being placed", self._clock.now()
        # Never silent before it was looked at: a bot that is as asked already is found to be.
        bot.reason = bot.reason or f"asked to be {desired}"

    def _expect_there(self, bot: BotRow) -> None:
        if bot.removed_at is not None:
            raise NotFound(
                f"Bot {bot.name} was deleted.", hint="`homarus bot list` shows the rest."
            )

    def _expect_alive(self, bot: BotRow) -> None:
        self._expect_there(bot)
        if bot.deleted_at is not None:
            raise Conflict(f"Bot {bot.name} is being deleted.", hint="Wait, then make a new one.")

    async def _done(
        self,
        session: AsyncSession,
        caller: Principal,
        bot: BotRow,
        verb: str,
        detail: dict[str, Any],
    ) -> str:
        now = self._clock.now()
        told = {"name": bot.name, **detail}
        record(session, caller, action=f"bot.{verb}", subject=bot.id, at=now, detail=told)
        emit_bot(session, bot, f"bot.{verb}", self._clock)
        operation = await self._neighbours.begun(session, caller, bot, f"bot.{verb}")
        bot_id = bot.id
        after_commit(session, lambda: self._parts.changed(bot_id))
        return operation


def emit_bot(session: AsyncSession, bot: BotRow, kind: str, clock: Clock) -> None:
    """Tell who may see the bot that something about it changed."""
    emit(
        session,
        workspace_id=bot.workspace_id,
        kind=kind,
        subject_id=bot.id,
        at=clock.now(),
        data={"fleet": bot.fleet, "name": bot.name, "state": bot.state},
    )


def _changes(
    before: Mapping[str, Any], desired_before: str, after: Mapping[str, Any], desired: str
) -> list[Change]:
    return diff({**before, "desired": desired_before}, {**after, "desired": str(desired)})
