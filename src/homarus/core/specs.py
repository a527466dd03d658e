"""What a person writes about a bot: the typed spec behind manifests, API and command line.

Frozen, and strict about keys: an unknown key is an error with its path, never ignored.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
    Field(description="lower-case letters, digits and hyphens, at most 63", examples=["hello"]),
]
LabelKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{0,62}$")]
LabelValue = Annotated[str, StringConstraints(max_length=63)]
SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]


class Frozen(BaseModel):
    """Base of every spec: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DesiredState(StrEnum):
    """What a person wants a bot to be."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Isolation(StrEnum):
    """How far a bot is kept from its machine (the table is docs/explanation/isolation.md)."""

    SANDBOX = "sandbox"
    PLAIN = "plain"


class ExecPolicy(StrEnum):
    """Whether the bot may run commands in its own place."""

    DENY = "deny"
    FULL = "full"


class Period(StrEnum):
    """How long a budget's window lasts; it starts at UTC midnight (day, month) or once (total)."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


class RuntimeChoice(Frozen):
    """Which runtime the bot runs, and which version of it."""

    name: Name = Field("openclaw", description="a runtime that `homarus doctor` lists")
    version: str | None = Field(
        None, max_length=40, description="a supported version; absent: the one pinned by Homarus"
    )


class ToolsPolicy(Frozen):
    """What the bot may do with its tools."""

    exec: ExecPolicy = Field(ExecPolicy.DENY, description="may it run shell commands")
    deny: tuple[Annotated[str, StringConstraints(min_length=1, max_length=80)], ...] = Field(
        (), max_length=64, description="tools that it never gets, by the runtime's own names"
    )


class Resources(Frozen):
    """What the bot may use of its machine."""

    memory_mb: int = Field(
        1200, ge=64, le=262_144, description="memory set aside for it when it is placed, in MB"
    )


class BudgetSpec(Frozen):
    """The most a bot may spend on models in one window; the call that would pass it is refused."""

    limit_usd: Decimal = Field(Decimal(5), ge=0, le=1_000_000, description="US dollars")
    period: Period = Field(Period.DAY, description="how long one window lasts")


class BotSpec(Frozen):
    """A bot as its owner wants it. Everything but the name has a default that is safe."""

    name: Name
    owner: str | None = Field(
        None, max_length=254, description="e-mail of the user answering for it; absent: the creator"
    )
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict, max_length=32)
    fleet: Name = Field("default", description="the named set of bots it belongs to")
    runtime: RuntimeChoice = Field(default_factory=RuntimeChoice)
    target: Name = Field("local", description="where it runs")
    model: Name = Field("demo", description="the model route it calls")
    persona: str = Field("", max_length=16_000, description="who it is, in Markdown")
    goals: tuple[Annotated[str, StringConstraints(min_length=1, max_length=2_000)], ...] = Field(
        (), max_length=32, description="what it is for"
    )
    tools: ToolsPolicy = Field(default_factory=ToolsPolicy)
    resources: Resources = Field(default_factory=Resources)
    isolation: Isolation = Field(
        Isolation.SANDBOX, description="plain is a standing finding: the bot sees this machine"
    )
    budget: BudgetSpec = Field(default_factory=BudgetSpec)
    secrets: tuple[SecretName, ...] = Field(
        (), max_length=32, description="sealed secrets of the workspace that it may read"
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="the runtime's own settings; `{secret: NAME}` stands for a secret's value",
    )
    desired: DesiredState = Field(DesiredState.RUNNING, description="what it should be now")
