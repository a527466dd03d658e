"""What the application is made of, reachable from every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from homarus.kit.clock import Clock
from homarus.kit.signal import Signal
from homarus.store.engine import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """By which addresses the API may be called."""

    hosts: frozenset[str]
    """Allowed ``Host`` headers, with port where one is not the scheme's own."""
    origins: frozenset[str]
    """Allowed ``Origin`` headers."""
    secure: bool
    """Served over TLS: cookies get the ``__Host-`` prefix."""

    @property
    def cookie_name(self) -> str:
        """Name of the session cookie."""
        return "__Host-homarus" if self.secure else "homarus"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that endpoints are given."""

    store: Store
    clock: Clock
    access: Access
    authenticator: Any
    """A `homarus.web.principal.Authenticator` (typed there, where it is used)."""
    numbered: Signal
    """Notified when events got their numbers."""
    services: Mapping[type, object]


def parts(connection: HTTPConnection) -> Parts:
    """The parts of the application that serves ``connection``."""
    return cast("Parts", connection.app.state.parts)


def provided(kind: type[T]) -> Any:
    """The service of class ``kind`` that the application was built with, as a dependency."""

    def of_request(connection: HTTPConnection) -> T:
        return cast("T", parts(connection).services[kind])

    return Depends(of_request)
