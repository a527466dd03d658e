"""Finding every mapped class, for migrations and for comparing schemas."""

from __future__ import annotations

import importlib
import pkgutil

import homarus


def load_tables() -> None:
    """Import every ``tables`` module of the package, so that ``Base.metadata`` is complete."""
    for module in pkgutil.walk_packages(homarus.__path__, "homarus."):
        if module.name.endswith(".tables") and module.name != __name__:
            importlib.import_module(module.name)
