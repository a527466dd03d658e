"""The wizard with nothing changed: a real OpenClaw that answers, from a browser alone."""

from __future__ import annotations

import sys
import time

import pytest
from playwright.sync_api import Page, expect

from homarus.testing.wizard import Walk

INSTALLED_MS = 400_000
"""Where no other test has installed OpenClaw yet, this one does."""


@pytest.mark.timeout(600)
def test_the_default_way_ends_with_openclaw_answering(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    walk = Walk(page)
    walk.click("link", "New bot")
    for title in ("Which model", "Where does it run?", "Is this right?"):
        walk.click("button", "Next")
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    plan = page.get_by_role("table", name="What would change of assistant")
    expect(plan.get_by_role("row", name="Runtime")).to_contain_text("openclaw")
    expect(plan.get_by_role("row", name="Isolation")).to_contain_text("sandbox")
    walk.click("button", "Make the bot")
    expect(page.get_by_role("heading", name="assistant is being made")).to_be_visible()
    # Its way up shows what happens before anything else can be done.
    happens = page.get_by_role("list", name="What happens").get_by_role("listitem")
    expect(happens.first).to_be_visible()
    expect(page.get_by_role("heading", name="assistant runs")).to_be_visible(timeout=INSTALLED_MS)
    said = walk.say("I am a real OpenClaw.")
    expect(said.get_by_text("tokens in")).to_be_visible()
    took = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(
            f"\nwizard with OpenClaw: {walk.fields} fields, {walk.clicks} clicks, "
            f"{took:.1f} s to the answer\n"
        )
    assert walk.fields <= 8
    assert walk.clicks <= 12
