"""What happens elsewhere shows by itself: the stream of events and answers as they are given."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from homarus.testing.browsing import Site

STREAMS = """(() => {
  const real = window.fetch.bind(window);
  window.streams = [];
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    const kind = answer.headers.get("content-type") ?? "";
    if (!kind.startsWith("text/event-stream")) return answer;
    const stream = { url: answer.url, muted: false };
    const between = new TransformStream({
      start: (control) => { stream.control = control; },
      transform: (chunk, control) => { if (!stream.muted) control.enqueue(chunk); },
    });
    stream.say = (words) => stream.control.enqueue(new TextEncoder().encode(words));
    window.streams.push(stream);
    return new Response(answer.body.pipeThrough(between), answer);
  };
})()"""
"""Puts a hand on every stream that a page reads, to cut it, silence it or say more in it."""
EVENTS = "**/v1/events"
TREND = "**/v1/calls/trend?*"
BUDGETS = "**/v1/budgets*"
OFFLINE = "Live updates are away."
SILENCE_MS = 46_000


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    site.homarus.echo("live-bee")
    site.homarus.cli("bot", "chat", "live-bee", "demo:say Hello.")
    return "live-bee"


@pytest.fixture(scope="module")
def slow(site: Site) -> str:
    """A bot that thinks about its first message for longer than any test."""
    site.homarus.echo("slow-bee", settings={"delay_ms": 3_600_000})
    return "slow-bee"


class Hand:
    """A hand on the newest stream of a page whose address ends so."""

    def __init__(self, page: Page, ending: str) -> None:
        self._page = page
        self._ending = ending

    def held(self, count: int = 1) -> Hand:
        """Wait until that many were opened since the page was loaded."""
        arguments = [self._ending, count]
        self._page.wait_for_function(
            "([ending, count]) => streams.filter((s) => s.url.includes(ending)).length >= count",
            arg=arguments,
        )
        return self

    def say(self, kind: str, data: str = "{}") -> None:
        self._do("stream.say(words)", f"event: {kind}\ndata: {data}\n\n")

    def cut(self) -> None:
        self._do("stream.control.error(new TypeError('cut'))")

    def mute(self) -> None:
        self._do("stream.muted = true")

    def _do(self, what: str, words: str = "") -> None:
        found = "const stream = streams.findLast((s) => s.url.includes(ending));"
        self._page.evaluate(f"([ending, words]) => {{ {found} {what} }}", [self._ending, words])


def asked(where: BrowserContext | Page, ending: str) -> list[str]:
    """The addresses asked for from now on which contain ``ending``; grows."""
    found: list[str] = []
    where.on("request", lambda one: found.append(one.url) if ending in one.url else None)
    return found


def resumed(page: Page) -> list[str]:
    """The event after which each stream of events asked for from now on begins; grows."""
    found: list[str] = []

    def note(one: Request) -> None:
        if one.url.endswith("/v1/events"):
            found.append(one.headers.get("last-event-id", ""))

    page.on("request", note)
    return found


def handed(page: Page, address: str) -> Hand:
    """``page`` at ``address``, with a hand on its stream of events."""
    page.add_init_script(STREAMS)
    page.goto(address)
    return Hand(page, "/v1/events").held()


def test_tabs_share_one_stream_and_the_next_takes_over(site: Site, bot: str) -> None:
    context = site.context()
    streams = asked(context, "/v1/events")
    first = site.log_in(context)
    calls = []
    for tab in (first, context.new_page()):
        tab.goto("/")
        calls.append(tab.get_by_role("region", name="Today").get_by_role("row", name="Calls"))
        expect(calls[-1]).to_contain_text("1")
    second = calls[1].page
    begun = len(streams)
    site.homarus.cli("bot", "chat", bot, "demo:say Seen by both.")
    for shown in calls:
        expect(shown).to_contain_text("2")
    assert len(streams) == begun
    after = resumed(second)
    first.close()
    site.homarus.cli("bot", "chat", bot, "demo:say Seen by the one left.")
    expect(calls[1]).to_contain_text("3")
    assert len(after) == 1
    assert after[0].isdecimal()
    context.close()


def test_who_takes_over_and_heard_nothing_reads_everything_again(site: Site, bot: str) -> None:
    context = site.context()
    first = site.log_in(context)
    held: list[Route] = []
    first.route(EVENTS, lambda route: held.append(route))
    first.goto(f"/bots/{bot}/calls")
    with first.expect_request(EVENTS):
        first.reload()
    second = context.new_page()
    second.goto(f"/bots/{bot}/calls")
    rows = second.get_by_role("table", name="Calls").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    before = rows.count()
    site.homarus.cli("bot", "chat", bot, "demo:say Nobody was told.")
    expect(rows).to_have_count(before)
    first.close()
    expect(rows).to_have_count(before + 1)
    context.close()


def test_a_stream_that_breaks_says_so_and_goes_on_where_it_was(
    site: Site, page: Page, bot: str
) -> None:
    events = handed(page, f"/bots/{bot}/calls")
    rows = page.get_by_role("table", name="Calls").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    before = rows.count()
    site.homarus.cli("bot", "chat", bot, "demo:say Heard at once.")
    expect(rows).to_have_count(before + 1)
    note = page.get_by_role("status").filter(has_text=OFFLINE)
    expect(note).to_have_count(0)
    after = resumed(page)
    page.route(EVENTS, lambda route: route.abort())
    events.cut()
    expect(note).to_be_visible()
    site.homarus.cli("bot", "chat", bot, "demo:say Heard after.")
    page.unroute(EVENTS)
    expect(note).to_have_count(0)
    assert after[-1].isdecimal()
    expect(rows).to_have_count(before + 2)


def test_a_stream_in_which_nothing_is_heard_is_left(page: Page, bot: str) -> None:
    page.clock.install()
    events = handed(page, f"/bots/{bot}")
    note = page.get_by_role("status").filter(has_text=OFFLINE)
    expect(page.get_by_role("region", name="What it is")).to_be_visible()
    page.route(EVENTS, lambda route: route.abort())
    events.mute()
    page.clock.fast_forward(SILENCE_MS)
    expect(note).to_be_visible()
    page.unroute(EVENTS)
    page.clock.fast_forward(SILENCE_MS)
    events.held(2)
    expect(note).to_have_count(0)


def test_events_faster_than_answers_do_not_starve_a_page(page: Page, bot: str) -> None:
    events = handed(page, "/")
    today = page.get_by_role("region", name="Today").get_by_role("row", name="Calls")
    expect(today).to_be_visible()
    broken_off: list[str] = []
    page.on("requestfailed", lambda one: broken_off.append(one.url))
    held: list[Route] = []
    page.route(TREND, lambda route: held.append(route))
    with page.expect_request(TREND):
        events.say("call.recorded")
    for _ in range(4):
        with page.expect_response(BUDGETS):
            events.say("call.recorded")
    assert [url for url in broken_off if "trend" in url] == []
    assert len(held) == 1
    answer: Any = held[0].fetch().json()
    page.route(TREND, lambda route: route.continue_())
    with page.expect_request(TREND):
        held[0].fulfill(json=answer)
    expect(today).to_be_visible()
    assert [url for url in broken_off if "trend" in url] == []


def test_an_answer_shows_while_it_is_given_and_goes_on_after_a_cut(
    site: Site, page: Page, slow: str
) -> None:
    with site.homarus.api() as api:
        turn = api.post(f"/v1/bots/{slow}/turns", {"text": "Think.", "timeout_s": 3_000})
    handed(page, f"/bots/{slow}/chat")
    answer = Hand(page, f"/v1/turns/{turn['id']}/stream").held()
    said = page.get_by_role("list", name="Messages").get_by_role("listitem").last
    answer.say("delta", '{"offset": 0, "text": "A 🦞 is"}')
    expect(said.get_by_text("A 🦞 is", exact=True)).to_be_visible()
    with page.expect_request("**/stream?*") as again:
        answer.cut()
    assert again.value.url.endswith(f"{turn['id']}/stream?offset=6")
    answer.held(2).say("delta", '{"offset": 6, "text": " an arthropod."}')
    expect(said.get_by_text("A 🦞 is an arthropod.", exact=True)).to_be_visible()


def test_many_open_answers_take_one_connection(site: Site, page: Page, slow: str) -> None:
    with site.homarus.api() as api:
        while len(api.get(f"/v1/bots/{slow}/turns")["items"]) < 7:
            api.post(f"/v1/bots/{slow}/turns", {"text": "Think.", "timeout_s": 3_000})
        oldest = api.get(f"/v1/bots/{slow}/turns")["items"][-1]["id"]
    streams = asked(page, "/stream?")
    ended = []
    page.on("requestfailed", lambda one: ended.append(one.url) if "/stream?" in one.url else None)
    handed(page, f"/bots/{slow}/chat")
    said = page.get_by_role("list", name="Messages").get_by_role("listitem")
    expect(said).to_have_count(7)
    Hand(page, "/stream?").held()
    assert page.evaluate("async () => (await fetch('/v1/about')).status") == 200
    assert [url.rsplit("/", 2)[1] for url in streams] == [oldest]
    look(page, "hidden")
    page.wait_for_function("() => document.visibilityState === 'hidden'")
    expect(said).to_have_count(7)
    assert [url.rsplit("/", 2)[1] for url in ended] == [oldest]
    with page.expect_request("**/stream?*"):
        look(page, "visible")


def look(page: Page, state: str) -> None:
    """Leave the tab, or come back to it."""
    page.evaluate(
        """state => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        state,
    )


