"""A runtime as the control plane sees it: pure rendering and judging, no process, no disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from homarus.core.specs import BotSpec
from homarus.errors import Issue


class Owner(StrEnum):
    """Who may change a rendered file."""

    MANAGED = "managed"
    """Ours alone; a change by the bot is undone and is a finding."""
    BLOCK = "block"
    """A marked section is ours, the rest the bot's."""
    SEEDED = "seeded"
    """Written once when absent, then the bot's."""


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file of a bot. ``area`` is ``config`` (read-only to the bot) or ``workspace``.

    ``content`` may hold ``@{NAME}`` where the supervisor puts what only it knows
    (port, folders, the runtime's own token): such values are no part of a revision.
    """

    area: str
    path: str
    owner: Owner
    content: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A bot's spec in its runtime's own words; equal specs render to equal values."""

    runtime: str
    version: str
    renderer: int
    """Version of the rendering rules; raised when equal specs would render differently."""
    files: tuple[RenderedFile, ...]
    secrets: tuple[str, ...]
    """Names that the supervisor will ask for; never values."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the runtime's host needs beyond the files (for echo: its script)."""


class RuntimeModel(Protocol):
    """The pure half of a runtime. No call does I/O; the same input gives the same output."""

    name: str
    description: str
    """What it is, in one sentence for who chooses one."""
    versions: tuple[str, ...]
    """Supported versions, the pinned one first."""
    memory_mb: int
    """What one bot of this runtime needs at least."""
    secrets: str
    """How secrets reach it: ``exec`` (asked through a socket) or ``none``."""

    formats: tuple[str, ...]
    """Formats in which it can call a model (``openai``, ``anthropic``), the best first."""

    def render(self, spec: BotSpec, *, model_route: str, model_format: str = "openai") -> Rendered:
        """Return the runtime's own configuration for ``spec``.

        ``model_format`` is one of ``formats`` that the route is served in.

        The spec's version is one of ``versions`` or absent (then the pinned one).
        Model access is always our AI gateway; the spec cannot name another.

        Raises:
            ManifestInvalid: ``settings`` contradict what Homarus manages; each path is listed.
        """
        ...

    def judge(self, rendered: Rendered) -> Sequence[Issue]:
        """Return what the pinned version's schema has against ``rendered``; empty means fine.

        Paths are those of the spec (``settings.channels.telegram``), so that they mean
        something to who wrote it.
        """
        ...
