from __future__ import annotations

import pytest

from homarus.core.scopes import FLEET_SCOPES, ROLES, SCOPES, Role, scopes_of


@pytest.mark.parametrize("role", Role)
def test_roles_hold_scopes_that_exist(role: Role) -> None:
    assert scopes_of(role, fleet=False) == ROLES[role] <= set(SCOPES)


@pytest.mark.parametrize("role", Role)
def test_a_fleet_carries_only_what_a_fleet_can(role: Role) -> None:
    held = scopes_of(role, fleet=True)
    assert held == ROLES[role] & FLEET_SCOPES
    assert not held & {"user:write", "secret:write", "audit:read", "workspace:write"}


def test_only_who_may_write_can_do_harm() -> None:
    for role in (Role.VIEWER, Role.AUDITOR):
        changing = {s for s in ROLES[role] if not s.endswith(":read")}
        assert changing == {"token:write"}, "their own tokens, which hold no more than they do"
    assert ROLES[Role.ADMIN] < ROLES[Role.OWNER]
