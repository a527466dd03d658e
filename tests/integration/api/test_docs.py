"""What is written about the API is what the API is."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest

from homarus.http.app import assemble
from homarus.testing.api import Installation

ROOT = Path(__file__).resolve().parents[3]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen_docs", ROOT / "scripts" / "gen_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["openapi.json", "errors.md", "cli.md", "settings.md", "roles.md"])
def test_reference_pages_are_current(name: str) -> None:
    wanted = _generator().pages()[name]
    written = (ROOT / "docs" / "reference" / name).read_text()
    assert written == wanted, "run make docs"


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for path in document["paths"].values() for one in path.values()]


def test_the_description_is_openapi_3_1_and_whole() -> None:
    document = assemble().openapi()
    assert document["openapi"].startswith("3.1")
    names = [one["operationId"] for one in _operations(document)]
    assert len(names) == len(set(names)), "two operations of one name"
    for one in _operations(document):
        assert one["description"], f"{one['operationId']} says nothing of itself"
        problem = one["responses"]["default"]["content"]
        assert list(problem) == ["application/problem+json"]
        assert one["security"] == [] or one["x-homarus-scope"]


def test_answers_have_no_defaults() -> None:
    """So that clients see which fields are always there."""
    document = assemble().openapi()
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("View") or name.startswith("PageView"):
            assert set(schema.get("properties", {})) == set(schema.get("required", [])), name


async def test_an_error_is_as_described(installation: Installation) -> None:
    document = assemble().openapi()
    schema = {**document["components"]["schemas"]["ProblemView"]}
    schema["required"] = [field for field in schema["required"] if field != "issues"]
    schema["components"] = document["components"]
    judge = jsonschema_rs.validator_for(schema)
    async with installation.client() as nobody:
        served = (await nobody.get("/v1/openapi.json")).json()
        answer = await nobody.get("/v1/users")
    assert served == json.loads(json.dumps(document))
    assert judge.is_valid(answer.json()), list(judge.iter_errors(answer.json()))
