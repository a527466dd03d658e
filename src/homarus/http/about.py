"""``/v1/about``: what answers here, without paths and without secrets."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

import homarus
from homarus.domains.provider.service import ProviderService
from homarus.web.pages import View
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession

router = APIRouter(prefix="/v1/about", tags=["about"])


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of this installation are reached."""

    api_url: str
    gateway_url: str


class AboutView(View):
    """This installation."""

    version: str
    api_url: str
    gateway_url: str = Field(description="where bots call models")
    demo_url: str | None = Field(description="where the demo model is; null: it is not used")
    database: Literal["sqlite", "postgresql"]
    python: str
    system: str = Field(description="operating system, its release and the machine's kind")


@router.get("")
async def describe_installation(
    caller: Annotated[Principal, requires("workspace:read")],
    session: ReadSession,
    addresses: Annotated[Addresses, provided(Addresses)],
    providers: Annotated[ProviderService, provided(ProviderService)],
) -> AboutView:
    """Version, addresses, database and system of this installation."""
    return AboutView.model_validate(
        {
            "version": homarus.__version__,
            "api_url": addresses.api_url,
            "gateway_url": addresses.gateway_url,
            "demo_url": await providers.demo_url(session, caller),
            "database": session.get_bind().dialect.name,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        }
    )
