"""``/v1/targets`` and ``/v1/runtimes``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from homarus.core.specs import Isolation, Resources
from homarus.domains.bot.capacity import Capacity, Carries
from homarus.ports.runtime_model import RuntimeModel
from homarus.web.pages import View
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession

router = APIRouter(prefix="/v1", tags=["bot"])
Reader = Annotated[Principal, requires("bot:read")]
Here = Annotated[Capacity, provided(Capacity)]


class IsolationView(View):
    """How far bots can be kept from a target's machine."""

    kind: Isolation
    available: bool
    problem: str = Field(description="why it cannot be had now, and how to mend it; or empty")


class TargetView(View):
    """A place where bots run. Memory is null where the target decides for itself."""

    name: str
    isolations: list[IsolationView]
    memory_mb: int | None = Field(description="what all bots together may use")
    promised_mb: int = Field(description="set aside for bots that are meant to be up")
    free_mb: int | None

    @classmethod
    def of(cls, carries: Carries) -> TargetView:
        """Show a target."""
        able = carries.able
        isolations = [
            IsolationView(
                kind=kind, available=kind in able.isolation, problem=able.missing.get(kind, "")
            )
            for kind in Isolation
            if kind in able.isolation or kind in able.missing
        ]
        most = able.max_memory_mb
        return cls(
            name=carries.name,
            isolations=isolations,
            memory_mb=most,
            promised_mb=carries.promised_mb,
            free_mb=None if most is None else max(0, most - carries.promised_mb),
        )


class RuntimeView(View):
    """What a bot can run."""

    name: str
    version: str = Field(description="the one that a bot gets unless its spec names another")
    description: str
    memory_mb: int = Field(description="what a bot gets unless its spec says otherwise")
    least_memory_mb: int = Field(description="with less than this its spec is refused")
    formats: list[str] = Field(description="in which it can call models, the best first")

    @classmethod
    def of(cls, runtime: RuntimeModel) -> RuntimeView:
        """Show a runtime."""
        return cls(
            name=runtime.name,
            version=runtime.versions[0],
            description=runtime.description,
            memory_mb=Resources().memory_mb,
            least_memory_mb=runtime.memory_mb,
            formats=list(runtime.formats),
        )


@router.get("/targets")
async def list_targets(caller: Reader, session: ReadSession, here: Here) -> list[TargetView]:
    """Where bots can be placed, and what is still free there."""
    return [TargetView.of(carries) for carries in await here.targets(session)]


@router.get("/runtimes")
async def list_runtimes(caller: Reader, here: Here) -> list[RuntimeView]:
    """What bots can run."""
    return [RuntimeView.of(runtime) for runtime in here.runtimes()]
