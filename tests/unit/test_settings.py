from __future__ import annotations

from pathlib import Path

import pytest

from homarus.errors import Invalid
from homarus.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMARUS_{name.upper()}", raising=False)
    monkeypatch.setenv("HOMARUS_HOME", str(tmp_path))
    return tmp_path


def test_without_anything_there_are_defaults_in_the_home(home: Path) -> None:
    found = load_settings()
    assert found.home == home
    assert found.database_url == f"sqlite:///{home}/homarus.sqlite"
    assert (found.api_port, found.gateway_port, found.demo_port) == (8700, 8701, 8702)
    assert found.demo_faults is False
    assert found.master_key is None


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text("api_port = 1\ngateway_port = 2\ndemo_faults = true\n")
    monkeypatch.setenv("HOMARUS_API_PORT", "3")
    found = load_settings()
    assert (found.api_port, found.gateway_port, found.demo_faults) == (3, 2, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("api_prt = 1", "api_prt: unknown key"),
        ("api_port = 'x'", "api_port: "),
        ("api_port = 99999", "api_port: "),
        ("home = '/x'", "home: cannot be set"),
        ("api_port = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name(home: Path, line: str, words: str) -> None:
    (home / "config.toml").write_text(line + "\n")
    with pytest.raises(Invalid, match=r"config\.toml|settings") as refused:
        load_settings()
    assert words in refused.value.message


def test_a_near_name_is_suggested(home: Path) -> None:
    (home / "config.toml").write_text("api_prt = 1\n")
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert "Did you mean api_port?" in refused.value.hint


def test_a_wrong_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMARUS_API_PORT", "many")
    with pytest.raises(Invalid, match="api_port"):
        load_settings()


def test_the_master_key_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMARUS_MASTER_KEY", "marked-key")
    assert "marked" not in repr(load_settings())
