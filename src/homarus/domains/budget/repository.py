"""All SQL about budgets."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.budget.tables import Budget, BudgetSlice, BudgetWindow
from homarus.store.upsert import insert_into


async def get(session: AsyncSession, budget_id: str) -> Budget | None:
    """The budget of this id."""
    return await session.get(Budget, budget_id)


async def of_scope(session: AsyncSession, kind: str, id_: str) -> Budget | None:
    """The budget of this scope."""
    chosen = select(Budget).where(Budget.scope_kind == kind, Budget.scope_id == id_)
    return await session.scalar(chosen)


async def everything(session: AsyncSession) -> Sequence[Budget]:
    """Every budget of every workspace."""
    return (await session.scalars(select(Budget).order_by(Budget.id))).all()


def budgets_of(workspace_id: str, scope: str = "") -> Select[Budget]:
    """The budgets of a workspace, or only that of the ``scope`` of this id, to be paged."""
    chosen = select(Budget).where(Budget.workspace_id == workspace_id)
    return chosen.where(Budget.scope_id == scope) if scope else chosen


async def window(session: AsyncSession, budget_id: str, start: int) -> BudgetWindow | None:
    """A window, if anything was ever granted of it."""
    return await session.get(BudgetWindow, (budget_id, start))


async def lock_window(session: AsyncSession, budget_id: str, start: int) -> BudgetWindow:
    """A window, made if it is new, held until this transaction ends."""
    fresh = insert_into(session, BudgetWindow).values(
        budget_id=budget_id, start=start, spent=0, exposure=0, overdraft=0
    )
    await session.execute(fresh.on_conflict_do_nothing())
    found = await session.get(
        BudgetWindow, (budget_id, start), with_for_update=True, populate_existing=True
    )
    if found is None:
        raise LookupError("a window that was just made is gone")
    return found


async def slice_of(session: AsyncSession, slice_id: str) -> BudgetSlice | None:
    """The slice of this id."""
    return await session.get(BudgetSlice, slice_id)


async def lock_slices(session: AsyncSession, ids: Collection[str]) -> Sequence[BudgetSlice]:
    """The slices of these ids, held until this transaction ends; unknown ids are left out."""
    chosen = select(BudgetSlice).where(BudgetSlice.id.in_(ids)).order_by(BudgetSlice.id)
    found = await session.scalars(
        chosen.with_for_update().execution_options(populate_existing=True)
    )
    return found.all()


async def lock_slices_of(
    session: AsyncSession, worker_id: str, state: str
) -> Sequence[BudgetSlice]:
    """A worker's slices in ``state``, held until this transaction ends."""
    chosen = select(BudgetSlice).where(
        BudgetSlice.worker_id == worker_id, BudgetSlice.state == state
    )
    found = await session.scalars(
        chosen.order_by(BudgetSlice.id).with_for_update().execution_options(populate_existing=True)
    )
    return found.all()


async def shift_window(
    session: AsyncSession, key: tuple[str, int], *, spent: int, exposure: int, overdraft: int
) -> None:
    """Add to a window's three sums in one statement."""
    await session.execute(
        update(BudgetWindow)
        .where(BudgetWindow.budget_id == key[0], BudgetWindow.start == key[1])
        .values(
            spent=BudgetWindow.spent + spent,
            exposure=BudgetWindow.exposure + exposure,
            overdraft=BudgetWindow.overdraft + overdraft,
        )
        .execution_options(synchronize_session=False)
    )
