"""Secrets as the API takes and shows them: a value only ever goes in."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, SecretStr

from homarus.domains.secret.tables import Secret
from homarus.web.pages import Input, View


class SecretSet(Input):
    """A value to seal."""

    value: SecretStr = Field(min_length=1, max_length=65_536)


class SecretView(View):
    """A secret; its value is never shown."""

    id: str
    name: str
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Secret) -> SecretView:
        """Show a row."""
        return cls(
            id=row.id,
            name=row.name,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class RotatedView(View):
    """The master key was replaced."""

    data_keys: int = Field(description="how many workspaces' keys it sealed anew")
