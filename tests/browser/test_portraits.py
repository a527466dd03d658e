"""The committed pictures of the console are what it looks like: light, dark, desktop, phone."""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise

from homarus.testing.browsing import Site
from homarus.testing.portraits import FOLDER, LIKE, apart, furnish, taken


def test_the_pictures_are_current(site: Site) -> None:
    furnish(site)
    ruler = site.context().new_page()
    found = {}
    for name, picture in taken(site):
        file = FOLDER / name
        kept = b64encode(file.read_bytes()).decode() if file.exists() else ""
        found[name] = apart(ruler, b64encode(picture).decode(), kept) if kept else 1.0
    ruler.context.close()
    old = {name: value for name, value in found.items() if value > LIKE}
    assert old == {}, "make screenshots, and look at them"
    assert sorted(found) == sorted(path.name for path in FOLDER.iterdir())


def test_two_pages_are_told_apart(site: Site) -> None:
    """Else the comparison would find everything alike."""
    ruler = site.context().new_page()
    pages = ("overview", "bots", "chat", "calls", "wizard")
    files = [FOLDER / f"{page}-light-desktop.png" for page in pages]
    encoded = [b64encode(file.read_bytes()).decode() for file in files]
    for one, other in pairwise(encoded):
        assert apart(ruler, one, other) > LIKE
        assert apart(ruler, one, one) == 0
    ruler.context.close()
