"""What models cost by the published price list that ships with us. Off the way of any call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version

from genai_prices import data_snapshot
from genai_prices.types import TieredPrices

from homarus.kit.money import from_usd

_DEFAULT_OUTPUT = 8192


@dataclass(frozen=True, slots=True)
class Rates:
    """Nano-dollars per million tokens, and where they are from."""

    input: int
    cached_read: int
    cache_write: int
    output: int
    source: str


DEMO = Rates(100_000_000, 10_000_000, 125_000_000, 400_000_000, "demo")
"""Pretend money, so that budgets and costs can be seen at work without a key."""


def listed(provider_type: str, model: str, now: datetime) -> Rates | None:
    """Return the listed price of ``model`` as of ``now``; None if the list has no such model."""
    try:
        _, found = data_snapshot.get_snapshot().find_provider_model(
            model, None, provider_type, None
        )
    except LookupError:
        return None
    price = found.get_prices(now)
    input_ = _nano(price.input_mtok)
    if input_ is None:
        return None
    read, write = _nano(price.cache_read_mtok), _nano(price.cache_write_mtok)
    return Rates(
        input=input_,
        cached_read=input_ if read is None else read,
        cache_write=input_ if write is None else write,
        output=_nano(price.output_mtok) or 0,
        source=f"genai-prices {version('genai-prices')}",
    )


def _nano(price: Decimal | TieredPrices | None) -> int | None:
    if price is None:
        return None
    return from_usd(price.base if isinstance(price, TieredPrices) else price)
