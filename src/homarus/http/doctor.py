"""``/v1/doctor``: what is not well, and how to mend it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from homarus.monitor.doctor import Doctor, Finding, Health
from homarus.web.pages import View
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires

router = APIRouter(prefix="/v1/doctor", tags=["doctor"])


class FindingView(View):
    """One check's result."""

    check: str
    health: Health
    message: str
    hint: str

    @classmethod
    def of(cls, finding: Finding) -> FindingView:
        """Show a finding."""
        return cls(
            check=finding.check,
            health=finding.health,
            message=finding.message,
            hint=finding.hint,
        )


class DoctorView(View):
    """Every check's result; ``well`` if none failed."""

    well: bool
    findings: list[FindingView]


@router.post("")
async def examine(
    caller: Annotated[Principal, requires("provider:write")],
    doctor: Annotated[Doctor, provided(Doctor)],
) -> DoctorView:
    """Run every check now. Providers are asked live, so this needs the right to change them."""
    findings = await doctor.examine(caller)
    return DoctorView(
        well=all(f.health is not Health.FAIL for f in findings),
        findings=[FindingView.of(f) for f in findings],
    )
