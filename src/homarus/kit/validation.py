"""What pydantic has against a document, said so that a person can mend it."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from homarus.errors import Issue

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})


def issues_from(errors: Iterable[Any], *, model: Any = None) -> tuple[Issue, ...]:
    """Return one issue per error of pydantic, each with its path and, if known, what is allowed.

    Args:
        errors: ``ValidationError.errors()``, or FastAPI's, whose paths begin with ``body``.
        model: the type that was validated; unknown keys are then compared with its fields.
    """
    return tuple(_issue(error, model) for error in errors)


def _issue(error: Mapping[str, Any], model: Any) -> Issue:
    where: Sequence[str | int] = error.get("loc", ())
    if where and where[0] in _PLACES:
        where = where[1:]
    path = _path(where)
    context = error.get("ctx") or {}
    match error["type"]:
        case "extra_forbidden":
            allowed = _fields(model, where[:-1])
            return Issue(path, "unknown key", _suggest(str(where[-1]), allowed))
        case "enum" | "literal_error":
            words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
            allowed = [word.strip() for word in words.split(",") if word.strip()]
            return Issue(path, "not an allowed value", _suggest(str(error.get("input")), allowed))
        case "missing":
            return Issue(path, "is required", "")
        case "string_pattern_mismatch":
            return Issue(path, "has characters that are not allowed here", _pattern(context))
        case "json_invalid":
            return Issue("", "the body is not valid JSON", str(context.get("error", "")))
        case kind:
            return Issue(path, _words(kind, context) or _plain(str(error["msg"])), "")


_KINDS = {
    "string": "must be text",
    "int": "must be a whole number",
    "float": "must be a number",
    "decimal": "must be a number",
    "bool": "must be true or false",
    "list": "must be a list",
    "tuple": "must be a list",
    "set": "must be a list",
    "frozen": "must be a list",
    "dict": "must be a group of keys",
    "model": "must be a group of keys",
    "datetime": "must be a moment such as 2030-01-31T12:00:00Z",
    "timezone": "must be a moment with its time zone, such as 2030-01-31T12:00:00Z",
}
"""What a value should have been, by the first word of the error's type."""
_LIMITS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
}


def _words(kind: str, context: Mapping[str, Any]) -> str:
    """Words for an error of this type; empty: it is none that has words of ours."""
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    if kind in _LIMITS:
        return _LIMITS[kind].format_map(context)
    return _KINDS.get(kind.split("_")[0], "")


def _plain(message: str) -> str:
    """A sentence of pydantic's, less what only a programmer would say."""
    said = message.removeprefix("Value error, ").replace("Input should", "must", 1)
    return said[:1].lower() + said[1:] if said != message else said


def _path(where: Sequence[str | int]) -> str:
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _suggest(given: str, allowed: Sequence[str]) -> str:
    if not allowed:
        return "Remove it."
    near = difflib.get_close_matches(given, allowed, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}Allowed: {', '.join(allowed)}."


def _pattern(context: Mapping[str, Any]) -> str:
    return f"It must match {context['pattern']}." if "pattern" in context else ""


def _fields(model: Any, where: Sequence[str | int]) -> list[str]:
    """Names of the fields that the model has at ``where``; none if that is no model."""
    for part in where:
        model = _inner(model, part)
    model = _bare(model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _inner(model: Any, part: str | int) -> Any:
    model = _bare(model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(str(part))
        return None if field is None else field.annotation
    arguments = [a for a in get_args(model) if a is not Ellipsis]
    return arguments[-1] if arguments else None


def _bare(model: Any) -> Any:
    while get_origin(model) in (Annotated, Union, types.UnionType):
        inside = [a for a in get_args(model) if a is not type(None)]
        model = inside[0]
    return model
