"""Which formats a provider of each type speaks, and where."""

from __future__ import annotations

from enum import StrEnum


class ProviderType(StrEnum):
    """What kind of service a provider is.

    ``demo`` is the built-in pretend model; it speaks both formats and costs pretend money.
    """

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    DEMO = "demo"


DEFAULT_BASE_URLS = {
    ProviderType.OPENAI: "https://api.openai.com/v1",
    ProviderType.ANTHROPIC: "https://api.anthropic.com",
}
"""Where a provider listens unless it is told otherwise; the demo is always told."""

FORMATS = {
    ProviderType.OPENAI: ("openai",),
    ProviderType.ANTHROPIC: ("anthropic",),
    ProviderType.DEMO: ("openai", "anthropic"),
}


def endpoint(base_path: str, format_: str) -> str:
    """Return the path of a call in ``format_`` below a provider's base path.

    A base URL with or without a trailing ``/v1`` means the same.
    """
    base = base_path.rstrip("/").removesuffix("/v1")
    return base + ("/v1/messages" if format_ == "anthropic" else "/v1/chat/completions")
