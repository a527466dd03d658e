"""What a page of the console offers, found by looking, and what comes of pressing it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

API = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())["paths"]
_TEMPLATES = [
    (re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path)
    for path in sorted(API, key=lambda path: path.count("{"))
]
_PRESSED = (
    "main button, main input[type=checkbox], [role=menuitem], [role=dialog] button, header button"
)
_OURS = re.compile(
    r"\b(steady|still|A_SECRET|[a-z]{2,4}_[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{32}|\d+)\b"
)
"""Names, ids and counts, which differ from run to run."""
HERE = "here"
"""What pressing does when it asks nothing of the API: the page itself changes."""
_UNASKED = {"GET /v1/me", "GET /v1/events"}


def operation(method: str, url: str) -> str:
    """Return the operation of the API that a request is, as ``METHOD /path/{parameter}``."""
    path = re.sub(r"^https?://[^/]+|[?#].*$", "", url)
    found = next(template for pattern, template in _TEMPLATES if pattern.match(path))
    assert method.lower() in API[found], f"{method} {path} is none of the API's"
    return f"{method} {found}"


@contextmanager
def heard(page: Page) -> Iterator[list[str]]:
    """Every operation that the page asks for meanwhile; what would change anything is refused."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        request = route.request
        asked.append(operation(request.method, request.url))
        if request.method == "GET" or request.url.endswith(("/doctor", "/apply")):
            route.fallback()
        else:
            document = {"title": "Refused by the test.", "request_id": "req-1"}
            route.fulfill(status=409, json=document)

    page.route("**/v1/**", answer)
    yield asked
    page.unroute("**/v1/**", answer)


def settled(page: Page) -> None:
    """Wait until the page shows what it has."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def named(control: Locator) -> str:
    """What a control is called, without what differs from run to run."""
    label = control.get_attribute("aria-label") or control.text_content() or ""
    return _OURS.sub("…", " ".join(label.split()))


def offered(page: Page) -> dict[str, Locator]:
    """Everything on the page that can be pressed, by name; of those alike the first."""
    found: dict[str, Locator] = {}
    for control in page.locator(_PRESSED).all():
        if control.is_visible():
            found.setdefault(named(control), control)
    return found


def filled(page: Page) -> None:
    """Write something into every empty field, as a button that sends them may wait for it."""
    for field in page.locator("main input:not([type=checkbox], [type=radio]), main textarea").all():
        if field.is_visible() and field.is_editable() and not field.input_value():
            field.fill("something")


def pressed(page: Page, control: Locator) -> set[str]:
    """Press ``control``, confirm what asks to be confirmed, and return what came of it."""
    if control.is_disabled():
        filled(page)
    before = seen(page)
    with heard(page) as asked:
        control.click()
        dialog = page.get_by_role("dialog")
        if dialog.count():
            for field in dialog.get_by_role("textbox").all():
                field.fill(re.sub(r"^Type (.*) to confirm$", r"\1", field_label(field)))
            dialog.get_by_role("button").last.click()
        page.wait_for_function("(before) => document.body.innerText !== before", arg=before)
        page.wait_for_load_state("networkidle")
    return set(asked) - _UNASKED or {HERE}


def seen(page: Page) -> str:
    return str(page.evaluate("() => document.body.innerText"))


def field_label(field: Locator) -> str:
    return str(field.evaluate("(field) => field.labels[0].innerText"))
