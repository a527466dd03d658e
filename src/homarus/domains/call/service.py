"""What gateways ask of the control plane, and what people ask about calls."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.budget.service import BudgetService, Granted
from homarus.domains.call import fold, repository, snapshot
from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.tables import Call, Gateway, Worker
from homarus.domains.provider.service import ProviderService
from homarus.errors import Conflict, Forbidden, NotFound, Unauthenticated
from homarus.kit.clock import Clock
from homarus.kit.ids import is_id, new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.protocol import gateway as wire
from homarus.protocol.identity import Enrol, verify
from homarus.store.engine import Store
from homarus.store.paging import fetch_page
from homarus.web.principal import Principal

TOKEN_LIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of a batch."""

    acked: int
    gap: bool


@dataclass(frozen=True, slots=True)
class CallsWanted:
    """Which calls a list shows; empty: not narrowed by this."""

    bot_id: str = ""
    trace_id: str = ""
    state: str = ""
    route: str = ""
    """The model name that the bot asked for."""
    model: str = ""
    """The provider's own name of the model."""
    since: datetime | None = None


class GatewayService:
    """The control plane's side of every gateway. Each method is a transaction of its own."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        hub: GatewayHub,
        budgets: BudgetService,
        providers: ProviderService,
        *,
        pepper: bytes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._hub = hub
        self._budgets = budgets
        self._providers = providers
        self.pepper = pepper

    # ---- identity

    async def arm(self) -> str:
        """Make an enrolment token for one gateway; it lives 15 minutes."""
        token = "hme_" + secrets.token_urlsafe(32)
        now = self._clock.now()
        async with self._store.begin() as session:
            session.add(
                Gateway(
                    id=new_id("gw", now=now),
                    token_digest=_digest(token),
                    token_expires_at=now + TOKEN_LIVES,
                    public_key="",
                    created_at=now,
                )
            )
        return token

    async def enrol(self, ask: Enrol) -> str:
        """Bind a key to the gateway that the token was made for; return the gateway's id.

        The same token with the same key gives the same answer as long as the token lives.

        Raises:
            Unauthenticated: the token is unknown or too old.
            Conflict: the token was used with another key.
        """
        async with self._store.begin() as session:
            found = await repository.gateway_by_token(session, _digest(ask.token))
            if found is None or found.token_expires_at <= self._clock.now():
                raise Unauthenticated("This enrolment token is unknown or too old.")
            if found.public_key not in ("", ask.public_key):
                raise Conflict("This enrolment token was used with another key.")
            found.public_key = ask.public_key
            return found.id

    async def admit(self, hello: wire.Hello, nonce: str) -> int:
        """Accept a session; return the worker's cursor.

        Raises:
            Unauthenticated: the signature is not that of the gateway it names.
            Forbidden: the worker is another gateway's, or is sealed.
        """
        async with self._store.begin() as session:
            gateway = await repository.gateway(session, hello.subject)
            if gateway is None or not verify(
                gateway.public_key, subject=hello.subject, nonce=nonce, signature=hello.signature
            ):
                raise Unauthenticated("This is not the gateway that it says it is.")
            worker = await self._meet(session, gateway.id, hello.worker, hello)
            if worker.state != "live":
                raise Forbidden(f"The worker {worker.id} is {worker.state}.")
            worker.seen_at = self._clock.now()
            return worker.acked_seq

    async def _meet(
        self, session: AsyncSession, gateway_id: str, worker_id: str, hello: wire.Hello
    ) -> Worker:
        if not is_id(worker_id, "wrk"):
            raise Forbidden("This is no id of a worker.")
        values = {
            "id": worker_id,
            "gateway_id": gateway_id,
            "node": hello.node[:200],
            "boot_id": hello.boot_id[:100],
            "state": "live",
            "acked_seq": 0,
            "seen_at": self._clock.now(),
        }
        worker = await repository.meet_worker(session, values)
        if worker.gateway_id != gateway_id:
            raise Forbidden("This worker belongs to another gateway.")
        return worker

    # ---- configuration, money, records

    async def snapshot(self) -> wire.Snapshot:
        """Everything that gateways must know now."""
        async with self._store.read() as session:
            return await snapshot.read(session, self._budgets, self._providers)

    async def lease(self, ask: wire.LeaseAsk, worker_id: str) -> Granted:
        """Grant a slice or say why not."""
        async with self._store.begin() as session:
            workers = max(1, self._hub.workers)
            return await self._budgets.grant(session, ask, worker_id=worker_id, workers=workers)

    async def ship(self, hello: wire.Hello, ship: wire.Ship) -> Folded:
        """Fold a batch of a worker of the gateway that said ``hello``."""
        async with self._store.begin() as session:
            worker = await self._meet(session, hello.subject, ship.worker, hello)
            now = self._clock.now()
            whole = await fold.fold(
                session, self._budgets, worker, ship.from_seq, ship.records, at=now
            )
            folded = Folded(worker.acked_seq, not whole)
        if any(isinstance(entry, wire.Return | wire.Close | wire.Seal) for entry in ship.records):
            self._hub.returned.notify()
        return folded


class CallService:
    """Reading the ledger, and mending it after a machine was lost."""

    def __init__(self, clock: Clock, budgets: BudgetService) -> None:
        self._clock = clock
        self._budgets = budgets

    async def list_calls(
        self, session: AsyncSession, caller: Principal, wanted: CallsWanted, ask: PageAsk
    ) -> Page[Call]:
        """The calls of the caller's workspace, newest first."""
        caller.demand("call:read")
        chosen = repository.calls_of(
            caller.workspace_id,
            since=wanted.since,
            bot_id=wanted.bot_id,
            trace_id=wanted.trace_id,
            state=wanted.state,
            model=wanted.route,
            upstream_model=wanted.model,
        )
        return await fetch_page(session, chosen, Call.id, ask, newest_first=True)

    async def get(self, session: AsyncSession, caller: Principal, id_: str) -> Call:
        """One call."""
        caller.demand("call:read")
        found = await repository.call(session, caller.workspace_id, id_)
        if found is None:
            raise NotFound(f"There is no call {id_}.")
        return found

    async def totals(
        self, session: AsyncSession, caller: Principal, *, days: int
    ) -> Sequence[tuple[str, int, int, int, int, int]]:
        """(bot, calls, unpriced, input, output, cost) of the last ``days``, dearest first."""
        caller.demand("call:read")
        since: date = self._clock.now().date() - timedelta(days=days - 1)
        return await repository.sums(session, caller.workspace_id, None, since)

    async def trend(
        self, session: AsyncSession, caller: Principal, *, days: int
    ) -> list[tuple[date, dict[str, int]]]:
        """The sums (`repository.SUMS`) of each of the last ``days``, oldest first.

        Days are UTC's, a call belongs to the one it began on and counts when it has ended;
        a day without calls is there with zeros.
        """
        caller.demand("call:read")
        today = self._clock.now().date()
        wanted = [today - timedelta(days=back) for back in reversed(range(days))]
        found = await repository.days(session, caller.workspace_id, wanted[0])
        none = dict.fromkeys(repository.SUMS, 0)
        return [(day, found.get(day, none)) for day in wanted]

    async def lost_workers(self, session: AsyncSession) -> Sequence[Worker]:
        """Workers whose machine went down with allowance that is unaccounted."""
        return await repository.workers(session, "lost")

    async def release(self, session: AsyncSession, caller: Principal, worker_id: str) -> int:
        """Free what a lost worker held, in nano-dollars; a second time it is nothing.

        A person decides this: what the machine spent in its last moments is not known.
        """
        worker = await repository.lock_worker(session, worker_id)
        if worker is None or worker.state not in ("lost", "sealed"):
            raise NotFound(f"There is no lost worker {worker_id}.")
        freed = await self._budgets.release(session, worker_id)
        worker.state = "sealed"
        record(
            session,
            caller,
            action="worker.release",
            subject=worker_id,
            at=self._clock.now(),
            detail={"freed_nano": str(freed)},
        )
        return freed


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
