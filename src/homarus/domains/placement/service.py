"""Arming, enrolling, retiring; and the desk that a supervisor's session asks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.bot.control import BotControl
from homarus.domains.placement import repository
from homarus.domains.placement.hub import SessionHub
from homarus.domains.placement.session import Refusal, Standing
from homarus.domains.placement.tables import IdentityRow
from homarus.domains.secret.boxes import Boxes
from homarus.domains.secret.service import SecretService
from homarus.domains.turn.service import TurnService
from homarus.errors import Conflict, HomarusError, NotFound, Stale, Unauthenticated
from homarus.kit.clock import Clock
from homarus.ports.target import SupervisorUnit
from homarus.protocol import supervisor as wire
from homarus.protocol.identity import Enrol, Enrolled, decode_key, verify
from homarus.store.after import after_commit
from homarus.store.engine import Store
from homarus.web.principal import Principal

SESSION_PATH = "/supervisor"
TOKEN_LIFE = timedelta(minutes=15)


class Keys(Protocol):
    """The AI gateway's keys of bots."""

    async def issue(
        self, session: AsyncSession, *, bot_id: str, workspace_id: str, generation: int
    ) -> str:
        """A key that belongs to this generation and dies with it."""
        ...

    async def revoke(self, session: AsyncSession, *, bot_id: str, generation: int) -> None:
        """End the keys of this generation and older ones. Repeating it is harmless."""
        ...

    async def set_paused(self, session: AsyncSession, *, bot_id: str, paused: bool) -> None:
        """Refuse (or serve again) every call of a bot."""
        ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where bots reach us."""

    control_url: str
    gateway_url: str


@dataclass(frozen=True, slots=True)
class PlacementParts:
    """What a `PlacementService` is made of."""

    store: Store
    clock: Clock
    bots: BotControl
    turns: TurnService
    keys: Keys
    secrets: SecretService
    boxes: Boxes
    hub: SessionHub
    addresses: Addresses
    wake: Callable[[], None]
    """Called when a supervisor came, or said something new."""


class PlacementService:
    """Identity of placements. As a desk, each method is one transaction of its own."""

    def __init__(self, parts: PlacementParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._bots = parts.bots
        self._turns = parts.turns
        self._keys = parts.keys
        self._secrets = parts.secrets
        self._boxes = parts.boxes
        self._hub = parts.hub
        self._addresses = parts.addresses
        self._wake = parts.wake

    async def arm(
        self, session: AsyncSession, *, bot_id: str, generation: int, nonce: str
    ) -> SupervisorUnit:
        """Make ``generation`` the only one that may enrol; see `homarus.reconciler.fleet`.

        Raises:
            Stale: a newer generation was armed, this one is retired, or the bot is wanted down.
        """
        wanted = await self._bots.place(session, bot_id)
        if await repository.newest_generation(session, bot_id) > generation:
            raise Stale(f"Generation {generation} of {bot_id} is over.")
        token = secrets.token_urlsafe(32)
        expires = self._clock.now() + TOKEN_LIFE
        row = await repository.locked(session, bot_id, generation)
        if row is None:
            await repository.retire(session, bot_id, generation - 1, at=self._clock.now())
            row = await self._new_identity(session, wanted.workspace_id, bot_id, generation, nonce)
            if wanted.run is wire.RunState.PAUSED:
                await self._keys.set_paused(session, bot_id=bot_id, paused=True)
        elif row.retired_at is not None:
            raise Stale(f"Generation {generation} of {bot_id} is over.")
        row.token_digest, row.token_expires_at = _digest(token), expires
        return SupervisorUnit(
            bot_id=bot_id,
            bot_name=wanted.name,
            generation=generation,
            nonce=nonce,
            memory_mb=wanted.memory_mb,
            control_url=self._addresses.control_url,
            gateway_url=self._addresses.gateway_url,
            enrolment_token=token,
        )

    async def retire(self, session: AsyncSession, *, bot_id: str, generation: int) -> None:
        """Fence a generation: key, token and session end. Repeating it changes nothing."""
        await self._keys.revoke(session, bot_id=bot_id, generation=generation)
        await repository.retire(session, bot_id, generation, at=self._clock.now())
        await self._turns.give_up(session, bot_id, "the bot's placement ended before it answered")
        after_commit(session, lambda: self._hub.fence(bot_id, generation))

    async def enrol(self, enrol: Enrol) -> Enrolled:
        """Register a supervisor's public key for the generation that its token was made for.

        A valid token in a second pair of hands is written into the audit log.

        Raises:
            Unauthenticated: no such token, too late, another key, or the generation is over.
            Conflict: a supervisor of this generation is connected now.
        """
        async with self._store.begin() as session:
            row = await repository.by_token(session, _digest(enrol.token))
            now = self._clock.now()
            if row is None or row.retired_at is not None or row.token_expires_at < now:
                raise Unauthenticated("This enrolment token is not valid (any more).")
            if not _is_ed25519(enrol.public_key):
                raise Unauthenticated("The public key is not an Ed25519 key.")
            refusal = self._suspect(row, enrol.public_key)
            if refusal is None:
                row.public_key = enrol.public_key
            else:
                detail = {"generation": row.generation, "why": refusal.message}
                who = Principal.system(row.workspace_id, "placement")
                action = "bot.enrolment_refused"
                record(session, who, action=action, subject=row.bot_id, at=now, detail=detail)
        if refusal is not None:
            raise refusal  # after the commit: the refusal must not take its record with it
        return Enrolled(f"{row.bot_id}/{row.generation}", SESSION_PATH)

    def _suspect(self, row: IdentityRow, public_key: str) -> HomarusError | None:
        if row.public_key not in ("", public_key):
            return Unauthenticated("This enrolment token was used with another key.")
        if self._hub.speaks(row.bot_id, row.generation):
            return Conflict("A supervisor of this generation is connected already.")
        return None

    async def remember(self) -> None:
        """Tell the hub what supervisors said before this process began."""
        async with self._store.read() as session:
            for row in await repository.current(session):
                if row.report is not None and row.report_at is not None:
                    report = msgspec.convert(row.report, wire.Report)
                    self._hub.remember(row.bot_id, row.generation, report, row.report_at)

    # ---- the desk of a session

    async def admit(self, hello: wire.Hello, nonce: str) -> Standing:
        """Accept the signature of a generation that may speak, and give it the next epoch."""
        lowest, highest = hello.versions
        if lowest > wire.VERSIONS[1] or highest < wire.VERSIONS[0]:
            raise Refusal(
                wire.CLOSE_VERSION, f"speak version {wire.VERSIONS[1]}: update this supervisor"
            )
        bot_id, _, number = hello.subject.partition("/")
        generation = int(number) if number.isdecimal() and len(number) < 10 else 0
        async with self._store.begin() as session:
            row = await repository.locked(session, bot_id, generation)
            if row is None or not row.public_key:
                raise Refusal(wire.CLOSE_IDENTITY, "nobody enrolled under this subject")
            if not verify(
                row.public_key, subject=hello.subject, nonce=nonce, signature=hello.signature
            ):
                raise Refusal(wire.CLOSE_IDENTITY, "the signature does not fit")
            if row.retired_at is not None:
                raise Refusal(wire.CLOSE_FENCED, "this generation is over")
            row.epoch += 1
            acked = await repository.highest_ack(session, bot_id)
            standing = Standing(row.workspace_id, bot_id, generation, row.epoch, acked)
        self._wake()
        return standing

    async def pointer(self, standing: Standing) -> wire.Pointer | None:
        """The whole desired state of a bot; None once the bot or this generation of it is gone."""
        async with self._store.read() as session:
            row = await repository.get(session, standing.bot_id, standing.generation)
            if row is None or row.retired_at is not None:
                return None
            wanted = await self._bots.wanted(session, standing.bot_id)
            if wanted is None:
                return None
            version = await self._secrets.version(session, standing.workspace_id)
        return wire.Pointer(
            revision=wanted.revision,
            digest=wanted.digest,
            run=wanted.run,
            restart_nonce=wanted.restart,
            secrets_version=version,
            gateway_url=self._addresses.gateway_url,
        )

    async def unit(self, standing: Standing, digest: str) -> wire.RunUnit | None:
        """A run unit of this bot; None for a digest that was never its own."""
        async with self._store.read() as session:
            try:
                return await self._bots.unit(session, standing.bot_id, digest)
            except NotFound:
                return None

    async def secrets(
        self, standing: Standing, names: Sequence[str]
    ) -> tuple[int, dict[str, str], tuple[str, ...]]:
        """Values of secrets that the bot's present revision names, and of no others."""
        async with self._store.read() as session:
            wanted = await self._bots.wanted(session, standing.bot_id)
            if wanted is None:
                return 0, {}, tuple(names)
            unit = await self._bots.unit(session, standing.bot_id, wanted.digest)
            allowed = [n for n in names if n in unit.secrets and n != wire.GATEWAY_KEY]
            opened = await self._secrets.open_values(session, standing.workspace_id, allowed)
            values = dict(opened.values)
            if wire.GATEWAY_KEY in names:
                key = await self._gateway_key(session, standing)
                values |= {wire.GATEWAY_KEY: key} if key else {}
        return opened.version, values, tuple(n for n in names if n not in values)

    async def commands(self, standing: Standing) -> Sequence[wire.Command]:
        """What the supervisor should be told, marked as told."""
        async with self._store.read() as session:
            if not await self._turns.waiting(session, standing.bot_id):
                return ()  # the usual case costs no write
        async with self._store.begin() as session:
            return await self._turns.commands(session, standing.bot_id)

    async def reported(self, standing: Standing, report: wire.Report) -> None:
        """Keep the newest report; one of an older session is dropped.

        Raises:
            Stale: a newer session of this generation stands; this one is over.
        """
        values = {"report": msgspec.to_builtins(report), "report_at": self._clock.now()}
        async with self._store.begin() as session:
            if not await repository.write_in_epoch(
                session, standing.bot_id, standing.generation, standing.epoch, values
            ):
                raise Stale("This session was replaced.")
            after_commit(session, self._wake)

    async def result(self, standing: Standing, result: wire.Result) -> int:
        """Store a command's step and move the cursor with it; return what is stored up to."""
        async with self._store.begin() as session:
            row = await repository.locked(session, standing.bot_id, standing.generation)
            if row is None or row.epoch != standing.epoch or row.retired_at is not None:
                raise Stale("This session was replaced.")
            acked = await repository.highest_ack(session, standing.bot_id)
            # Also one below the cursor: a repetition changes nothing, and one that was
            # overtaken on its way must not be lost.
            await self._turns.take(session, standing.bot_id, result)
            row.acked_seq = max(row.acked_seq, result.seq)
            return max(acked, row.acked_seq)

    def delta(self, standing: Standing, delta: wire.Delta) -> None:
        """A piece of an answer, for who reads along; of a command that this session was told."""
        self._turns.answers.add(delta.key, delta.offset, delta.text)

    async def _new_identity(
        self, session: AsyncSession, workspace_id: str, bot_id: str, generation: int, nonce: str
    ) -> IdentityRow:
        key = await self._keys.issue(
            session, bot_id=bot_id, workspace_id=workspace_id, generation=generation
        )
        label = _label(bot_id, generation)
        row = IdentityRow(
            bot_id=bot_id,
            generation=generation,
            workspace_id=workspace_id,
            nonce=nonce,
            token_digest="",
            token_expires_at=self._clock.now(),
            public_key="",
            gateway_key=await self._boxes.seal(session, workspace_id, label, key),
            epoch=0,
            acked_seq=0,
            report=None,
            report_at=None,
            retired_at=None,
        )
        session.add(row)
        return row

    async def _gateway_key(self, session: AsyncSession, standing: Standing) -> str | None:
        row = await repository.get(session, standing.bot_id, standing.generation)
        if row is None or row.gateway_key is None:
            return None
        label = _label(standing.bot_id, standing.generation)
        return await self._boxes.unseal(session, standing.workspace_id, label, row.gateway_key)


def _is_ed25519(public_key: str) -> bool:
    try:
        return len(decode_key(public_key)) == 32
    except ValueError:
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _label(bot_id: str, generation: int) -> str:
    return f"gateway-key|{bot_id}|{generation}"
