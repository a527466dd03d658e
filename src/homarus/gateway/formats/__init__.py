"""Request and answer formats of model calls: what we read, the little we change, our errors.

Same format in and out passes byte for byte. Changed are only the model's name, the request
for stream usage (and its extra chunk, stripped again) and a clamped token limit.
"""

from homarus.gateway.formats import anthropic, openai
from homarus.gateway.formats.base import Format

FORMATS: dict[str, Format] = {
    "openai": openai.OpenAI(),
    "anthropic": anthropic.Anthropic(),
}
"""By the name that routes and records use."""
BY_PATH = {
    b"/v1/chat/completions": FORMATS["openai"],
    b"/v1/messages": FORMATS["anthropic"],
}
