"""What a spec may name on a target that cannot do everything."""

from __future__ import annotations

import pytest

from homarus.adapters.catalog import load_runtime_model
from homarus.core.specs import BotSpec
from homarus.domains.bot.compile import Known, compile_spec
from homarus.errors import ManifestInvalid
from homarus.ports.target import Capabilities


class PlainTarget:
    """A target on a machine without bubblewrap; only its capabilities are asked."""

    name = "local"

    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"plain"}), 4096)


def test_a_sandbox_that_cannot_be_had_says_what_to_install() -> None:
    spec = BotSpec.model_validate(
        {"name": "a", "runtime": {"name": "echo"}, "resources": {"memory_mb": 64}}
    )
    known = Known(
        runtimes={"echo": load_runtime_model("echo")},
        targets={"local": PlainTarget()},  # type: ignore[dict-item] # nothing else is called
        models={"demo": ["openai"]},
        secrets=[],
    )
    with pytest.raises(ManifestInvalid, match="cannot sandbox bots now; it has: plain") as refused:
        compile_spec(spec, known, revision_id="rev_1")
    assert "Install bubblewrap" in refused.value.hint
