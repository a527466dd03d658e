"""Where providers are called."""

from __future__ import annotations

import pytest

from homarus.core.routes import DEFAULT_BASE_URLS, FORMATS, ProviderType, endpoint


@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/"])
def test_a_base_with_or_without_version_means_the_same(base: str) -> None:
    assert endpoint(base, "openai") == "/v1/chat/completions"
    assert endpoint(base, "anthropic") == "/v1/messages"


def test_a_proxy_prefix_stays() -> None:
    assert endpoint("/llm/v1", "openai") == "/llm/v1/chat/completions"


def test_every_type_has_formats_and_all_but_the_demo_an_address() -> None:
    assert set(FORMATS) == set(ProviderType)
    assert set(DEFAULT_BASE_URLS) == set(ProviderType) - {ProviderType.DEMO}
