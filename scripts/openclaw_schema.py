"""Reduce ``openclaw config schema`` to what judging needs, beside the adapter.

Usage: openclaw config schema | python scripts/openclaw_schema.py
Titles and descriptions go (the file shrinks to a third), and one escape that only
JavaScript's regular expressions know is written in the way ours know too.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/homarus/adapters/runtimes/openclaw/schema.json.gz"


def reduced(node: Any, here: str = "#", definitions: str = "#") -> Any:
    """The schema without words, every reference spelled from the document's root.

    Schemas of plug-ins are embedded whole and refer to their own ``$defs``.
    """
    if isinstance(node, list):
        return [reduced(one, f"{here}/{n}", definitions) for n, one in enumerate(node)]
    if isinstance(node, str):
        return node.replace("\\0", "\\x00")
    if not isinstance(node, dict):
        return node
    if "$defs" in node:
        definitions = here
    kept = {}
    for key, value in node.items():
        if key in ("title", "description") and isinstance(value, str):
            continue
        if key == "$ref":
            kept[key] = definitions + value.removeprefix("#")
            continue
        kept[key] = reduced(value, f"{here}/{key}", definitions)
    return without_defaulted(kept)


def without_defaulted(node: dict[str, Any]) -> dict[str, Any]:
    """What has a default need not be written: the schema is of the parsed document, not ours."""
    properties = node.get("properties")
    if isinstance(properties, dict) and isinstance(node.get("required"), list):
        node["required"] = [
            name for name in node["required"] if "default" not in properties.get(name, {})
        ]
    return node


if __name__ == "__main__":
    document = json.dumps(reduced(json.load(sys.stdin)), separators=(",", ":"), sort_keys=True)
    TARGET.write_bytes(gzip.compress(document.encode(), 9, mtime=0))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
