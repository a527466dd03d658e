"""What can be done with budgets: set a limit, grant slices of it, fold what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core import budgets as rules
from homarus.core.specs import BudgetSpec, Period
from homarus.domains.audit.service import record
from homarus.domains.budget import repository
from homarus.domains.budget.tables import Budget, BudgetSlice
from homarus.domains.provider.service import SNAPSHOT
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.money import from_usd
from homarus.kit.pagination import Page, PageAsk
from homarus.protocol.gateway import LeaseAsk
from homarus.store.after import after_commit
from homarus.store.paging import fetch_page
from homarus.store.sequencer import next_numbers
from homarus.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Granted:
    """The answer to a lease; ``amount`` 0 is a refusal with its ``reason``."""

    amount: int
    reason: str = ""
    low: bool = False
    recall: bool = False
    """It may fit once other workers hand back what lies idle."""
    left: int = 0
    """With a refusal: what is free all the same."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget in its current window."""

    budget: Budget
    window_start: int
    spent: int
    exposure: int
    overdraft: int


@dataclass(slots=True)
class Effect:
    """What folded records do to one slice."""

    used: int = 0
    returned: int = 0


class BudgetService:
    """Budgets of bots and workspaces. ``changed`` is called after a commit that changed one."""

    def __init__(
        self,
        clock: Clock,
        *,
        changed: Callable[[], None],
        recall: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._recall = recall

    async def ensure(
        self,
        session: AsyncSession,
        workspace_id: str,
        scope_kind: str,
        scope_id: str,
        limit_nano: int,
        period: Period,
        *,
        label: str,
    ) -> Budget:
        """Set the budget of a scope, making it if there is none; the same again changes nothing.

        A lower limit calls idle slices back; until workers answer, what they were granted
        bounds the excess. ``label`` names the scope in refusals (``bot hello``).
        """
        wanted = (limit_nano, period.value, label)
        found = await repository.of_scope(session, scope_kind, scope_id)
        if found is not None and (found.limit_nano, found.period, found.label) == wanted:
            return found
        now = self._clock.now()
        if found is None:
            found = Budget(
                id=new_id("bgt", now=now),
                workspace_id=workspace_id,
                scope_kind=scope_kind,
                scope_id=scope_id,
                label=label,
                limit_nano=limit_nano,
                period=period.value,
                created_at=now,
            )
            session.add(found)
        elif limit_nano < found.limit_nano:
            budget_id = found.id
            after_commit(session, lambda: self._recall(budget_id))
        found.limit_nano, found.period, found.label = wanted
        await session.flush()
        await next_numbers(session, SNAPSHOT, 1)
        after_commit(session, self._changed)
        return found

    async def set_workspace(
        self, session: AsyncSession, caller: Principal, wanted: BudgetSpec
    ) -> Standing:
        """Set the budget of the caller's workspace."""
        id_ = caller.workspace_id
        limit = from_usd(wanted.limit_usd)
        budget = await self.ensure(
            session, id_, "workspace", id_, limit, wanted.period, label="the workspace"
        )
        detail = {"limit_usd": str(wanted.limit_usd), "period": wanted.period.value}
        now = self._clock.now()
        record(session, caller, action="budget.set", subject=budget.id, at=now, detail=detail)
        return await self.standing(session, budget)

    async def list_budgets(
        self, session: AsyncSession, caller: Principal, ask: PageAsk, *, scope: str = ""
    ) -> Page[Standing]:
        """The budgets of the caller's workspace, or of one ``scope``, in their current windows."""
        caller.demand("budget:read")
        chosen = repository.budgets_of(caller.workspace_id, scope)
        page = await fetch_page(session, chosen, Budget.id, ask)
        return Page([await self.standing(session, row) for row in page.items], page.cursor)

    async def of_scope(self, session: AsyncSession, kind: str, id_: str) -> Budget | None:
        """The budget of a scope, if it has one."""
        return await repository.of_scope(session, kind, id_)

    async def everything(self, session: AsyncSession) -> Sequence[Budget]:
        """Every budget, for the gateways' snapshot."""
        return await repository.everything(session)

    async def standing(self, session: AsyncSession, budget: Budget) -> Standing:
        """The current window of a budget; one without spending yet is all zero."""
        start = rules.window_start(Period(budget.period), self._clock.now().timestamp())
        row = await repository.window(session, budget.id, start)
        if row is None:
            return Standing(budget, start, 0, 0, 0)
        return Standing(budget, start, row.spent, row.exposure, row.overdraft)

    async def grant(
        self, session: AsyncSession, ask: LeaseAsk, *, worker_id: str, workers: int
    ) -> Granted:
        """Set a slice aside for a worker, by the rule in `homarus.core.budgets.grant`.

        The same ask again returns the same slice. A refusal changes nothing.
        """
        known = await repository.slice_of(session, ask.slice)
        if known is not None:
            same = known.worker_id == worker_id and known.budget_id == ask.budget
            return Granted(known.amount) if same else Granted(0, "this slice is another's")
        budget = await repository.get(session, ask.budget)
        now = self._clock.now().timestamp()
        if budget is None or ask.need < 0:
            return Granted(0, "there is no such budget")
        if not rules.may_grant(Period(budget.period), ask.window, now):
            return Granted(0, "this window is not open")
        window = await repository.lock_window(session, budget.id, ask.window)
        free = budget.limit_nano - window.spent - window.exposure
        amount = rules.grant(free=free, need=ask.need, want=ask.want, workers=workers)
        if amount <= 0:
            reason = "the budget is used up"
            return Granted(0, reason, recall=window.exposure > 0, left=max(0, free))
        window.exposure += amount
        session.add(
            BudgetSlice(
                id=ask.slice,
                budget_id=budget.id,
                window_start=ask.window,
                worker_id=worker_id,
                amount=amount,
                used=0,
                state="open",
            )
        )
        await session.flush()
        return Granted(amount, low=rules.running_low(free=free - amount, need=ask.need))

    async def fold(self, session: AsyncSession, effects: Mapping[str, Effect]) -> None:
        """Book what records say of slices; a slice we never granted is not ours to book.

        Locks are taken in the order of slices, then of windows, so that folds never deadlock.
        """
        shifts: dict[tuple[str, int], list[int]] = {}
        for row in await repository.lock_slices(session, effects.keys()):
            effect = effects[row.id]
            before = (rules.exposure(row.amount, row.used), rules.overrun(row.amount, row.used))
            if row.state == "closed":
                before = (0, before[1])
            row.amount -= min(effect.returned, max(0, row.amount - row.used))
            row.used += effect.used
            after = (rules.exposure(row.amount, row.used), rules.overrun(row.amount, row.used))
            shift = shifts.setdefault((row.budget_id, row.window_start), [0, 0, 0])
            shift[0] += effect.used
            shift[1] += after[0] - before[0]
            shift[2] += after[1] - before[1]
        await session.flush()
        await self._shift(session, shifts)

    async def close(self, session: AsyncSession, worker_id: str, *, accounted: bool) -> None:
        """A worker is gone for good: what it held is free again.

        Not ``accounted`` (its machine went down): what it held stays set aside, `release` frees it.
        """
        rows = await repository.lock_slices_of(session, worker_id, "open")
        if accounted:
            await self._free(session, rows)
            return
        for row in rows:
            row.state = "unaccounted"

    async def release(self, session: AsyncSession, worker_id: str) -> int:
        """Free what a lost worker held; returns how much. A second call frees nothing."""
        rows = await repository.lock_slices_of(session, worker_id, "unaccounted")
        return await self._free(session, rows)

    async def _free(self, session: AsyncSession, rows: Sequence[BudgetSlice]) -> int:
        shifts: dict[tuple[str, int], list[int]] = {}
        freed = 0
        for row in rows:
            left = rules.exposure(row.amount, row.used)
            shifts.setdefault((row.budget_id, row.window_start), [0, 0, 0])[1] -= left
            row.amount -= left
            row.state = "closed"
            freed += left
        await session.flush()
        await self._shift(session, shifts)
        return freed

    async def _shift(
        self, session: AsyncSession, shifts: Mapping[tuple[str, int], Sequence[int]]
    ) -> None:
        for key, (spent, exposure, overdraft) in sorted(shifts.items()):
            await repository.shift_window(
                session, key, spent=spent, exposure=exposure, overdraft=overdraft
            )
