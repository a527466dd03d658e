"""Bots as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from homarus.core.bot_states import BotState
from homarus.core.diff import Change
from homarus.core.specs import BotSpec, DesiredState
from homarus.domains.bot.listing import Summary
from homarus.domains.bot.service import Applied
from homarus.domains.bot.tables import BotRow, RevisionRow
from homarus.web.pages import Input, View


class BotEdit(Input):
    """A bot's whole new spec. With ``version`` the edit is refused if somebody was faster."""

    spec: BotSpec
    version: int | None = Field(None, description="the version that was read")


class BotManifest(BotSpec):
    """A bot in a manifest: its spec, and the word that says so."""

    kind: Literal["bot"] = Field(description="what this document describes")

    def spec(self) -> BotSpec:
        """The manifest without its kind."""
        return BotSpec.model_validate(self.model_dump(exclude={"kind"}))


class Apply(Input):
    """Documents that are applied together: all of them, or none."""

    manifests: Annotated[list[BotManifest], Field(min_length=1, max_length=500)]
    dry_run: bool = Field(False, description="only say what would change")


class BotView(View):
    """A bot as lists show it. ``reason`` is empty when it is as desired."""

    id: str
    name: str
    fleet: str
    runtime: str
    target: str
    model: str
    isolation: str
    labels: dict[str, str]
    desired: DesiredState
    state: BotState
    reason: str
    state_since: datetime
    deleting: bool
    version: int
    created_at: datetime

    @classmethod
    def of(cls, row: BotRow, revision: RevisionRow) -> BotView:
        """Show a row with its revision."""
        return cls(**_shown(row, revision.document))


class BotsSummary(View):
    """How many bots are in each state, the first of those that are unwell, and the fleets."""

    total: int
    states: dict[BotState, int] = Field(description="every state, also those that no bot is in")
    unwell: list[BotView] = Field(
        description="failed, degraded, or on its way up for over two minutes; the first 20"
    )
    unwell_total: int
    fleets: list[str] = Field(description="the fleets that these bots are in")

    @classmethod
    def of(cls, summary: Summary) -> BotsSummary:
        """Show a summary."""
        return cls(
            total=sum(summary.states.values()),
            states=summary.states,
            unwell=[BotView.of(bot, revision) for bot, revision in summary.unwell],
            unwell_total=summary.unwell_total,
            fleets=list(summary.fleets),
        )


class BotDetail(BotView):
    """A bot with the spec and the revision that it should run."""

    owner_id: str
    revision_id: str
    revision: int
    digest: str
    spec: dict[str, Any] = Field(description="the resolved spec, as edits take it")

    @classmethod
    def of(cls, row: BotRow, revision: RevisionRow) -> BotDetail:
        """Show a row with its revision."""
        return cls(
            **_shown(row, revision.document),
            owner_id=row.owner_id,
            revision_id=revision.id,
            revision=revision.number,
            digest=revision.digest,
            spec={**revision.document, "desired": row.desired},
        )


class BotChanging(View):
    """A bot on its way, and the operation that follows it there."""

    id: str
    name: str
    operation_id: str | None = Field(description="null: nothing had to change")


class RevisionView(View):
    """One revision of a bot."""

    id: str
    number: int
    parent_id: str | None
    digest: str
    created_by: str
    created_at: datetime
    document: dict[str, Any]

    @classmethod
    def of(cls, row: RevisionRow) -> RevisionView:
        """Show a row."""
        return cls(
            id=row.id,
            number=row.number,
            parent_id=row.parent_id,
            digest=row.digest,
            created_by=row.created_by,
            created_at=row.created_at,
            document=row.document,
        )


class ChangeView(View):
    """One leaf that differs."""

    path: str
    before: Any
    after: Any

    @classmethod
    def of(cls, change: Change) -> ChangeView:
        """Show a change."""
        return cls(path=change.path, before=change.before, after=change.after)


class AppliedView(View):
    """What one manifest came to."""

    name: str
    outcome: Literal["created", "changed", "unchanged"]
    changes: list[ChangeView]
    operation_id: str | None

    @classmethod
    def of(cls, applied: Applied) -> AppliedView:
        """Show an outcome."""
        return cls.model_validate(
            {
                "name": applied.name,
                "outcome": applied.outcome,
                "changes": [ChangeView.of(c) for c in applied.changes],
                "operation_id": applied.operation_id,
            }
        )


class AppliedAll(View):
    """What every manifest came to, in their order."""

    items: list[AppliedView]
    dry_run: bool


class Killed(View):
    """Bots whose keys are revoked and that are being stopped without grace."""

    bots: list[BotChanging]
    keys_dead: bool = Field(
        description="every connected AI gateway refuses their keys by now; "
        "false: one has not confirmed it within a second"
    )


def _shown(row: BotRow, document: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "fleet": row.fleet,
        "runtime": document["runtime"]["name"],
        "target": document["target"],
        "model": document["model"],
        "isolation": document["isolation"],
        "labels": document["labels"],
        "desired": row.desired,
        "state": row.state,
        "reason": row.reason,
        "state_since": row.state_since,
        "deleting": row.deleted_at is not None,
        "version": row.version,
        "created_at": row.created_at,
    }
