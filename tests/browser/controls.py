"""What a page of the console offers, found by looking, and what comes of pressing it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

API = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())["paths"]
_TEMPLATES = [
    (re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path)
    for path in sorted(API, key=lambda path: path.count("{"))
]
_ON_PAGE = "main button, main input[type=checkbox], main input[type=radio], header button"
_OPENED = "[role=menuitem], [role=dialog] button"
_OURS = re.compile(r"\b(steady|A_SECRET|[a-z]{2,4}_[0-9A-Z]{26}|[0-9a-f]{32}|\d[\d.:]*)\b")
"""Names, ids and counts, which differ from run to run."""
THEN = " > "
"""Between what is pressed one after the other: a menu and its entry, a button and its dialog's."""
LEAVES_IT = {"Close", "Cancel"}
"""What every dialog has to go away unchanged."""


def operation(method: str, url: str) -> str:
    """Return the operation of the API that a request is, as ``METHOD /path/{parameter}``."""
    path = re.sub(r"^https?://[^/]+|[?#].*$", "", url)
    found = next(template for pattern, template in _TEMPLATES if pattern.match(path))
    assert method.lower() in API[found], f"{method} {path} is none of the API's"
    return f"{method} {found}"


@contextmanager
def heard(page: Page, refused: Callable[[str], bool]) -> Iterator[list[str]]:
    """Every operation that the page asks for meanwhile; what is ``refused`` does not happen."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(operation(route.request.method, route.request.url))
        if refused(asked[-1]):
            document = {"title": "Refused by the test.", "request_id": "req-1"}
            route.fulfill(status=409, json=document)
        else:
            route.fallback()

    page.route("**/v1/**", answer)
    yield asked
    page.unroute("**/v1/**", answer)


def settled(page: Page) -> None:
    """Wait until the page shows what it has."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def offered(page: Page, *, opened: bool = False) -> dict[str, Locator]:
    """What can be pressed on the page, or in the menu or dialog that is open, by name."""
    found: dict[str, Locator] = {}
    for control in page.locator(_OPENED if opened else _ON_PAGE).all():
        if control.is_visible():
            found.setdefault(_name(control), control)
    return found


def press(page: Page, way: str, check: Callable[[str, set[str]], None]) -> None:
    """Press one after the other what ``way`` names, writing into fields that wait for it.

    ``check`` is told what each menu and dialog on the way offers.
    """
    pressed = ""
    for step in way.split(THEN):
        found = offered(page, opened=bool(pressed))
        if pressed:
            check(pressed, set(found))
        control = found[step]
        _fill(page.get_by_role("dialog") if pressed else page.locator("main"))
        control.click()
        pressed = f"{pressed}{THEN}{step}" if pressed else step


def looks(page: Page) -> str:
    """What somebody hears of the whole page, to see whether it changed."""
    return page.locator("body").aria_snapshot() + page.url


def _name(control: Locator) -> str:
    said = control.evaluate(
        "(it) => it.getAttribute('aria-label') || it.innerText || it.labels?.[0]?.innerText || ''"
    )
    first = str(said).strip().partition("\n")[0]
    return _OURS.sub("…", first)


def _fill(place: Locator) -> None:
    """Write into every empty field, as a button may wait for it; the word that confirms, too."""
    for field in place.locator("input[required], input[type=text], input[type=password]").all():
        if field.is_visible() and field.is_editable() and not field.input_value():
            label = str(field.evaluate("(field) => field.labels[0]?.innerText ?? ''"))
            word = re.search(r"^Type (.*) to confirm", label)
            field.fill(word[1] if word else "something-1@x.example" if "mail" in label else "1")
