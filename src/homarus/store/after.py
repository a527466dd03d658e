"""Things to do once a transaction is committed, and only then."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Run ``call`` when this transaction commits; never if it is rolled back.

    For wake-ups alone: what must survive a crash between commit and call belongs in a row.
    """

    @event.listens_for(session.sync_session, "after_commit", once=True)
    def committed(_session: object) -> None:
        call()
