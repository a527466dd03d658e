"""The doctor: a check that breaks is a finding, and hides no other."""

from __future__ import annotations

from collections.abc import Sequence

from homarus.errors import NotEnoughMemory
from homarus.monitor.doctor import Doctor, Finding, Health
from homarus.web.principal import Principal

CALLER = Principal.system("ws_1", "test")


async def _fine(_caller: Principal) -> Sequence[Finding]:
    return [Finding("fine", Health.OK, "well"), Finding("fine", Health.WARN, "look")]


async def _known(_caller: Principal) -> Sequence[Finding]:
    raise NotEnoughMemory("no room", hint="Buy some.")


async def _broken(_caller: Principal) -> Sequence[Finding]:
    raise ZeroDivisionError


async def test_what_breaks_is_a_finding_and_the_rest_is_still_asked() -> None:
    doctor = Doctor([("known", _known), ("broken", _broken), ("fine", _fine)])
    found = await doctor.examine(CALLER)
    assert [(f.check, f.health) for f in found] == [
        ("known", Health.FAIL),
        ("broken", Health.FAIL),
        ("fine", Health.OK),
        ("fine", Health.WARN),
    ]
    assert (found[0].message, found[0].hint) == ("no room", "Buy some.")
    assert "ZeroDivisionError" in found[1].message
