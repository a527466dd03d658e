"""One way to turn a document into bytes, so that equal documents have equal digests."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical_json(document: Any) -> bytes:
    """Return the RFC 8785 form of ``document`` (JSON types only, numbers within 2**53)."""
    return rfc8785.dumps(document)


def digest(document: Any) -> str:
    """Return ``sha256:<hex>`` of the canonical form; the same in every process and version."""
    return "sha256:" + hashlib.sha256(canonical_json(document)).hexdigest()
