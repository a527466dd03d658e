"""Operations: begun with a change, told of on the way, ended when it is so or given up."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.operations import OperationState
from homarus.domains.operation import repository
from homarus.domains.operation.tables import Operation
from homarus.errors import NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.store.outbox import emit
from homarus.web.principal import Principal

_MOST_STEPS = 50


class OperationService:
    """One running operation per subject: a new one takes the place of the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def begin(
        self,
        session: AsyncSession,
        caller: Principal,
        *,
        kind: str,
        subject_id: str,
        subject: str,
        fleet: str,
    ) -> str:
        """Open an operation (``kind`` is ``noun.verb``) and return its id."""
        await self._end(session, subject_id, OperationState.SUPERSEDED, "")
        now = self._clock.now()
        made = Operation(
            id=new_id("op", now=now),
            workspace_id=caller.workspace_id,
            kind=kind,
            subject_id=subject_id,
            subject=subject,
            fleet=fleet,
            state=OperationState.RUNNING,
            steps=[],
            error="",
            begun_by=caller.name,
            begun_at=now,
            ended_at=None,
        )
        repository.add(session, made)
        self._tell(session, made)
        return made.id

    async def step(self, session: AsyncSession, subject_id: str, words: str) -> None:
        """Note what is happening to the subject; the same words again add nothing."""
        for operation in await repository.running_of(session, subject_id):
            known = operation.steps
            if known and known[-1]["words"] == words:
                continue
            new = {"at": self._clock.now().isoformat(), "words": words}
            operation.steps = [*known, new][-_MOST_STEPS:]
            self._tell(session, operation)

    async def end(self, session: AsyncSession, subject_id: str, *, error: str = "") -> None:
        """End what runs on the subject: it is as was asked, or it gave up with ``error``."""
        state = OperationState.FAILED if error else OperationState.SUCCEEDED
        await self._end(session, subject_id, state, error)

    async def get(self, session: AsyncSession, caller: Principal, operation_id: str) -> Operation:
        """The operation, or `NotFound` (also where the caller may not look)."""
        found = await repository.get(session, operation_id)
        if (
            found is None
            or found.workspace_id != caller.workspace_id
            or not caller.may("operation:read", fleet=found.fleet)
        ):
            raise NotFound(f"There is no operation {operation_id}.")
        return found

    async def list(
        self, session: AsyncSession, caller: Principal, ask: PageAsk, *, subject: str = ""
    ) -> Page[Operation]:
        """Operations that the caller may see, newest first."""
        fleets = caller.fleets("operation:read")
        return await repository.list_of(
            session, caller.workspace_id, ask, fleets=fleets, subject=subject
        )

    async def _end(
        self, session: AsyncSession, subject_id: str, state: OperationState, error: str
    ) -> None:
        for operation in await repository.running_of(session, subject_id):
            operation.state = state
            operation.error = error
            operation.ended_at = self._clock.now()
            self._tell(session, operation)

    def _tell(self, session: AsyncSession, operation: Operation) -> None:
        emit(
            session,
            workspace_id=operation.workspace_id,
            kind="operation.updated",
            subject_id=operation.id,
            at=self._clock.now(),
            data={"fleet": operation.fleet, "state": operation.state},
        )
