"""What a call costs and what it may cost. Pure integer arithmetic in nano-dollars."""

from __future__ import annotations

from typing import Protocol

_MILLION = 1_000_000


class ByClass(Protocol):
    """A number for each class of tokens; the classes do not overlap.

    As a price: nano-dollars per million tokens. As usage: tokens.
    """

    @property
    def input(self) -> int:
        """Read afresh."""
        ...

    @property
    def cached_read(self) -> int:
        """Read from the provider's cache."""
        ...

    @property
    def cache_write(self) -> int:
        """Read, and put into the provider's cache."""
        ...

    @property
    def output(self) -> int:
        """Written, reasoning included."""
        ...


def cost(price: ByClass, tokens: ByClass) -> int:
    """Return the cost of ``tokens``; a part of a nano-dollar counts as a whole one."""
    total = (
        price.input * tokens.input
        + price.cached_read * tokens.cached_read
        + price.cache_write * tokens.cache_write
        + price.output * tokens.output
    )
    return -(-total // _MILLION)


def estimate(price: ByClass, *, input_tokens: int, output_tokens: int) -> int:
    """Return what a call is expected to cost before anything is known of caching.

    Input is priced at the dearer of plain and cache-writing input, so that the estimate
    is rarely below what the input really costs.
    """
    rate = max(price.input, price.cache_write)
    return -(-(rate * input_tokens + price.output * output_tokens) // _MILLION)


def affordable_output(price: ByClass, *, input_tokens: int, amount: int) -> int:
    """Return how many output tokens ``amount`` pays for besides the input; never negative."""
    if price.output == 0:
        return 1 << 31
    rate = max(price.input, price.cache_write)
    return max(0, (amount * _MILLION - rate * input_tokens) // price.output)


def guess_input_tokens(size: int) -> int:
    """Return the input tokens of a request body of ``size`` bytes: four bytes a token."""
    return size // 4 + 8
