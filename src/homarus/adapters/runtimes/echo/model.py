"""The pure half of runtime ``echo``: a small document, and the script of its misbehaviour."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches

from homarus.core.specs import BotSpec, ExecPolicy
from homarus.errors import Issue, ManifestInvalid
from homarus.ports.runtime_model import Owner, Rendered, RenderedFile

_SCRIPT: dict[str, type] = {
    "exit_code": int,
    "never_ready": bool,
    "ready_within_s": int,
    "crash_after_turns": int,
    "deaf_after_turns": int,
    "escape": bool,
    "delay_ms": int,
    "refuse": str,
    "inventory": dict,
    "inventory_answers": int,
}


class EchoModel:
    """Renders one configuration file; ``settings`` script how the bot misbehaves."""

    name = "echo"
    description = "Says what it hears, through the model it is given: for trying things out."
    versions = ("1",)
    memory_mb = 64
    secrets = "exec"
    formats = ("openai",)

    def render(self, spec: BotSpec, *, model_route: str, model_format: str = "openai") -> Rendered:
        issues = [issue for issue in map(self._issue, spec.settings.items()) if issue is not None]
        if issues:
            raise ManifestInvalid("The settings of an echo bot are not valid.", issues=issues)
        script = {name: _as_text(spec.settings.get(name)) for name in _SCRIPT}
        document = {
            "port": "@{PORT}",
            "gateway_url": "@{GATEWAY_URL}",
            "socket": "@{SOCKET}",
            "state": "@{STATE}",
            "paused": "@{PAUSED}",
            "model": model_route,
            "persona": "\n".join((spec.persona, *spec.goals)).strip(),
            "secrets": " ".join(spec.secrets),
            "shell": _as_text(spec.tools.exec is ExecPolicy.FULL),
            **script,
        }
        content = json.dumps(document, indent=1, sort_keys=True)
        return Rendered(
            runtime=self.name,
            version=spec.runtime.version or self.versions[0],
            renderer=2,
            files=(RenderedFile("config", "echo.json", Owner.MANAGED, content),),
            secrets=tuple(spec.secrets),
            settings={"ready_within_s": script["ready_within_s"]},
        )

    def judge(self, rendered: Rendered) -> Sequence[Issue]:
        if rendered.version in self.versions:
            return ()
        return (Issue("runtime.version", f"echo has no version {rendered.version}"),)

    @staticmethod
    def _issue(item: tuple[str, object]) -> Issue | None:
        name, value = item
        wanted = _SCRIPT.get(name)
        if wanted is None:
            near = get_close_matches(name, _SCRIPT, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_SCRIPT)}."
            return Issue(f"settings.{name}", "unknown setting of an echo bot", hint)
        # bool is an int in Python, and is not one here.
        if type(value) is not wanted:
            return Issue(f"settings.{name}", f"must be {wanted.__name__}")
        return None


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps(value)
    return "" if value is None else str(value)
