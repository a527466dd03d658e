"""Money is an int: nano-dollars (1 USD = 1_000_000_000). 64 bits hold nine billion dollars."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

NANO = 1_000_000_000


def from_usd(amount: Decimal | str | int) -> int:
    """Return nano-dollars; a fraction of a nano-dollar is rounded up, never lost."""
    return int((Decimal(amount) * NANO).to_integral_value(rounding=ROUND_CEILING))


def to_usd(nano: int) -> Decimal:
    """Return exact dollars."""
    return Decimal(nano) / NANO


def show_usd(nano: int) -> str:
    """Return dollars for people: two decimals, or as many as a small amount needs."""
    usd = to_usd(nano)
    if nano == 0 or abs(usd) >= Decimal("0.01"):
        return f"${usd:,.2f}"
    return f"${usd.normalize():f}"
