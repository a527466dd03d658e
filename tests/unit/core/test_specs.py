"""What a spec refuses, and what it fills in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from homarus.core.specs import BotSpec, DesiredState, ExecPolicy, Isolation, Period


def test_a_name_is_enough_and_every_default_is_the_safe_one() -> None:
    spec = BotSpec.model_validate({"name": "hello"})
    assert spec.tools.exec is ExecPolicy.DENY
    assert spec.isolation is Isolation.SANDBOX
    assert (spec.budget.limit_usd, spec.budget.period) == (Decimal(5), Period.DAY)
    assert (spec.secrets, spec.fleet, spec.desired) == ((), "default", DesiredState.RUNNING)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"nmae": 1}, ("nmae",)),
        ({"tools": {"exce": "full"}}, ("tools", "exce")),
        ({"name": "Hello"}, ("name",)),
        ({"name": "-a"}, ("name",)),
        ({"name": "a" * 64}, ("name",)),
        ({"secrets": ["lower"]}, ("secrets", 0)),
        ({"labels": {"Bad": "x"}}, ("labels", "Bad", "[key]")),
        ({"goals": [""]}, ("goals", 0)),
        ({"budget": {"limit_usd": -1}}, ("budget", "limit_usd")),
        ({"resources": {"memory_mb": 63}}, ("resources", "memory_mb")),
        ({"desired": "deleted"}, ("desired",)),
    ],
)
def test_what_is_wrong_is_named_by_its_path(wrong: dict[str, Any], where: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        BotSpec.model_validate({"name": "hello", **wrong})
    assert [error["loc"] for error in refused.value.errors()] == [where]


def test_a_spec_does_not_change() -> None:
    spec = BotSpec.model_validate({"name": "hello"})
    with pytest.raises(ValidationError):
        spec.name = "other"  # type: ignore[misc]
