"""Which parts of OpenClaw's configuration are Homarus's own, and how settings are merged in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from homarus.adapters.runtimes.openclaw.pin import PROVIDER
from homarus.errors import Issue

_HINTS = {
    "models": "Name a model route in the bot's `model`.",
    "tools.exec": "Use the bot's `tools.exec`.",
    "tools.deny": "Use the bot's `tools.deny`.",
    "secrets": "Name sealed secrets in the bot's `secrets`, and use `{secret: NAME}`.",
    "agents.*.model": "Name a model route in the bot's `model`.",
}
_MANAGED = (
    "$include",
    "$schema",
    "agents.defaults.cwd",
    "agents.defaults.model",
    "agents.defaults.skipBootstrap",
    "agents.defaults.workspace",
    "agents.entries.*.model",
    "agents.entries.*.tools.elevated",
    "agents.entries.*.tools.exec",
    "agents.entries.*.workspace",
    "cloudWorkers",
    "discovery",
    "env",
    "gateway",
    "logging.file",
    "meta",
    "models",
    "nodeHost",
    "plugins.entries.admin-http-rpc",
    "secrets",
    "telemetry",
    "tools.deny",
    "tools.elevated",
    "tools.exec",
    "update",
    "wizard",
)


def paths(document: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Every path of ``document``, parents before children."""
    for key, value in document.items():
        path = f"{prefix}{key}"
        yield path
        if isinstance(value, Mapping):
            yield from paths(value, path + ".")


def refused(settings: Mapping[str, Any]) -> list[Issue]:
    """One issue per path of ``settings`` that Homarus manages itself."""
    issues = []
    for path in paths(settings):
        rule = next((one for one in _MANAGED if fnmatchcase(path, one)), None)
        if rule is not None:
            hint = _HINTS.get(rule, "Remove it: Homarus sets it for every bot.")
            issues.append(Issue(f"settings.{path}", "is managed by Homarus", hint))
    return issues


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Objects merge by key, everything else is replaced by what ``over`` says."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def secret_ref(name: str) -> dict[str, str]:
    """How OpenClaw's configuration names a secret that the supervisor hands out."""
    return {"source": "exec", "provider": PROVIDER, "id": name}


def with_secrets(value: Any, allowed: frozenset[str], path: str, issues: list[Issue]) -> Any:
    """Replace ``{secret: NAME}`` by a reference; a name that the bot may not read is an issue."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            name = value["secret"]
            if name not in allowed:
                issues.append(
                    Issue(path, f"the bot may not read the secret {name}", "Add it to `secrets`.")
                )
            return secret_ref(name)
        return {
            key: with_secrets(one, allowed, f"{path}.{key}", issues) for key, one in value.items()
        }
    if isinstance(value, list):
        return [with_secrets(one, allowed, f"{path}.{n}", issues) for n, one in enumerate(value)]
    return value
