"""The pure half of runtime ``openclaw``: spec to configuration, judged by the pinned schema."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

import jsonschema_rs

from homarus.adapters.runtimes.openclaw import managed, pin
from homarus.core.specs import BotSpec, ExecPolicy
from homarus.errors import Issue, ManifestInvalid
from homarus.ports.runtime_model import Owner, Rendered, RenderedFile
from homarus.protocol.supervisor import GATEWAY_KEY, RUNTIME_TOKEN

_RENDERER = 1
_CONTEXT_TOKENS, _ANSWER_TOKENS = 200_000, 32_000
_PORT_MARK = '"@{PORT}"'
_RESOLVER = """#!@{NODE}
"use strict";
// Hands OpenClaw's question to the supervisor's socket and its answer back.
const asked = [];
process.stdin.on("data", (piece) => asked.push(piece));
process.stdin.on("end", () => {
  const line = require("node:net").connect("@{SOCKET}");
  line.on("error", () => process.exit(1));
  line.write(JSON.stringify(JSON.parse(Buffer.concat(asked).toString())) + "\\n");
  line.pipe(process.stdout);
});
"""


class OpenClawModel:
    """Renders ``openclaw.json``, the secret resolver and the bot's workspace files.

    The schema is read from package data at first use; rendering itself touches nothing.
    """

    name = "openclaw"
    description = "An assistant with tools, skills, channels and a memory of its own."
    versions = (pin.VERSION,)
    memory_mb = 1200
    secrets = "exec"
    formats = ("openai", "anthropic")

    def render(self, spec: BotSpec, *, model_route: str, model_format: str = "openai") -> Rendered:
        issues = managed.refused(spec.settings)
        allowed = frozenset(spec.secrets)
        settings = managed.with_secrets(spec.settings, allowed, "settings", issues)
        if issues:
            raise ManifestInvalid("The bot's settings cannot be used.", issues=issues)
        document = managed.merge(_base(spec, model_route, model_format), settings)
        content = json.dumps(document, indent=1, sort_keys=True)
        config = (
            RenderedFile(
                "config", pin.CONFIG_FILE, Owner.MANAGED, content.replace(_PORT_MARK, "@{PORT}")
            ),
            RenderedFile("config", pin.RESOLVER, Owner.MANAGED, _RESOLVER),
        )
        return Rendered(
            runtime=self.name,
            version=spec.runtime.version or pin.VERSION,
            renderer=_RENDERER,
            files=(*config, *_workspace(spec)),
            secrets=tuple(spec.secrets),
            settings={"memory_mb": str(spec.resources.memory_mb)},
        )

    def judge(self, rendered: Rendered) -> Sequence[Issue]:
        if rendered.version not in self.versions:
            return (Issue("runtime.version", f"only {', '.join(self.versions)} is supported"),)
        text = next(f.content for f in rendered.files if f.path == pin.CONFIG_FILE)
        document = json.loads(text.replace("@{PORT}", "18789"))
        return tuple(
            Issue(_spec_path(error.instance_path), _words(error))
            for error in self._schema.iter_errors(document)
        )

    @cached_property
    def _schema(self) -> Any:
        packed = files(__package__).joinpath("schema.json.gz").read_bytes()
        return jsonschema_rs.validator_for(json.loads(gzip.decompress(packed)))


def _base(spec: BotSpec, model_route: str, model_format: str) -> dict[str, Any]:
    """What Homarus says about every bot; settings may add to it, not contradict it."""
    denied = spec.tools.exec is ExecPolicy.DENY
    model = {
        "id": model_route,
        "name": model_route,
        "input": ["text"],
        "reasoning": False,
        "contextWindow": _CONTEXT_TOKENS,
        "maxTokens": _ANSWER_TOKENS,
        # Prices are the AI gateway's business; figures here would be a second truth.
        "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
    }
    provider = {
        # OpenClaw adds /v1 itself where it speaks Anthropic's format.
        "baseUrl": "@{GATEWAY_URL}" + ("" if model_format == "anthropic" else "/v1"),
        "api": "anthropic-messages" if model_format == "anthropic" else "openai-completions",
        "apiKey": managed.secret_ref(GATEWAY_KEY),
        "models": [model],
    }
    tools: dict[str, Any] = {"exec": {"mode": "deny" if denied else "full"}}
    tools["elevated"] = {"enabled": not denied}
    if spec.tools.deny:
        tools["deny"] = list(spec.tools.deny)
    return {
        "gateway": {
            "mode": "local",
            "bind": "loopback",
            "port": "@{PORT}",
            "auth": {"mode": "token", "token": managed.secret_ref(RUNTIME_TOKEN)},
            "controlUi": {"enabled": False},
            "terminal": {"enabled": False},
        },
        "secrets": {
            "providers": {
                pin.PROVIDER: {
                    "source": "exec",
                    "command": f"@{{CONFIG}}/{pin.RESOLVER}",
                    "timeoutMs": 15_000,
                }
            }
        },
        "models": {
            "mode": "replace",
            "providers": {pin.PROVIDER: provider},
            "catalogRefresh": {"enabled": False},
        },
        "agents": {
            "defaults": {
                "model": {"primary": f"{pin.PROVIDER}/{model_route}"},
                "workspace": "@{WORKSPACE}",
                # The first-run ritual asks a person questions; nobody sits there.
                "skipBootstrap": True,
                "heartbeat": {"every": "0m"},
            }
        },
        "tools": tools,
        "logging": {"file": "@{LOG}"},
        "update": {"checkOnStart": False},
        "discovery": {"mdns": {"mode": "off"}},
    }


def _workspace(spec: BotSpec) -> tuple[RenderedFile, ...]:
    """Persona and goals as sections of ours in files that the bot may edit around them."""
    persona = spec.persona.strip() or f"You are {spec.name}."
    goals = "\n".join(f"- {goal}" for goal in spec.goals) or "- Help whoever writes to you."
    return (
        RenderedFile("workspace", "SOUL.md", Owner.BLOCK, persona),
        RenderedFile("workspace", "AGENTS.md", Owner.BLOCK, f"# Goals\n\n{goals}"),
    )


def _spec_path(path: Sequence[str | int]) -> str:
    return ".".join(("settings", *(str(part) for part in path)))


def _words(error: Any) -> str:
    # An "anyOf" over dozens of shapes would list them all; the first line says enough.
    return str(error.message).splitlines()[0][:300]
