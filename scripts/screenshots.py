"""Take the pictures of the console anew: ``make screenshots``."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from homarus.testing.browsing import ARGUMENTS, CHROMIUM, Site
from homarus.testing.installed import ended, make, short_folder
from homarus.testing.portraits import FOLDER, furnish, taken


def main() -> None:
    """Write every picture into docs/images."""
    FOLDER.mkdir(exist_ok=True)
    with short_folder() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for homarus in ended(make(folder)):
            homarus.up("--no-bot")
            site = Site(homarus, browser)
            furnish(site)
            for name, picture in taken(site):
                (FOLDER / name).write_bytes(picture)
                print(name)


if __name__ == "__main__":
    main()
