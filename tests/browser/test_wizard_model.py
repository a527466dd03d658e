"""The wizard's second step: a model of one's own, its key tested live, and what keeps the key."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from homarus.testing.wizard import Walk, tab_to

KEY, WRONG = "sk-planted-right-key", "sk-planted-wrong-key"
SAID = "Spoken by the model of the test."


class Handler(BaseHTTPRequestHandler):
    """A provider that speaks OpenAI's format to who has the key; `/open` asks for none."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refused(self) -> bool:
        free = self.path.startswith("/open/")
        if free or self.headers.get("Authorization") == f"Bearer {KEY}":
            return False
        self._answer(401, {"error": {"message": "wrong key"}})
        return True

    def do_GET(self) -> None:
        if not self._refused():
            self._answer(200, {"data": [{"id": "Tested.Model-1"}, {"id": "other-2"}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._refused():
            return
        message = {"role": "assistant", "content": SAID}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
        self._answer(200, {"object": "chat.completion", "choices": [choice], "usage": usage})


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Where the provider of this file listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def kept_by(page: Page) -> str:
    """Everything that the browser keeps, and the address."""
    storage = page.context.storage_state(indexed_db=True)
    session = page.evaluate("JSON.stringify({...sessionStorage}) + JSON.stringify(history.state)")
    return json.dumps(storage) + session + page.url


def arrow_to(target: Locator) -> None:
    """Press the arrow down until ``target`` is chosen of the group that has the focus."""
    for _ in range(10):
        if target.is_checked():
            return
        target.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{target} cannot be chosen by keyboard")


def another(page: Page, walk: Walk, name: str) -> None:
    """Go to the model and ask for another one."""
    page.goto("/new")
    walk.purpose(name)
    walk.click("radio", "Another model")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    expect(page.get_by_text("Choose a model, or add one here.")).to_be_visible()


def test_a_key_is_tested_added_and_nowhere_to_be_found(page: Page, provider: str) -> None:
    walk = Walk(page)
    another(page, walk, "keyed-bee")
    walk.click("radio", "Another provider")
    walk.fill("Address", f"{provider}/v1")
    walk.fill("Key", WRONG)
    walk.click("button", "Test and add")
    alert = page.get_by_role("alert").filter(has_text="The provider does not work yet")
    expect(alert).to_contain_text("refuses this key (HTTP 401)")
    expect(page.get_by_role("button", name="Go on with the demo")).to_be_visible()
    assert WRONG not in kept_by(page)

    walk.fill("Key", KEY)
    expect(alert).to_have_count(0)
    walk.click("button", "Test and add")
    model = page.get_by_role("combobox", name="Model of 127-0-0-1")
    expect(model).to_be_focused()
    expect(page.get_by_role("textbox", name="Key")).to_have_count(0)
    assert KEY not in kept_by(page)
    page.reload()  # what was added stands, and it goes on from there
    walk.click("radio", "Another model")
    walk.click("radio", "127-0-0-1")
    model.select_option(label="Tested.Model-1")
    walk.click("button", "Use this model")
    added = page.get_by_role("radio", name="tested-model-1")
    expect(added).to_be_checked()
    expect(added).to_be_focused()
    walk.click("button", "Next")
    walk.click("radio", "echo")
    walk.click("button", "Next")
    walk.click("button", "Make the bot")
    page.get_by_role("textbox", name="Message").fill("Who speaks?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(SAID)).to_be_visible()
    assert KEY not in kept_by(page)


def test_a_key_that_fails_is_no_dead_end(page: Page, provider: str) -> None:
    walk = Walk(page)
    another(page, walk, "demo-bee")
    walk.click("radio", "Another provider")
    walk.fill("Address", f"{provider}/v1")
    walk.fill("Key", WRONG)
    walk.click("button", "Test and add")
    walk.click("button", "Go on with the demo")
    expect(page.get_by_role("radio", name="demo", exact=True)).to_be_focused()
    expect(page.get_by_role("textbox", name="Key")).to_have_count(0)
    walk.click("button", "Next")
    expect(page.get_by_role("heading", name="Where does it run?")).to_be_visible()


def test_an_address_that_the_api_refuses_is_explained(page: Page) -> None:
    walk = Walk(page)
    another(page, walk, "plain-bee")
    walk.click("radio", "Another provider")
    expect(page.get_by_role("button", name="Test and add")).to_be_disabled()
    walk.fill("Address", "http://models.example.com/v1")
    walk.fill("Key", WRONG)
    walk.click("button", "Test and add")
    expect(page.get_by_role("alert")).to_contain_text("keys travel over https only")


def test_a_server_of_this_machine_needs_no_key(page: Page, provider: str) -> None:
    found = {
        "kind": "ollama",
        "name": "Ollama",
        "type": "openai",
        "base_url": f"{provider}/open/v1",
        "models": ["llama3.2:3b"],
    }
    # The usual ports of this machine are not for a test to take.
    page.route("**/v1/providers/discover", lambda route: route.fulfill(json=[found]))
    walk = Walk(page)
    another(page, walk, "local-bee")
    walk.click("radio", "Ollama on this machine")
    expect(page.get_by_role("combobox", name="Model of Ollama")).to_have_value("llama3.2:3b")
    walk.click("button", "Use this model")
    expect(page.get_by_role("radio", name="llama3-2-3b")).to_be_checked()
    walk.click("radio", "Another model")
    # Added, it is a provider like any other.
    expect(page.get_by_role("radio", name="Ollama on this machine")).to_have_count(0)
    expect(page.get_by_role("radio", name="ollama", exact=True)).to_be_visible()


def test_looking_again_for_servers(page: Page) -> None:
    page.route("**/v1/providers/discover", lambda route: route.fulfill(json=[]))
    walk = Walk(page)
    another(page, walk, "look-bee")
    expect(page.get_by_text("No model server answers on this machine.")).to_be_visible()
    page.unroute("**/v1/providers/discover")
    broken = {"title": "It broke.", "request_id": "req-look", "hint": "", "detail": ""}
    page.route("**/v1/providers/discover", lambda route: route.fulfill(status=500, json=broken))
    walk.click("button", "Look again")
    expect(page.get_by_role("alert")).to_contain_text("Request req-look")


def test_a_key_by_keyboard(page: Page, provider: str) -> None:
    keys = page.keyboard
    page.goto("/new")
    Walk(page).purpose("tabbed-bee")
    tab_to(page.locator("input[type=radio]:checked"))
    arrow_to(page.get_by_role("radio", name="Another model"))
    tab_to(page.get_by_role("group", name="Where is the model?").get_by_role("radio").first)
    arrow_to(page.get_by_role("radio", name="Another provider"))
    tab_to(page.get_by_role("textbox", name="Address"))
    keys.type(f"{provider}/v1")
    tab_to(page.get_by_role("textbox", name="Key"))
    keys.type(KEY)
    keys.press("Enter")
    model = page.get_by_role("combobox", name="Model of 127-0-0-1")
    expect(model).to_be_focused()
    keys.type("other")
    expect(model).to_have_value("other-2")
    tab_to(page.get_by_role("button", name="Use this model"))
    keys.press("Enter")
    expect(page.get_by_role("radio", name="other-2")).to_be_focused()
