"""Which runtimes exist, and how to load one half of one without importing the others.

The two halves are loaded apart: the control plane takes the model (with its schema), a
supervisor the host (without pydantic). Targets are constructed by the roles, each with
what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from homarus.errors import Invalid, Permanent
from homarus.ports.runtime_host import RuntimeHost

if TYPE_CHECKING:
    # Its specs are pydantic models: a supervisor must not pay for them.
    from homarus.ports.runtime_model import RuntimeModel


@dataclass(frozen=True, slots=True)
class RuntimeManifest:
    """Where the two halves of a runtime are: ``module:Class``."""

    name: str
    model: str
    host: str


_HERE = "homarus.adapters.runtimes"
RUNTIMES: Mapping[str, RuntimeManifest] = {
    manifest.name: manifest
    for manifest in (
        RuntimeManifest("echo", f"{_HERE}.echo.model:EchoModel", f"{_HERE}.echo.host:EchoHost"),
        RuntimeManifest(
            "openclaw",
            f"{_HERE}.openclaw.model:OpenClawModel",
            f"{_HERE}.openclaw.host:OpenClawHost",
        ),
    )
}


def _load(place: str) -> object:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def load_runtime_model(name: str) -> RuntimeModel:
    """Return the pure half of runtime ``name``.

    Raises:
        Invalid: no such runtime; the message lists those there are.
    """
    manifest = RUNTIMES.get(name)
    if manifest is None:
        known = ", ".join(sorted(RUNTIMES))
        raise Invalid(f"There is no runtime {name!r}.", hint=f"Known runtimes: {known}.")
    model: RuntimeModel = _load(manifest.model)()  # type: ignore[operator] # a class by contract
    return model


def load_runtime_host(name: str, settings: Mapping[str, str]) -> RuntimeHost:
    """Return the active half of runtime ``name`` for one bot with these settings.

    Raises:
        Permanent: this supervisor has no such runtime (it is older than the control plane).
    """
    manifest = RUNTIMES.get(name)
    if manifest is None:
        raise Permanent(f"This supervisor does not know the runtime {name!r}.")
    host: RuntimeHost = _load(manifest.host)(settings)  # type: ignore[operator] # a class by contract
    return host
