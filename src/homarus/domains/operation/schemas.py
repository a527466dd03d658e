"""Operations as the API shows them."""

from __future__ import annotations

from datetime import datetime

from homarus.core.operations import OperationState
from homarus.domains.operation.tables import Operation
from homarus.web.pages import View


class StepView(View):
    """Something that happened on the way."""

    at: datetime
    words: str


class OperationView(View):
    """A change under way, or how it ended (``error`` says why it failed)."""

    id: str
    kind: str
    subject_id: str
    subject: str
    state: OperationState
    steps: list[StepView]
    error: str
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Operation) -> OperationView:
        """Show a row."""
        return cls(
            id=row.id,
            kind=row.kind,
            subject_id=row.subject_id,
            subject=row.subject,
            state=OperationState(row.state),
            steps=[StepView(**step) for step in row.steps],
            error=row.error,
            begun_by=row.begun_by,
            begun_at=row.begun_at,
            ended_at=row.ended_at,
        )
