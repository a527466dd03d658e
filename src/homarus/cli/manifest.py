"""Reading manifests: YAML documents, each of which says what it describes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from homarus.errors import Invalid, Issue, ManifestInvalid


def read_manifests(source: str) -> list[dict[str, Any]]:
    """Return the documents of a file (``-``: standard input), in order.

    Raises:
        Invalid: there is no such file, or it is not YAML; the place is named.
        ManifestInvalid: a document is no mapping.
    """
    text = _text(source)
    try:
        documents = [d for d in yaml.safe_load_all(text) if d is not None]
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        problem = getattr(fault, "problem", None) or "it cannot be read"
        raise Invalid(f"{source} is not valid YAML: {where}: {problem}.") from fault
    for number, document in enumerate(documents, 1):
        if not isinstance(document, dict):
            words = "must be a mapping such as `kind: bot`"
            raise ManifestInvalid(
                f"{source}: document {number} {words}.", issues=[Issue(f"[{number}]", words)]
            )
    if not documents:
        raise Invalid(f"{source} holds no document.", hint="A bot begins with `kind: bot`.")
    return documents


def read_value(text: str) -> Any:
    """Return one value as YAML means it: ``true``, ``3``, ``[a, b]``, or the text itself.

    Raises:
        Invalid: it begins like YAML and is not.
    """
    try:
        return yaml.safe_load(text) if text else ""
    except yaml.YAMLError as fault:
        raise Invalid(f"{text!r} is not a value.", hint="Quote it if it is plain text.") from fault


def _text(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text()
    except (OSError, UnicodeDecodeError) as fault:
        raise Invalid(f"{source} cannot be read: {fault}.") from fault
