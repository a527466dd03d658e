"""``/healthz`` and ``/readyz``: for whoever watches this process."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text

from homarus.web.pages import View
from homarus.web.parts import parts
from homarus.web.principal import open_to_all

router = APIRouter(tags=["health"])


class HealthView(View):
    """It works; otherwise the answer is an error."""

    ok: bool


@router.get("/healthz", dependencies=[open_to_all])
async def get_health() -> HealthView:
    """This process answers."""
    return HealthView(ok=True)


@router.get("/readyz", dependencies=[open_to_all])
async def get_readiness(request: Request) -> HealthView:
    """The store answers too; 503 while it does not."""
    async with parts(request).store.read() as session:
        await session.execute(text("SELECT 1"))
    return HealthView(ok=True)


@router.get("/v1/openapi.json", dependencies=[open_to_all], include_in_schema=False)
async def get_openapi_document(request: Request) -> dict[str, Any]:
    """This API, described (OpenAPI 3.1)."""
    app: FastAPI = request.app
    return app.openapi()
