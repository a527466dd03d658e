"""The OpenAPI document: routes, with the error shape, the credentials and the scope of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import Field

from homarus.http.guards import is_open, scope_of
from homarus.web.pages import View
from homarus.web.problems import MEDIA_TYPE


class IssueView(View):
    """One thing wrong with the input."""

    path: str
    message: str
    hint: str


class ProblemView(View):
    """Every error, as RFC 9457 has it; docs/reference/errors.md lists the codes."""

    type: str
    title: str
    status: int
    detail: str = Field(description="what is wrong, for a person")
    code: str = Field(description="stable; programs tell errors apart by it")
    hint: str = Field(description="how to mend it; may be empty")
    request_id: str = Field(description="finds this request in the log")
    issues: list[IssueView] | None = Field(description="with code invalid: each wrong path")


ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": ProblemView, "description": "An error (application/problem+json)"}
}


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> dict[str, Any]:
    """Return the document of ``app``, whose routes are ``routes``; the same in every process."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        routes=app.routes,
    )
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "an API token"},
        "session": {"type": "apiKey", "in": "cookie", "name": "homarus"},
    }
    for route in (route for route in routes if route.include_in_schema):
        for method in sorted(route.methods or ()):
            operation = document["paths"][route.path][method.lower()]
            _describe_one(operation, route)
    return document


def _describe_one(operation: dict[str, Any], route: APIRoute) -> None:
    if is_open(route):
        operation["security"] = []
    else:
        operation["security"] = [{"token": []}, {"session": []}]
        operation["x-homarus-scope"] = scope_of(route)
    error = operation["responses"].get("default")
    if error is not None and "application/json" in error.get("content", {}):
        error["content"] = {MEDIA_TYPE: error["content"].pop("application/json")}
