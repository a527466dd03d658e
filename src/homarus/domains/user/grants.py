"""Grants as values, and the rule that nobody hands out more than they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from homarus.core.scopes import ROLES, Role, scopes_of
from homarus.domains.user.tables import Grant
from homarus.errors import Forbidden
from homarus.web.principal import Held, Principal


@dataclass(frozen=True, slots=True)
class GrantSpec:
    """A role on one fleet, or on the whole workspace (``fleet`` is None)."""

    role: Role
    fleet: str | None = None


def specs_of(rows: Iterable[Grant]) -> list[GrantSpec]:
    """Return stored grants as values."""
    return [GrantSpec(Role(row.role), row.fleet or None) for row in rows]


def held_by(grants: Iterable[GrantSpec], only: frozenset[str] | None = None) -> tuple[Held, ...]:
    """Return what ``grants`` amount to, cut down to the scopes ``only`` of a token."""
    held = []
    for grant in grants:
        scopes = scopes_of(grant.role, fleet=grant.fleet is not None)
        held.append(Held(grant.fleet, scopes if only is None else scopes & only))
    return tuple(held)


def expect_not_above(caller: Principal, grants: Sequence[GrantSpec]) -> None:
    """Refuse to touch grants that hold more than the caller: nobody lifts themselves.

    Raises:
        Forbidden: a role has a scope that the caller does not hold on the workspace.
    """
    own = caller.workspace_scopes
    for grant in grants:
        if not ROLES[grant.role] <= own:
            raise Forbidden(
                f"The role {grant.role} holds more than you do.", hint="Ask an owner to do it."
            )
