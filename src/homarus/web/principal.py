"""Who calls, what they may do, and the one dependency by which a route says what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Depends, Request

from homarus.core.scopes import FLEET_SCOPES, SCOPES
from homarus.errors import Forbidden, Unauthenticated
from homarus.web.parts import parts

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Held:
    """Scopes held on one fleet, or on the whole workspace (``fleet`` is None)."""

    fleet: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody we know, for the length of one request."""

    kind: str
    """``user``, or ``system`` for what Homarus does by itself."""
    id: str
    name: str
    workspace_id: str
    held: tuple[Held, ...]
    via: str = ""
    """Id of the API token they came with; empty for a session."""

    @classmethod
    def system(cls, workspace_id: str, part: str) -> Principal:
        """Homarus itself, for rows that no person asked for; ``part`` says which part of it."""
        return cls("system", part, part, workspace_id, (Held(None, frozenset(SCOPES)),))

    def may(self, scope: str, *, fleet: str | None = None) -> bool:
        """Say whether ``scope`` is held on ``fleet``, or on the whole workspace without one."""
        return any(scope in h.scopes and h.fleet in (None, fleet) for h in self.held)

    def demand(self, scope: str, *, fleet: str | None = None) -> None:
        """Raise `Forbidden` unless `may`."""
        if not self.may(scope, fleet=fleet):
            place = f" on fleet {fleet}" if fleet else ""
            raise Forbidden(
                f"This needs {scope}{place}.", hint="Ask an owner of the workspace for a role."
            )

    def fleets(self, scope: str) -> frozenset[str] | None:
        """The fleets on which ``scope`` is held; None means all of them."""
        if self.may(scope):
            return None
        return frozenset(h.fleet for h in self.held if h.fleet and scope in h.scopes)

    def holds_anywhere(self, scope: str) -> bool:
        """Say whether ``scope`` is held on the workspace or on any fleet."""
        return any(scope in h.scopes for h in self.held)

    @property
    def workspace_scopes(self) -> frozenset[str]:
        """Everything held on the whole workspace."""
        return frozenset(s for h in self.held if h.fleet is None for s in h.scopes)


class Authenticator(Protocol):
    """Turns a credential into a `Principal`. Both methods raise `Unauthenticated`."""

    async def by_token(self, token: str) -> Principal:
        """Whoever holds the API token ``token``."""
        ...

    async def by_session(self, cookie: str) -> Principal:
        """Whoever logged in and got ``cookie``."""
        ...


async def authenticate(request: Request) -> Principal:
    """Return who sent ``request``, by bearer token or by session cookie.

    Raises:
        Unauthenticated: no credential, or none that we know (any more).
        Forbidden: a cookie with a change that did not come from our own pages.
    """
    known: Authenticator = parts(request).authenticator
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("The Authorization header must be `Bearer <token>`.")
        return await known.by_token(token.strip())
    cookie = request.cookies.get(parts(request).access.cookie_name)
    if not cookie:
        raise Unauthenticated("Log in first.", hint="homarus login, or an API token.")
    # A browser sends the cookie for any page that asks; the Origin says which page asked.
    # That it is one of ours is checked for every request (web/middleware.py).
    if request.method not in SAFE_METHODS and "origin" not in request.headers:
        raise Forbidden("A change with a session needs an Origin header.")
    return await known.by_session(cookie)


class ScopeCheck:
    """The dependency behind `requires`; ``scope`` is read when routes are walked."""

    def __init__(self, scope: str) -> None:
        if scope not in SCOPES:
            raise ValueError(f"{scope} is not in core/scopes.py")
        self.scope = scope

    async def __call__(self, request: Request) -> Principal:
        caller = await authenticate(request)
        if self.scope in FLEET_SCOPES:
            if not caller.holds_anywhere(self.scope):
                caller.demand(self.scope)
        else:
            caller.demand(self.scope)
        return caller


def requires(scope: str) -> Any:
    """The caller, who holds ``scope`` on the workspace, or on a fleet if fleets can grant it."""
    return Depends(ScopeCheck(scope))


async def anyone() -> None:
    """The mark of a route that needs no credential."""


open_to_all = Depends(anyone)
