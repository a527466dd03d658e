from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from homarus.core.specs import BotSpec
from homarus.errors import Issue
from homarus.kit.validation import issues_from


def _issues(model: type[BaseModel], document: Any) -> tuple[Issue, ...]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(document)
    return issues_from(refused.value.errors(), model=model)


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ({"nme": "x"}, "nme", "Did you mean name?"),
        ({"tools": {"exc": "deny"}}, "tools.exc", "Did you mean exec? Allowed: exec, deny."),
        ({"tools": {"exec": "ful"}}, "tools.exec", "Did you mean full? Allowed: deny, full."),
        ({"budget": {"period": "week"}}, "budget.period", "Allowed: day, month, total."),
        ({"resources": {"memory": 1}}, "resources.memory", "memory_mb"),
    ],
)
def test_unknown_keys_and_values_name_what_is_allowed(
    document: dict[str, Any], path: str, words: str
) -> None:
    found = {i.path: i for i in _issues(BotSpec, {"name": "ok", **document})}
    assert words in found[path].hint


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "name"),
        ({"name": "Upper"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "ok", "goals": ["fine", ""]}, "goals[1]"),
        ({"name": "ok", "resources": {"memory_mb": "lots"}}, "resources.memory_mb"),
    ],
)
def test_every_wrong_path_is_named(document: dict[str, Any], path: str) -> None:
    (issue,) = _issues(BotSpec, document)
    assert issue.path == path
    assert issue.message


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"name": 7}, "must be text"),
        ({"resources": {"memory_mb": "lots"}}, "must be a whole number"),
        ({"resources": {"memory_mb": 1}}, "must be at least 64"),
        ({"resources": 5}, "must be a group of keys"),
        ({"budget": {"limit_usd": "much"}}, "must be a number"),
        ({"budget": {"limit_usd": -1}}, "must be at least 0"),
        ({"goals": "one"}, "must be a list"),
        ({"goals": [""]}, "must not be empty"),
        ({"goals": ["x"] * 33}, "must have at most 32 entries"),
        ({"persona": "x" * 16_001}, "must have at most 16000 characters"),
        ({"labels": 1}, "must be a group of keys"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_people(document: dict[str, Any], words: str) -> None:
    (issue,) = _issues(BotSpec, {"name": "ok", **document})
    assert issue.message == words


def test_words_of_our_own_validators_stand_alone() -> None:
    error = {"type": "value_error", "loc": ("a",), "msg": "Value error, Give one."}
    assert issues_from([error]) == (Issue("a", "give one.", ""),)
    error = {"type": "url_parsing", "loc": ("a",), "msg": "Input should be a valid URL"}
    assert issues_from([error]) == (Issue("a", "must be a valid URL", ""),)


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: str = ""


class Tree(BaseModel):
    leaves: list[Leaf] = []
    named: dict[str, Leaf] = {}
    maybe: Leaf | None = None


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"leaves": [{}, {"color": "x"}]}, "leaves[1].color"),
        ({"named": {"a": {"color": "x"}}}, "named.a.color"),
        ({"maybe": {"color": "x"}}, "maybe.color"),
    ],
)
def test_the_nearest_name_is_found_inside_lists_maps_and_options(
    document: dict[str, Any], path: str
) -> None:
    assert _issues(Tree, document) == (
        Issue(path, "unknown key", "Did you mean colour? Allowed: colour."),
    )
