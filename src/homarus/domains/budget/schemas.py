"""Budgets as the API takes and shows them."""

from __future__ import annotations

from decimal import Decimal

from homarus.core.specs import BudgetSpec, Period
from homarus.domains.budget.service import Standing
from homarus.kit.money import to_usd
from homarus.web.pages import View

BudgetSet = BudgetSpec
"""What is said of a budget: the same words as in a bot's manifest."""


class BudgetView(View):
    """A budget in its current window.

    set_aside_usd is held for calls under way and by gateways; overdraft_usd is by how much
    calls cost more than was reserved for them.
    """

    id: str
    scope_kind: str
    scope_id: str
    label: str
    limit_usd: Decimal
    period: Period
    spent_usd: Decimal
    set_aside_usd: Decimal
    overdraft_usd: Decimal

    @classmethod
    def of(cls, standing: Standing) -> BudgetView:
        """Show a budget's standing."""
        budget = standing.budget
        return cls(
            id=budget.id,
            scope_kind=budget.scope_kind,
            scope_id=budget.scope_id,
            label=budget.label,
            limit_usd=to_usd(budget.limit_nano),
            period=Period(budget.period),
            spent_usd=to_usd(standing.spent),
            set_aside_usd=to_usd(standing.exposure),
            overdraft_usd=to_usd(standing.overdraft),
        )
