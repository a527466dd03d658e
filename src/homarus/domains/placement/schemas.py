"""A placement as the API shows it: what the bot's supervisor last said."""

from __future__ import annotations

from datetime import datetime

import msgspec
from pydantic import Field

from homarus.domains.placement.tables import IdentityRow
from homarus.ports.runtime_host import ChannelState
from homarus.protocol.supervisor import Inventory, Report, RunState
from homarus.web.pages import View


class FindingView(View):
    """Something a person should know although the bot runs."""

    code: str
    message: str


class IssueView(View):
    """What the runtime's own validator has against a revision."""

    path: str
    message: str


class ChannelView(View):
    """Where people reach the bot besides here."""

    name: str
    state: ChannelState
    detail: str


class SkillView(View):
    """A packaged capability of the bot."""

    name: str
    ready: bool
    detail: str = Field(description="what it lacks; empty when it is ready")
    source: str


class InventoryView(View):
    """What the running bot has, as its runtime says; those that are ready first."""

    channels: list[ChannelView]
    skills: list[SkillView]
    left_out: int = Field(description="how many more there are than are listed")
    asked_at: datetime | None = Field(
        description="when the last answer came that differed, or before a problem; null: none did"
    )
    problem: str = Field(description="why the last question was not answered; empty when it was")

    @classmethod
    def of(cls, inventory: Inventory) -> InventoryView:
        """Show an inventory."""
        return cls.model_validate(
            {**msgspec.to_builtins(inventory), "asked_at": inventory.asked_at or None}
        )


class ReportView(View):
    """The last report of a bot's supervisor."""

    run: RunState
    reason: str
    fault: str = Field(description="code of the error that made it give up; empty: none did")
    revision_id: str = Field(description="the revision that really runs; empty: none yet")
    pid: int
    restarts: int
    phases: dict[str, float] = Field(description="seconds that each phase of the last start took")
    progress_done: int
    progress_total: int
    issues: list[IssueView]
    findings: list[FindingView]
    facts: dict[str, str]
    inventory: InventoryView | None = Field(
        description="null: no runtime is ready, or it was not asked yet"
    )

    @classmethod
    def of(cls, report: Report) -> ReportView:
        """Show a report."""
        return cls(
            run=report.run,
            reason=report.reason,
            fault=report.fault,
            revision_id=report.revision,
            pid=report.pid,
            restarts=report.restarts,
            phases=report.phases,
            progress_done=report.progress[0],
            progress_total=report.progress[1],
            issues=[IssueView(path=path, message=words) for path, words in report.issues],
            findings=[FindingView(code=f.code, message=f.message) for f in report.findings],
            facts=report.facts,
            inventory=InventoryView.of(report.inventory) if report.inventory else None,
        )


class PlacementView(View):
    """The newest placement of a bot."""

    generation: int
    connected: bool = Field(description="whether its supervisor talks to us now")
    report: ReportView | None
    reported_at: datetime | None

    @classmethod
    def of(cls, row: IdentityRow, report: Report | None, *, connected: bool) -> PlacementView:
        """Show an identity with what is known of it now."""
        return cls(
            generation=row.generation,
            connected=connected,
            report=ReportView.of(report) if report else None,
            reported_at=row.report_at,
        )
