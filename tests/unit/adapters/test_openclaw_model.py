import json

import pytest

from homarus.adapters.runtimes.openclaw.model import OpenClawModel
from homarus.core.specs import BotSpec
from homarus.errors import ManifestInvalid

model = OpenClawModel()


def rendered(**spec):
    return model.render(BotSpec.model_validate({"name": "hello", **spec}), model_route="demo")


def document(**spec):
    text = next(f.content for f in rendered(**spec).files if f.path == "openclaw.json")
    return json.loads(text.replace("@{PORT}", "1"))


def issues(**spec):
    with pytest.raises(ManifestInvalid) as caught:
        rendered(**spec)
    return {issue.path: issue for issue in caught.value.issues}


def test_models_are_ours_alone_and_no_value_of_a_secret_is_inside() -> None:
    made = document()
    assert made["models"]["mode"] == "replace"
    assert list(made["models"]["providers"]) == ["homarus"]
    provider = made["models"]["providers"]["homarus"]
    assert provider["apiKey"] == {
        "source": "exec",
        "provider": "homarus",
        "id": "HOMARUS_GATEWAY_KEY",
    }
    assert made["gateway"]["auth"]["token"]["source"] == "exec"
    assert made["gateway"]["bind"] == "loopback"


@pytest.mark.parametrize(("policy", "mode"), [("deny", "deny"), ("full", "full")])
def test_the_tools_policy_decides_exec(policy: str, mode: str) -> None:
    tools = document(tools={"exec": policy, "deny": ["browser"]})["tools"]
    assert tools["exec"]["mode"] == mode
    assert tools["elevated"]["enabled"] is (policy == "full")
    assert tools["deny"] == ["browser"]


@pytest.mark.parametrize(
    "settings",
    [
        {"gateway": {"bind": "lan"}},
        {"models": {"providers": {}}},
        {"tools": {"exec": {"mode": "full"}}},
        {"tools": {"elevated": {"enabled": True}}},
        {"agents": {"entries": {"x": {"tools": {"exec": {"mode": "full"}}}}}},
        {"agents": {"defaults": {"model": "openai/x"}}},
        {"secrets": {"providers": {}}},
        {"plugins": {"entries": {"admin-http-rpc": {"enabled": True}}}},
        {"logging": {"file": "/etc/x"}},
        {"env": {"A": "b"}},
        {"$include": "x"},
    ],
)
def test_what_homarus_manages_cannot_be_set(settings) -> None:
    found = issues(settings=settings)
    assert found
    assert all(path.startswith("settings.") and one.hint for path, one in found.items())


def test_settings_are_merged_in() -> None:
    made = document(settings={"agents": {"defaults": {"heartbeat": {"every": "30m"}}}})
    assert made["agents"]["defaults"]["heartbeat"] == {"every": "30m"}
    assert made["agents"]["defaults"]["skipBootstrap"] is True


TELEGRAM = {"channels": {"telegram": {"enabled": True, "botToken": {"secret": "TG"}}}}


class TestSecretReferences:
    def test_a_name_becomes_a_reference(self) -> None:
        made = rendered(settings=TELEGRAM, secrets=["TG"])
        assert model.judge(made) == ()
        assert made.secrets == ("TG",)
        assert '"id": "TG"' in made.files[0].content

    def test_a_secret_that_the_bot_may_not_read_is_refused(self) -> None:
        assert list(issues(settings=TELEGRAM)) == ["settings.channels.telegram.botToken"]


def test_wrong_types_are_named_by_path() -> None:
    wrong = rendered(settings={"channels": {"telegram": {"streaming": 7}}})
    assert [issue.path for issue in model.judge(wrong)] == ["settings.channels.telegram.streaming"]


def test_persona_and_goals_become_blocks() -> None:
    files = {f.path: f for f in rendered(persona="Be kind.", goals=["wave"]).files}
    assert (files["SOUL.md"].owner, files["SOUL.md"].content) == ("block", "Be kind.")
    assert "- wave" in files["AGENTS.md"].content
