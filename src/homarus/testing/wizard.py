"""Walking through the console's wizard, and counting what that takes of a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Route, expect


@dataclass
class Walk:
    """One walk of ``page``; ``fields`` and ``clicks`` are what a person typed into and pressed."""

    page: Page
    fields: int = 0
    clicks: int = 0

    def click(self, role: str, name: str) -> None:
        """Press the one thing of this role and name."""
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.fields += 1
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def purpose(self, name: str) -> None:
        """Name the bot and go on, from a wizard that begins."""
        self.fill("Name", name)
        self.click("button", "Next")
        expect(self.page.get_by_role("heading", name="Which model")).to_be_visible()
        expect(self.page.get_by_role("radio", name="demo", exact=True)).to_be_visible()

    def to_place(self, name: str) -> None:
        """Go on to the place, with the model that is offered first."""
        self.purpose(name)
        self.click("button", "Next")
        expect(self.page.get_by_role("radio", name="OpenClaw")).to_be_checked()

    def to_review(self, name: str) -> None:
        """Go on to the review of an echo bot."""
        self.to_place(name)
        self.click("radio", "echo")
        self.click("button", "Next")
        expect(self.page.get_by_text(f"{name} will be made.")).to_be_visible()

    def say(self, words: str) -> Locator:
        """Say something in the chat that it ends in; return where the answer appears."""
        self.fill("Message", f"demo:say {words}")
        self.click("button", "Send")
        said = self.page.get_by_role("list", name="Messages").get_by_role("listitem").last
        expect(said.get_by_text(words, exact=True)).to_be_visible()
        return said


def tab_to(target: Locator, most: int = 60) -> None:
    """Press the tabulator until ``target`` has the focus."""
    for _ in range(most):
        if target.count() == 1 and target.evaluate("one => one === document.activeElement"):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached by keyboard")


@contextmanager
def on_its_way(page: Page, bot: str) -> Iterator[None]:
    """Let ``bot`` be shown as starting meanwhile, however fast it really comes up or fails."""

    def starting(route: Route) -> None:
        answer = route.fetch()
        if answer.ok:
            told = {**answer.json(), "state": "starting", "reason": ""}
            route.fulfill(response=answer, json=told)
        else:
            route.fulfill(response=answer)

    page.route(f"**/v1/bots/{bot}", starting)
    yield
    page.unroute(f"**/v1/bots/{bot}", starting)
