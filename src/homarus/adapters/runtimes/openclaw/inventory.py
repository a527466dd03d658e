"""What OpenClaw says of its channels and skills, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homarus.ports.runtime_host import ChannelSeen, Inventory, SkillSeen

_BLOCKS = {
    "disabled": "switched off",
    "blockedByAllowlist": "not among the allowed bundled skills",
    "blockedByAgentFilter": "not among the skills of this agent",
}
_SOURCE_PREFIX = "openclaw-"


def inventory(channels: Mapping[str, Any], skills: Mapping[str, Any]) -> Inventory:
    """Read the answers of ``channels.status`` and ``skills.status``; what is odd is left out."""
    return Inventory(
        channels=tuple(
            channel
            for name, seen in sorted(_mapping(channels.get("channels")).items())
            if (channel := _channel(name, _mapping(seen))) is not None
        ),
        skills=tuple(_skill(one) for one in skills.get("skills") or () if _mapping(one)),
    )


def _channel(name: str, seen: Mapping[str, Any]) -> ChannelSeen | None:
    """None: OpenClaw could do it, and nobody set it up."""
    if seen.get("running"):
        return ChannelSeen(name, "running", str(seen.get("mode") or ""))
    if seen.get("lastError"):
        return ChannelSeen(name, "failed", str(seen["lastError"]))
    return ChannelSeen(name, "stopped", "") if seen.get("configured") else None


def _skill(seen: Mapping[str, Any]) -> SkillSeen:
    against = [words for key, words in _BLOCKS.items() if seen.get(key)]
    against += _missing(_mapping(seen.get("missing")))
    if not against and not seen.get("eligible"):
        against = ["not for this machine"]
    return SkillSeen(
        name=str(seen.get("name") or seen.get("skillKey") or ""),
        ready=not against,
        detail="; ".join(against),
        source=str(seen.get("source") or "").removeprefix(_SOURCE_PREFIX),
    )


def _missing(missing: Mapping[str, Any]) -> Iterator[str]:
    for kind, names in missing.items():
        if isinstance(names, list) and names:
            yield f"{kind} missing: {', '.join(str(name) for name in names)}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
