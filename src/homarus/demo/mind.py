"""What the demo model says: a pure function of the conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOOL = re.compile(r"demo:tool\s+([A-Za-z0-9_.-]+)\s*(\{.*?\})?(?=\s|$|\")", re.DOTALL)
_SAY = re.compile(r"demo:say\s+([^\n]{1,2000})")
_LONG = re.compile(r"demo:words\s+(\d{1,5})")
_FAULT = re.compile(r"demo:fault\s+(status|stall|reset|midstream|garbage)(?:\s+(\d{3}))?")
_GREETING = re.compile(r"\b(hello|hi|hey|greetings)\b", re.IGNORECASE)
_HELLO = (
    "Hello! I am the Homarus demo model, a built-in stand-in that needs no API key. "
    "I only repeat and greet, but everything around me is real: this answer passed the "
    "AI gateway, was paid from a budget and stands in the ledger."
)


@dataclass(frozen=True)
class Message:
    """One message, whatever format it came in."""

    role: str
    text: str


@dataclass(frozen=True)
class Reply:
    """What the model answers: words, or one tool to call."""

    text: str = ""
    tool: str = ""
    arguments: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True)
class Fault:
    """How the model misbehaves, when faults are allowed at all."""

    kind: str
    status: int


def reply(messages: Sequence[Message], tools: Sequence[str], size: int) -> Reply:
    """Answer the conversation. ``size`` is the request's length in bytes.

    Looked at are all user messages since the last answer of the model, because agents
    append messages of their own behind what the person wrote. ``demo:tool NAME {json}``
    calls that tool if it is offered, ``demo:say WORDS`` and ``demo:words N`` say so much.
    """
    heard = _heard(messages)
    everything = "\n".join(heard)
    input_tokens = max(1, size // 4)
    called = _TOOL.search(everything)
    answered = bool(messages) and messages[-1].role == "tool"
    if called and called[1] in tools and not answered:
        arguments = called[2] or "{}"
        return Reply("", called[1], arguments, input_tokens, max(1, len(arguments) // 4 + 8))
    if answered:
        text = f"The demo model called a tool and it said: {messages[-1].text[:400]}"
    elif said := _SAY.search(everything):
        text = said[1].strip()
    elif long := _LONG.search(everything):
        text = " ".join(f"word{n}" for n in range(int(long[1])))
    elif _GREETING.search(everything) or not heard:
        text = _HELLO
    else:
        quoted = " ".join(heard[0].split())[:200]
        text = f"I am the Homarus demo model and cannot think. You said: {quoted}"
    return Reply(text, "", "", input_tokens, max(1, len(text) // 4))


def fault(messages: Sequence[Message]) -> Fault | None:
    """Return the misbehaviour that the conversation asks for."""
    found = _FAULT.search("\n".join(_heard(messages)))
    return Fault(found[1], int(found[2] or 500)) if found else None


def pieces(text: str) -> list[str]:
    """Cut ``text`` as a stream would: a few words each, joined they are ``text``."""
    words = re.findall(r"\s*\S+\s*$|\s*\S+", text)
    return ["".join(words[at : at + 3]) for at in range(0, len(words), 3)]


def read_messages(body: Mapping[str, Any]) -> list[Message]:
    """Return the messages of an OpenAI or Anthropic request body; a tool's result is ``tool``."""
    found = []
    for message in body.get("messages") or ():
        content = message.get("content")
        role = str(message.get("role", ""))
        if isinstance(content, str):
            found.append(Message(role, content))
            continue
        for part in content or ():
            if part.get("type") == "tool_result":
                inner = part.get("content")
                text = inner if isinstance(inner, str) else json.dumps(inner)
                found.append(Message("tool", text))
            elif isinstance(part.get("text"), str):
                found.append(Message(role, part["text"]))
        if role == "assistant" and not content:
            found.append(Message(role, ""))
    return found


def read_tools(body: Mapping[str, Any]) -> list[str]:
    """Return the names of the tools that a request offers, in either format."""
    return [
        str(tool.get("name") or (tool.get("function") or {}).get("name"))
        for tool in body.get("tools") or ()
    ]


def _heard(messages: Sequence[Message]) -> list[str]:
    heard: list[str] = []
    for message in messages:
        if message.role == "assistant":
            heard = []
        elif message.role == "user":
            heard.append(message.text)
    return heard
