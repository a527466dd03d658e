"""What ``homarus up`` shows: steps with their times, the first reply, then one live line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.status import Status
from rich.table import Table

from homarus.client.api import Api, Document
from homarus.errors import HomarusError
from homarus.settings import OWNER, Settings


class Screen:
    """Writes for a person. Nothing is ever read back from here."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.began = time.monotonic()
        self.phases: dict[str, float] = {}
        self._live: Status | None = None

    def say(self, words: str) -> None:
        """One line."""
        self.console.print(words, markup=False)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a step and say that it is done."""
        began = time.monotonic()
        yield
        self.phases[name] = time.monotonic() - began
        self.console.print(f"[green]✓[/green] {name} [dim]{self.phases[name]:.1f} s[/dim]")

    def addresses(self, settings: Settings, login_link: str) -> None:
        """Where things are; on the first start also how the owner gets in."""
        again = "" if login_link else f"  (logged out? homarus user link {OWNER})"
        self.say(f"  console     {settings.console_url}{again}")
        self.say(f"  API         http://127.0.0.1:{settings.api_port}")
        self.say(f"  AI gateway  http://127.0.0.1:{settings.gateway_port}")
        self.say(f"  home        {settings.home}")
        if login_link:
            self.say(f"  owner's one-time login link (30 minutes)  {login_link}")
            self.say(f"  to use it elsewhere: homarus login '{login_link}'")

    def no_browser(self, url: str) -> None:
        """The page that was to be opened is not, and Homarus runs all the same."""
        self.say(f"no browser could be opened here; open {url} yourself")

    @contextmanager
    def installing(self) -> Iterator[Progress]:
        """A progress bar for what takes minutes once."""
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.console, transient=True) as bar:
            yield bar

    def reply(self, bot: str, turn: Document, call: Document | None) -> None:
        """What the bot said, and what that cost."""
        self.console.print(f"\n[bold]{bot}[/bold]: ", end="")
        self.say(turn["answer"])
        if call is None:
            self.say("  (its model call is not in the ledger yet: homarus calls)")
            return
        demo = " (demo model, demo price)" if call["demo"] else ""
        tokens = f"{call['input_tokens']} tokens in, {call['output_tokens']} out"
        self.say(f"  {tokens}, ${call['cost_usd']}{demo}, trace {turn['trace_id']}\n")

    def trouble(self, fault: HomarusError) -> None:
        """Something is wrong, and we go on all the same."""
        self.console.print(f"[red bold]error:[/red bold] {escape(fault.message)}")
        if fault.hint:
            self.console.print(f"[yellow bold]hint:[/yellow bold] {escape(fault.hint)}")

    def times(self) -> None:
        """The time of every phase, and of all."""
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, seconds in self.phases.items():
            table.add_row(f"  {name}", f"{seconds:.1f} s")
        table.add_row("  everything", f"{time.monotonic() - self.began:.1f} s")
        self.console.print(table)

    def staying(self) -> None:
        """The last words before the live line."""
        self.say("\nHomarus runs. Talk to your bot: homarus bot chat hello. Ctrl-C ends it.")

    def status(self, api: Api) -> None:
        """Refresh the live line; where there is no terminal, nothing is repeated."""
        if not self.console.is_terminal:
            return
        try:
            words = _line(api)
        except HomarusError as fault:
            words = fault.message
        if self._live is None:
            self._live = self.console.status(words)
            self._live.start()
        self._live.update(words)

    def close(self) -> None:
        """End the live line."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _line(api: Api) -> str:
    counts: dict[str, int] = {}
    for bot in api.pages("/v1/bots", most=1000):
        counts[bot["state"]] = counts.get(bot["state"], 0) + 1
    bots = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none"
    totals = api.get("/v1/calls/totals")
    calls = sum(bot["calls"] for bot in totals["bots"])
    return f"bots: {bots} | calls: {calls} | spent: ${totals['cost_usd']} in 30 days"
