"""API tokens as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from homarus.domains.token.tables import ApiToken
from homarus.web.pages import Input, View


class TokenCreate(Input):
    """A new token of the caller."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        description="what it is for, so that it can be told apart later"
    )
    scopes: tuple[str, ...] | None = Field(
        None, max_length=64, description="absent: everything that the caller holds"
    )
    days: int | None = Field(
        None, ge=1, le=3650, description="days until it expires; absent: until it is revoked"
    )


class TokenView(View):
    """A token, without what opens the door."""

    id: str
    user_id: str
    name: str
    hint: str = Field(description="its first characters, to tell it apart")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="to the minute")
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: ApiToken) -> TokenView:
        """Show a row."""
        return cls.model_validate(row, from_attributes=True)


class TokenCreatedView(TokenView):
    """A token just made."""

    secret: str | None = Field(description="the token itself, shown once; null on a replay")
