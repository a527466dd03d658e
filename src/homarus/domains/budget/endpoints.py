"""``/v1/budgets``. A bot's budget is set by its manifest, the workspace's here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from homarus.domains.budget.schemas import BudgetSet, BudgetView
from homarus.domains.budget.service import BudgetService
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1/budgets", tags=["budget"])
Budgets = Annotated[BudgetService, provided(BudgetService)]


@router.get("")
async def list_budgets(
    caller: Annotated[Principal, requires("budget:read")],
    session: ReadSession,
    ask: PageArguments,
    budgets: Budgets,
    scope: Annotated[str, Query(max_length=80, description="only that of this bot's id")] = "",
) -> PageView[BudgetView]:
    """Every budget of the workspace in its current window."""
    page = await budgets.list_budgets(session, caller, ask, scope=scope)
    return PageView(items=[BudgetView.of(row) for row in page.items], next_cursor=page.cursor)


@router.put("/workspace")
async def set_workspace_budget(
    caller: Annotated[Principal, requires("budget:write")],
    body: BudgetSet,
    session: WriteSession,
    budgets: Budgets,
) -> BudgetView:
    """Set what the whole workspace may spend; idle allowance beyond it is called back."""
    return BudgetView.of(await budgets.set_workspace(session, caller, body))
