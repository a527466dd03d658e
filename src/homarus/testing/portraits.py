"""Pictures of the console with a small fleet in it: for the README, and to see what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from homarus.kit.clock import SystemClock
from homarus.testing.browsing import Site

FOLDER = Path(__file__).parents[3] / "docs" / "images"
SIZES = {"desktop": (1280, 800), "phone": (390, 780)}
SCHEMES = ("light", "dark")
LIKE = 0.006
"""How much of two pictures may differ: letters drawn otherwise do, a missing button does more."""
LATER = timedelta(hours=1)
"""After what time the pictures are taken, by the browser's clock: all of it is an hour ago."""
_COMPARE = """
async ([one, other]) => {
  const width = 320;
  async function pixels(encoded) {
    const image = new Image();
    image.src = `data:image/png;base64,${encoded}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = Math.round((width * image.height) / image.width);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  }
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  if (a.length !== b.length) return 1;
  let differ = 0;
  for (let at = 0; at < a.length; at += 4)
    differ += [0, 1, 2].some((channel) => Math.abs(a[at + channel] - b[at + channel]) > 24);
  return (4 * differ) / a.length;
}
"""


@dataclass(frozen=True)
class Portrait:
    """One page, and the words by which one sees that it is all there."""

    name: str
    path: str
    shows: str


PORTRAITS = (
    Portrait("overview", "/", "No bot needs you."),
    Portrait("wizard", "/new", "What is it for?"),
    Portrait("bots", "/bots", "support"),
    Portrait("chat", "/bots/support/chat", "Answered"),
    Portrait("calls", "/calls", "Done"),
)


def furnish(site: Site) -> None:
    """Make the fleet of the pictures."""
    for name, fleet in (("support", "shop"), ("researcher", "lab"), ("writer", "lab")):
        site.homarus.echo(name, fleet=fleet, labels={"team": fleet})
    for text in ("Where is my parcel?", "Thank you. And when does the shop open?"):
        site.homarus.cli("bot", "chat", "support", text)
    site.homarus.cli("bot", "chat", "researcher", "What do lobsters eat?")
    site.homarus.cli("bot", "stop", "writer")


def taken(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield each picture's name and its PNG, in every scheme and size."""
    for scheme in SCHEMES:
        for size, (width, height) in SIZES.items():
            viewport = {"width": width, "height": height}
            how = {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}
            page = site.log_in(site.context(**how))
            page.route("**/v1/calls/trend?*", _same_days)
            page.clock.set_fixed_time(SystemClock().now() + LATER)
            for portrait in PORTRAITS:
                page.goto(portrait.path)
                expect(page.get_by_text(portrait.shows).filter(visible=True).first).to_be_visible()
                expect(page.get_by_role("status", name="Loading")).to_have_count(0)
                yield f"{portrait.name}-{scheme}-{size}.png", page.screenshot()
            page.context.close()


def _same_days(route: Route) -> None:
    """The trend as it is, but always of the same days: tomorrow's picture is today's."""
    answer = route.fetch()
    told = answer.json()
    for number, day in enumerate(told["days"], 1):
        day["day"] = f"2026-01-{number:02d}"
    route.fulfill(response=answer, json=told)


def apart(page: Page, one: str, other: str) -> float:
    """Return what share of two pictures (base64) differs, coarsely: layout, not letters."""
    return float(page.evaluate(_COMPARE, [one, other]))
