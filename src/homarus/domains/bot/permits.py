"""What a spec asks for beyond ``bot:write``: secrets, the machine itself, more money.

A grant on a fleet carries none of these: they reach beyond the fleet.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from homarus.core.specs import BotSpec, BudgetSpec, Isolation
from homarus.web.principal import Principal


def demand(caller: Principal, spec: BotSpec, before: Mapping[str, Any] | None) -> None:
    """Refuse a spec that gives the bot more than the caller may give.

    Args:
        before: the document that the bot has now; None: it is new.

    Raises:
        Forbidden: names the scope that is missing. Nothing else is revealed, not even
            whether a secret of that name exists.
    """
    had = before or {"secrets": [], "budget": BudgetSpec().model_dump(mode="json")}
    if set(spec.secrets) - set(had["secrets"]):
        caller.demand("secret:use")
    if spec.isolation is Isolation.PLAIN:
        # Every change of such a bot can be a command on the machine, not only its first.
        caller.demand("bot:unsandbox")
    period = had["budget"]["period"]
    raised = spec.budget.limit_usd > Decimal(had["budget"]["limit_usd"])
    if raised or spec.budget.period != period:
        caller.demand("budget:write")
