from __future__ import annotations

from typing import Any

import pytest

from homarus.core.diff import Change, diff


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Change("a", 1, 2)]),
        ({"a": 1}, {}, [Change("a", 1, None)]),
        ({}, {"a": {"b": 1}}, [Change("a", None, {"b": 1})]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [Change("a.c", 2, 3)]),
        ({"a": [1, 2]}, {"a": [2, 1]}, [Change("a", [1, 2], [2, 1])]),
        ({"a": {"b": 1}}, {"a": 1}, [Change("a", {"b": 1}, 1)]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, [Change("a", 1, 2), Change("b", 1, 2)]),
    ],
)
def test_every_leaf_that_differs(
    before: dict[str, Any], after: dict[str, Any], changes: list[Change]
) -> None:
    assert diff(before, after) == changes
