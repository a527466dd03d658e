"""Random credentials and the hashes by which they are known."""

from __future__ import annotations

import hashlib
import secrets


def new_credential(prefix: str) -> str:
    """Return ``prefix`` and 256 random bits; a plain hash of it is safe to store."""
    return prefix + secrets.token_urlsafe(32)


def hash_credential(credential: str) -> str:
    """Return what is stored in its place: useless to who reads the database."""
    return hashlib.sha256(credential.encode()).hexdigest()
