"""Reading manifests, and ``--set``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from homarus.cli.bot import _assign
from homarus.cli.manifest import read_manifests, read_value
from homarus.errors import Invalid, ManifestInvalid


def test_documents_come_in_order_and_empty_ones_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "bots.yaml"
    file.write_text("---\nname: a\n---\n---\nname: b\n")
    assert read_manifests(str(file)) == [{"name": "a"}, {"name": "b"}]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("name: a"))
    assert read_manifests("-") == [{"name": "a"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1\nb: 2", "line 2, column 2"),
        ("a: !!python/object:os.system x", "not valid YAML"),
        ("\x01", "not valid YAML"),
        ("", "holds no document"),
        ("---\n---", "holds no document"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bots.yaml"
    file.write_text(text)
    with pytest.raises(Invalid, match=words):
        read_manifests(str(file))


def test_a_document_must_be_a_mapping(tmp_path: Path) -> None:
    file = tmp_path / "bots.yaml"
    file.write_text("name: a\n---\n- a\n")
    with pytest.raises(ManifestInvalid, match="document 2") as refused:
        read_manifests(str(file))
    assert refused.value.issues[0].path == "[2]"


def test_a_missing_or_binary_file_is_invalid(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("absent", "binary"):
        with pytest.raises(Invalid, match="cannot be read"):
            read_manifests(str(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("3", 3), ("[a, b]", ["a", "b"]), ("plain words", "plain words"), ("", "")],
)
def test_values_mean_what_yaml_means(text: str, value: Any) -> None:
    assert read_value(text) == value


def test_a_value_that_begins_like_yaml_and_is_not() -> None:
    with pytest.raises(Invalid, match="is not a value"):
        read_value("[a")


@pytest.mark.parametrize(
    ("setting", "spec"),
    [
        ("tools.exec=full", {"tools": {"exec": "full", "deny": []}}),
        ("a.b.c=1", {"tools": {"deny": []}, "a": {"b": {"c": 1}}}),
        ("persona=x=y", {"tools": {"deny": []}, "persona": "x=y"}),
        ("tools={exec: full}", {"tools": {"exec": "full"}}),
    ],
)
def test_set(setting: str, spec: dict[str, Any]) -> None:
    changed: dict[str, Any] = {"tools": {"deny": []}}
    _assign(changed, [setting])
    assert changed == spec


@pytest.mark.parametrize("setting", ["persona", "=x", "tools.deny.a=1"])
def test_set_refuses_what_has_no_place(setting: str) -> None:
    with pytest.raises(Invalid):
        _assign({"tools": {"deny": []}}, [setting])
