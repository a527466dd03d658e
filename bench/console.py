"""How the console feels: Lighthouse, the size of its script, and scrolling ten thousand bots.

Run by ``make bench-console`` on a real Homarus and Debian's Chromium. The last line is JSON.
``performance`` and ``accessibility`` are the lowest of the pages measured, Lighthouse's desktop
preset, where such a console is used; the mobile preset is printed beside it. ``script_kb`` is
what the heaviest page loads cold, compressed, which is what somebody waits for; pages load their
own parts when one goes there, and the sum over all of them is printed beside it.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from homarus.adapters.runtimes.openclaw.install import node_wheel
from homarus.http.dashboard import BUILT
from homarus.testing.browsing import ARGUMENTS, CHROMIUM, Site, addresses
from homarus.testing.installed import ended, make, short_folder

HERE = Path(__file__).parent
BOTS = 10_000
PAGES = ("/", "/bots", "/calls", "/settings/about")
BATCH = 500
SCROLL = """
async () => {
  const list = document.querySelector('[role=region]');
  const frames = [];
  let last = performance.now();
  const until = last + 15000;
  return await new Promise((done) => {
    function frame(now) {
      frames.push(now - last);
      last = now;
      list.scrollTop += 160;
      if (now < until) requestAnimationFrame(frame);
      else done({ frames, rows: Math.round(list.scrollTop / 44) });
    }
    requestAnimationFrame(frame);
  });
}
"""
SCRIPT = """
() => performance.getEntriesByType("resource")
  .filter((one) => one.name.endsWith(".js"))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)
"""


def main() -> None:
    """Measure everything and print it."""
    with short_folder() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for homarus in ended(make(folder)):
            homarus.up("--no-bot")
            site = Site(homarus, browser)
            page = site.log_in(site.context())
            seed(site)
            scrolled = scroll(page)
            cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
            page.close()
            script_kb = heaviest(site)
            found = list(lighthouse(site.url, cookies, folder))
    desktop = [scores for preset, scores in found if preset == "desktop"]
    result = {
        "performance": min(one["performance"] for one in desktop),
        "accessibility": min(one["accessibility"] for one in desktop),
        "script_kb": round(script_kb, 1),
        "p95_frame_ms": round(scrolled, 1),
    }
    print(json.dumps(result))


def seed(site: Site) -> None:
    """Make the bots, stopped: the list does not care, and no machine carries them."""
    with site.homarus.api() as api:
        for begin in range(0, BOTS, BATCH):
            bots = [_bot(number) for number in range(begin, begin + BATCH)]
            api.post("/v1/apply", {"manifests": bots})
    print(f"{BOTS} bots made")


def _bot(number: int) -> dict[str, Any]:
    return {
        "kind": "bot",
        "name": f"bot-{number:05d}",
        "runtime": {"name": "echo"},
        "resources": {"memory_mb": 64},
        "labels": {"group": str(number % 7)},
        "desired": "stopped",
    }


def scroll(page: Page) -> float:
    """Scroll the list of bots for 15 seconds, fetching on the way; the p95 of a frame in ms."""
    page.goto("/bots")
    page.get_by_role("link", name="bot-00000").wait_for()
    told = page.evaluate(SCROLL)
    frames = told["frames"][1:]
    p95 = quantiles(frames, n=20)[-1]
    worst = max(frames)
    print(f"scrolled past {told['rows']} rows: p95 {p95:.1f} ms a frame, worst {worst:.0f} ms")
    return float(p95)


def heaviest(site: Site) -> float:
    """The script of the page that loads most, with nothing in the cache, in kB as transferred."""
    bot = "bot-00000"
    loads = {}
    for name, path in addresses(bot=bot, call="none").items():
        page = site.log_in(site.context())
        page.goto("about:blank")
        session = page.context.new_cdp_session(page)
        session.send("Network.clearBrowserCache")
        page.goto(site.url + path)
        page.locator("h1, [role=alert]").first.wait_for()
        loads[name] = page.evaluate(SCRIPT) / 1000
        page.context.close()
    whole = sum(len(gzip.compress(path.read_bytes())) for path in BUILT.rglob("*.js")) / 1000
    name, most = max(loads.items(), key=lambda load: load[1])
    least = min(loads.values())
    print(f"script: {least:.0f} to {most:.0f} kB a page ({name} most), {whole:.0f} kB in all")
    return most


def lighthouse(url: str, cookies: str, folder: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Scores of each page under each preset."""
    wheel = node_wheel()
    program = HERE / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
    for preset in ("desktop", "mobile"):
        for path in PAGES:
            report = folder / "report.json"
            command = [str(wheel / "bin" / "node"), str(program), url + path]
            command += ["--output=json", f"--output-path={report}", "--quiet"]
            command += ["--no-enable-error-reporting", "--chrome-flags=" + " ".join(ARGUMENTS)]
            command += ["--only-categories=performance,accessibility"]
            command += [f"--extra-headers={json.dumps({'Cookie': cookies})}"]
            command += ["--preset=desktop"] if preset == "desktop" else []
            subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": CHROMIUM})
            categories = json.loads(report.read_text())["categories"]
            scores = {name: round(one["score"] * 100) for name, one in categories.items()}
            print(f"{preset:8} {path:16} {scores}")
            yield preset, scores


if __name__ == "__main__":
    main()
