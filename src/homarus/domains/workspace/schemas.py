"""A workspace as the API takes and shows it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from homarus.core.specs import Name
from homarus.domains.workspace.tables import Workspace
from homarus.web.pages import Input, View


class WorkspaceUpdate(Input):
    """What can be changed of a workspace."""

    name: Name = Field(description="its new name, unique in this installation")


class WorkspaceView(View):
    """A workspace."""

    id: str
    name: str
    created_at: datetime

    @classmethod
    def of(cls, row: Workspace) -> WorkspaceView:
        """Show a row."""
        return cls(id=row.id, name=row.name, created_at=row.created_at)
