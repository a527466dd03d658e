"""People as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from homarus.core.scopes import Role
from homarus.core.specs import Name
from homarus.domains.user.grants import GrantSpec
from homarus.domains.user.tables import User
from homarus.web.pages import Input, View
from homarus.web.principal import Principal

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254),
    Field(examples=["ann@example.com"]),
]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Password = Annotated[SecretStr, Field(min_length=12, max_length=200)]


class GrantInput(Input):
    """A role, on the whole workspace or on one fleet."""

    role: Role
    fleet: Name | None = Field(None, description="absent: the whole workspace")

    def spec(self) -> GrantSpec:
        """Return it as a value."""
        return GrantSpec(self.role, self.fleet)


class UserCreate(Input):
    """A new user."""

    email: Email
    name: PersonName
    grants: tuple[GrantInput, ...] = Field((), max_length=64)


class UserUpdate(Input):
    """What can be changed of a user; what is absent stays."""

    name: PersonName | None = None
    grants: tuple[GrantInput, ...] | None = Field(None, max_length=64)


class GrantView(View):
    """A role, on the whole workspace (``fleet`` is null) or on one fleet."""

    role: Role
    fleet: str | None


class UserView(View):
    """A user."""

    id: str
    email: str
    name: str
    grants: list[GrantView]
    has_password: bool
    created_at: datetime
    last_login_at: datetime | None

    @classmethod
    def of(cls, row: User, grants: Sequence[GrantSpec]) -> UserView:
        """Show a row with its grants."""
        return cls(
            id=row.id,
            email=row.email,
            name=row.name,
            grants=[GrantView(role=g.role, fleet=g.fleet) for g in grants],
            has_password=row.password_hash is not None,
            created_at=row.created_at,
            last_login_at=row.last_login_at,
        )


class LinkView(View):
    """A login link: whoever opens it first is that user. Shown once."""

    token: str
    expires_at: datetime


class Login(Input):
    """E-mail and password."""

    email: Email
    password: SecretStr = Field(max_length=200)


class LinkLogin(Input):
    """The token of a login link."""

    token: SecretStr = Field(max_length=200)


class SessionView(View):
    """A session was opened; its cookie came with this answer."""

    user_id: str
    expires_at: datetime


class PasswordUpdate(Input):
    """A new password, and the current one if there is one."""

    password: Password
    current: SecretStr | None = Field(None, max_length=200)


class HeldView(View):
    """Scopes on one fleet, or on the whole workspace (``fleet`` is null)."""

    fleet: str | None
    scopes: list[str]


class MeView(View):
    """The caller."""

    id: str
    name: str
    email: str
    has_password: bool
    workspace_id: str
    workspace_name: str
    token_id: str | None
    grants: list[GrantView] = Field(description="their roles; a token may hold less")
    held: list[HeldView] = Field(description="what this very request may do")

    @classmethod
    def of(
        cls, caller: Principal, user: User, grants: Sequence[GrantSpec], workspace: str
    ) -> MeView:
        """Show a principal with its user, and the name of their workspace."""
        return cls(
            id=caller.id,
            name=caller.name,
            email=user.email,
            has_password=user.password_hash is not None,
            workspace_id=caller.workspace_id,
            workspace_name=workspace,
            token_id=caller.via or None,
            grants=[GrantView(role=g.role, fleet=g.fleet) for g in grants],
            held=[HeldView(fleet=h.fleet, scopes=sorted(h.scopes)) for h in caller.held],
        )
