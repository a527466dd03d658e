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
_DIALOG, _MENU = "[role=dialog] button", "[role=menuitem]"
_ON_PAGE = "main button, main input[type=checkbox], header button"
_OURS = re.compile(
    r"\b(steady|A_SECRET|[a-z]{2,4}_[0-9A-Z]{26}|[0-9a-f]{32}|\d[\d.:]*|[a-z]+\.[a-z_]+)\b"
)
"""Names, ids, counts and kinds of events, which differ from run to run."""
_MARK = """(place) => {
  const name = (it) => it.getAttribute("aria-label") || it.innerText || it.labels?.[0]?.innerText;
  return [...document.querySelectorAll(place)]
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && it.offsetWidth > 0)
    .map((it) => {
      globalThis.marks = (globalThis.marks ?? 0) + 1;
      it.dataset.mark ??= globalThis.marks;
      return [it.dataset.mark, name(it) ?? ""];
    });
}"""
"""Marks what can be pressed, so that it stays the same one when others come before it."""
THEN = " > "
"""Between what is pressed one after the other: a menu and its entry, a button and its dialog's."""
HERE = "here"
"""What comes of something when only the page itself changes."""
THERE = "is there already"
"""What comes of the tab of the page that one is on."""
WHY_NOT = "says why not"
"""What comes of something that cannot be done now."""
WITHIN_MS = 20_000
_WORDS = {"mail": "new@x.example", "Labels": "team=blue"}
"""What a field of this label takes; the others take anything."""


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


def offered(page: Page, *places: str) -> dict[str, Locator]:
    """What can be pressed, by name; where a menu or dialog is open, its own comes first."""
    found: dict[str, Locator] = {}
    for place in places or (_DIALOG, _MENU, _ON_PAGE):
        for mark, said in page.evaluate(_MARK, place):
            name = _OURS.sub("…", said.strip().partition("\n")[0])
            found.setdefault(name, page.locator(f"[data-mark='{mark}']"))
    return found


def press(page: Page, way: str, check: Callable[[str, set[str], set[str]], None]) -> Locator:
    """Press one after the other what ``way`` names, all but the last, which is returned.

    Fields that a button waits for are written into. ``check`` is told after each step what was
    offered before it, and what is now that was not: all of a menu or dialog that it opened, or
    what is new on the page.
    """
    steps = way.split(THEN)
    for number, step in enumerate(steps[:-1], 1):
        before, was_open, sound = offered(page), _open(page), looks(page)
        _readied(page, before[step]).click()
        _until(page, lambda n=steps[number], o=was_open, s=sound: _arrived(page, n, o, s))
        is_open = _open(page)
        opens = is_open not in ("", was_open)
        new = set(offered(page, is_open)) if opens else set(offered(page)) - set(before)
        check(THEN.join(steps[:number]), set() if opens else set(before), new)
    return _readied(page, offered(page)[steps[-1]])


def _arrived(page: Page, awaited: str, was_open: str, sound: str) -> bool:
    """Whether the next step is offered; one of the same name that was open must be gone first."""
    if looks(page) == sound or awaited not in offered(page):
        return False
    return not (was_open and _open(page) == was_open and awaited in offered(page, was_open))


def _until(page: Page, check: Callable[[], bool]) -> None:
    for _ in range(WITHIN_MS // 50):
        if check():
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing came of it")


def changed(page: Page, before: str) -> None:
    """Wait until the page sounds otherwise than ``before``."""
    _until(page, lambda: looks(page) != before)


def looks(page: Page) -> str:
    """What somebody hears of the whole page, and where it is."""
    return page.locator("body").aria_snapshot() + page.url


def leads(page: Page) -> set[str]:
    """Where the links of the page lead, within this site."""
    links = page.locator("a[href]").evaluate_all("(all) => all.map((a) => a.pathname)")
    return set(links)


def _open(page: Page) -> str:
    return next((place for place in (_DIALOG, _MENU) if page.locator(place).count()), "")


def _readied(page: Page, control: Locator) -> Locator:
    sends = control.evaluate("(it) => it.disabled || (it.type === 'submit' && !!it.form)")
    if sends or page.get_by_role("dialog").count():
        _fill(page)
    return control


def _fill(page: Page) -> None:
    """Write into every empty field, as a button may wait for it; the word that confirms, too."""
    dialog = page.get_by_role("dialog")
    place = dialog if dialog.count() else page.locator("main")
    for field in place.locator("input:not([type=checkbox], [type=radio]), textarea").all():
        if field.is_visible() and field.is_editable() and not field.input_value():
            label = str(field.evaluate("(field) => field.labels[0]?.innerText ?? ''"))
            word = re.search(r"^Type (.*) to confirm", label)
            known = next((text for part, text in _WORDS.items() if part in label), "SOMETHING_1")
            field.fill(word[1] if word else known)
