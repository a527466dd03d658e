"""Deny by default: what a route says of who may call it."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from homarus.web.principal import ScopeCheck, anyone


def refuse_unguarded(router: APIRouter) -> None:
    """Raise ValueError for a route that names no scope and is not declared open to all."""
    for route in router.routes:
        if isinstance(route, APIRoute) and scope_of(route) is None and not is_open(route):
            raise ValueError(f"{route.path} names no scope; see homarus.web")


def scope_of(route: APIRoute) -> str | None:
    """The scope that ``route`` requires; None if it requires none."""
    for call in _calls(route.dependant):
        if isinstance(call, ScopeCheck):
            return call.scope
    return None


def is_open(route: APIRoute) -> bool:
    """Say whether ``route`` is declared open to all."""
    return anyone in list(_calls(route.dependant))


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
