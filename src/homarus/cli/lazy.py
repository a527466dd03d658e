"""Commands that are imported when they are asked for.

``homarus bot list`` needs neither the launcher nor the YAML of a manifest; a person who types
it waits for every module that is imported all the same.
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
import typer.main


class Commands(UserDict[str, Any]):
    """Commands by name, each given as ``module:attribute`` and made when it is first looked up.

    The attribute is a function (a command) or a `typer.Typer` (a noun with commands of its
    own). Names are known without importing anything; help imports them all, for their words.
    """

    def __getitem__(self, name: str) -> Any:
        place = self.data[name]
        if isinstance(place, str):
            self.data[name] = place = _load(name, place)
        return place


def _load(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
        command.name = name
        return command
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)
