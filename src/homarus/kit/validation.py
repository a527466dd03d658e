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
        case _:
            return Issue(path, str(error["msg"]), "")


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
