"""The application: routers, error renderers and guards put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

import homarus
from homarus.errors import HomarusError
from homarus.http.guards import refuse_unguarded
from homarus.http.openapi import ERRORS, describe
from homarus.http.routers import ROUTERS
from homarus.kit.clock import Clock
from homarus.kit.signal import Signal
from homarus.store.engine import Store
from homarus.web.creation import InFlight
from homarus.web.middleware import AddressGuard, RequestBoundary
from homarus.web.parts import Access, Parts
from homarus.web.principal import Authenticator
from homarus.web.problems import on_homarus_error, on_http_exception, on_validation_error


def build_app(
    *,
    store: Store,
    clock: Clock,
    access: Access,
    authenticator: Authenticator,
    numbered: Signal,
    services: Iterable[object],
    routers: Sequence[APIRouter] = ROUTERS,
) -> FastAPI:
    """Return the API over ``services``, each reachable by endpoints under its own class.

    Args:
        numbered: of the sequencer, so that event streams wake (`Sequencer.numbered`).

    Raises:
        ValueError: a route says neither which scope it needs nor that it is open to all.
    """
    app = assemble(routers)
    app.state.parts = Parts(
        store=store,
        clock=clock,
        access=access,
        authenticator=authenticator,
        numbered=numbered,
        services={type(service): service for service in services},
    )
    app.state.in_flight = InFlight()
    app.add_exception_handler(HomarusError, on_homarus_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_middleware(AddressGuard, access=access)
    app.add_middleware(RequestBoundary)
    return app


def assemble(routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """Return an application that has routes and nothing behind them: enough to describe itself.

    Raises:
        ValueError: a route says neither which scope it needs nor that it is open to all.
    """
    app = FastAPI(
        title="Homarus",
        version=homarus.__version__,
        summary="One control plane for fleets of autonomous agents",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=ERRORS,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in routers:
        refuse_unguarded(router)
        app.include_router(router)
    routes = [r for router in routers for r in router.routes if isinstance(r, APIRoute)]
    app.openapi = lambda: describe(app, routes)  # type: ignore[method-assign] # FastAPI's own way
    return app
