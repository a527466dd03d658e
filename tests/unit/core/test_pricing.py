"""Money is exact, and no part of a nano-dollar is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homarus.core import pricing
from homarus.protocol.gateway import PriceRow, Usage

PRICE = PriceRow("p", 3_000_000_000, 300_000_000, 3_750_000_000, 15_000_000_000)
TOKENS = st.integers(0, 10_000_000)


def test_every_class_has_its_own_price() -> None:
    assert pricing.cost(PRICE, Usage(1, 0, 0, 0)) == 3_000
    assert pricing.cost(PRICE, Usage(0, 1, 0, 0)) == 300
    assert pricing.cost(PRICE, Usage(0, 0, 1, 0)) == 3_750
    assert pricing.cost(PRICE, Usage(0, 0, 0, 1)) == 15_000


def test_reasoning_is_a_part_of_output_and_not_paid_twice() -> None:
    assert pricing.cost(PRICE, Usage(output=10, reasoning=10)) == 150_000


def test_a_part_of_a_nano_dollar_counts_as_a_whole_one() -> None:
    assert pricing.cost(PriceRow("p", 1, 0, 0, 0), Usage(1)) == 1


@given(input_=TOKENS, output=TOKENS)
def test_an_estimate_is_never_below_the_cost_of_the_same_tokens(input_: int, output: int) -> None:
    expected = pricing.estimate(PRICE, input_tokens=input_, output_tokens=output)
    assert expected >= pricing.cost(PRICE, Usage(input=input_, output=output))
    assert expected >= pricing.cost(PRICE, Usage(cache_write=input_, output=output))


@given(input_=TOKENS, output=TOKENS)
def test_what_is_affordable_costs_no_more_than_there_is(input_: int, output: int) -> None:
    amount = pricing.estimate(PRICE, input_tokens=input_, output_tokens=output)
    affordable = pricing.affordable_output(PRICE, input_tokens=input_, amount=amount)
    assert affordable >= output
    again = pricing.estimate(PRICE, input_tokens=input_, output_tokens=affordable)
    assert again <= amount


def test_free_output_is_affordable_without_end() -> None:
    free = PriceRow("p", 1, 1, 1, 0)
    assert pricing.affordable_output(free, input_tokens=10, amount=0) >= 1_000_000


def test_four_bytes_are_a_token() -> None:
    assert pricing.guess_input_tokens(4_000) == 1_008
