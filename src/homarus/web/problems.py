"""Every error as one shape: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from homarus.errors import HomarusError, Invalid, ManifestInvalid, NotFound, TooMany
from homarus.kit.validation import issues_from

_log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


def document(fault: HomarusError, request_id: str) -> dict[str, Any]:
    """Return what the client may know of ``fault``; its detail stays in our log."""
    return {
        "type": f"urn:homarus:error:{fault.code}",
        "title": fault.title,
        "status": fault.status,
        "detail": fault.message,
        "code": fault.code,
        "hint": fault.hint,
        "request_id": request_id,
        **fault.extras(),
    }


def render(fault: HomarusError, request_id: str) -> Response:
    """Return the answer for ``fault``."""
    headers: dict[str, str] = {}
    if isinstance(fault, TooMany):
        headers["Retry-After"] = str(math.ceil(fault.retry_after.total_seconds()))
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = json.dumps(document(fault, request_id)).encode()
    return Response(body, fault.status, headers, MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    """The id under which this request stands in our log."""
    return str(request.scope.get("homarus.request_id", ""))


async def on_homarus_error(request: Request, fault: Exception) -> Response:
    """Render a leaf of our tree."""
    ours = cast("HomarusError", fault)
    request_id = request_id_of(request)
    if ours.status >= 500:
        _log.warning(
            "request.failed",
            request_id=request_id,
            path=request.url.path,
            code=ours.code,
            message=ours.message,
            detail=ours.detail,
        )
    return render(ours, request_id)


async def on_validation_error(request: Request, fault: Exception) -> Response:
    """Render FastAPI's validation errors as ours: every wrong path with how to mend it."""
    wrong = cast("RequestValidationError", fault)
    route = request.scope.get("route")
    field = getattr(route, "body_field", None)
    model = getattr(getattr(field, "field_info", None), "annotation", None)
    issues = issues_from(wrong.errors(), model=model)
    first = issues[0]
    where = f"{first.path}: " if first.path else ""
    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
    ours = ManifestInvalid(f"{where}{first.message}{more}", issues=issues, hint=first.hint)
    ours.code, ours.title = Invalid.code, Invalid.title
    return render(ours, request_id_of(request))


async def on_http_exception(request: Request, fault: Exception) -> Response:
    """Render what the framework itself refuses (no such path, no such method)."""
    refused = cast("HTTPException", fault)
    ours: HomarusError
    if refused.status_code == 404:
        ours = NotFound("There is nothing at this path.", hint="See /v1/openapi.json.")
    else:
        ours = Invalid(str(refused.detail))
        ours.status = refused.status_code
    answer = render(ours, request_id_of(request))
    allowed: Mapping[str, str] = refused.headers or {}
    answer.headers.update(allowed)
    return answer
