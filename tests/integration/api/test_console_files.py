"""The console's files as a browser gets them."""

import gzip
import re
from pathlib import Path

import httpx2
import pytest

from homarus.http.dashboard import Console
from homarus.testing.api import Installation

HTML = {"accept": "text/html,*/*"}


@pytest.fixture
def browser(installation: Installation, tmp_path: Path) -> httpx2.AsyncClient:
    built = tmp_path / "console"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text('<meta name="csp-nonce" content="__NONCE__">')
    (built / "assets" / "main-abc.js").write_text("let a = 1;" * 200)
    installation.app.state.parts.services[Console] = Console(built)
    return installation.client()


async def test_every_address_of_the_console_is_the_page_under_a_strict_policy(
    browser: httpx2.AsyncClient,
) -> None:
    first = await browser.get("/", headers=HTML)
    second = await browser.get("/bots/hello/chat", headers=HTML)
    nonces = []
    for answer in (first, second):
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        nonce = re.search(r"'nonce-([\w-]+)'", policy)
        assert nonce is not None
        assert f'content="{nonce[1]}"' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1]


async def test_built_files_are_packed_and_kept_for_ever(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/assets/main-abc.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == "let a = 1;" * 200
    plain = await browser.get("/assets/main-abc.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(gzip.compress(plain.content)) < len(plain.content)


async def test_what_the_api_does_not_have_stays_a_problem(browser: httpx2.AsyncClient) -> None:
    for path, headers in (("/v1/nothing", HTML), ("/assets/gone.js", {}), ("/etc/passwd", {})):
        answer = await browser.get(path, headers=headers)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_a_checkout_without_a_built_console_says_how_to_get_one(
    installation: Installation, tmp_path: Path
) -> None:
    installation.app.state.parts.services[Console] = Console(tmp_path / "nothing")
    answer = await installation.client().get("/login", headers=HTML)
    assert answer.status_code == 200
    assert "make console" in answer.text