def test_a_refused_answer_is_not_asked_for_again(page: Page, site: Site, slow: str) -> None:
    with site.homarus.api() as api:
        api.post(f"/v1/bots/{slow}/turns", {"text": "Think.", "timeout_s": 3_000})
    page.clock.install()
    streams = asked(page, "/stream?")
    refuse = {"title": "Refused.", "code": "forbidden", "status": 403}
    page.route("**/stream?*", lambda route: route.fulfill(status=403, json=refuse))
    page.goto(f"/bots/{slow}/chat")
    expect(page.get_by_role("list", name="Messages")).to_be_visible()
    for _ in range(3):
        with page.expect_response("**/turns?*"):
            page.clock.fast_forward(60_000)
            look(page, "visible")
    assert len(streams) == 1


def test_a_broken_answer_is_asked_for_less_and_less_often(
    page: Page, site: Site, slow: str
) -> None:
    with site.homarus.api() as api:
        api.post(f"/v1/bots/{slow}/turns", {"text": "Think.", "timeout_s": 3_000})
    page.clock.install()
    page.route("**/stream?*", lambda route: route.abort())
    page.goto(f"/bots/{slow}/chat")
    expect(page.get_by_role("list", name="Messages")).to_be_visible()
    page.clock.pause_at(page.evaluate("() => Date.now()") / 1_000 + 60)
    streams = asked(page, "/stream?")
    for _ in range(60):
        page.clock.run_for(1_000)
        page.evaluate("async () => (await fetch('/v1/about')).status")
    assert 1 <= len(streams) <= 10
