"""What may be done, as data: scopes, the roles that hold them, and which a fleet can grant."""

from __future__ import annotations

from enum import StrEnum

SCOPES: dict[str, str] = {
    "workspace:read": "see the workspace",
    "workspace:write": "rename the workspace and replace the keys that seal its secrets",
    "user:read": "see people and their roles",
    "user:write": "invite people, change their roles, remove them",
    "token:read": "see one's own API tokens",
    "token:write": "make and revoke one's own API tokens",
    "audit:read": "see, export and verify the audit log",
    "secret:read": "see the names of secrets (values are never shown)",
    "secret:write": "set and delete secrets",
    "secret:use": "let bots read secrets",
    "operation:read": "follow operations",
    "event:read": "follow events of what one may see",
    "bot:read": "see bots, their state and logs",
    "bot:write": "create, change, start, stop and delete bots",
    "bot:chat": "talk to bots",
    "bot:unsandbox": "run bots without a sandbox, as the user that Homarus runs as",
    "bot:kill": "revoke keys of bots and stop them at once",
    "call:read": "see model calls and what they cost",
    "provider:read": "see model providers and routes",
    "provider:write": "change model providers and routes",
    "budget:read": "see budgets and what is spent",
    "budget:write": "change budgets",
}

FLEET_SCOPES = frozenset(
    {
        "workspace:read",
        "token:read",
        "token:write",
        "operation:read",
        "event:read",
        "bot:read",
        "bot:write",
        "bot:chat",
        "bot:kill",
    }
)
"""Scopes that a grant on one fleet can carry; all others need a grant on the workspace.

Those on bots, operations and events are then good for that fleet alone.
"""


class Role(StrEnum):
    """A set of scopes with a name that people use."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    AUDITOR = "auditor"


_OWN = frozenset({"workspace:read", "event:read", "operation:read", "token:read", "token:write"})
_LOOK = _OWN | {"bot:read", "call:read", "provider:read", "budget:read"}
ROLES: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset(SCOPES),
    Role.ADMIN: frozenset(SCOPES) - {"workspace:write"},
    Role.OPERATOR: _LOOK | {"bot:write", "bot:chat", "bot:kill", "secret:read", "secret:use"},
    Role.VIEWER: _LOOK,
    Role.AUDITOR: _LOOK | {"audit:read", "user:read", "secret:read"},
}


def scopes_of(role: Role, *, fleet: bool) -> frozenset[str]:
    """Return what ``role`` holds when granted on the workspace, or on one fleet of it."""
    return ROLES[role] & FLEET_SCOPES if fleet else ROLES[role]
