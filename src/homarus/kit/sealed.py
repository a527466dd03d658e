"""Sealed boxes: AES-256-GCM, bound to what they are for."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from homarus.kit.canonical import canonical_json

KEY_BYTES = 32
_NONCE = 12


class WrongSeal(Exception):
    """The box was not sealed with this key for this purpose, or was altered."""


def new_key() -> bytes:
    """Return a random key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, content: bytes, *, purpose: Mapping[str, str]) -> bytes:
    """Return ``content`` sealed; it opens with the same key and the same ``purpose`` alone."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, canonical_json(dict(purpose)))


def unseal(key: bytes, box: bytes, *, purpose: Mapping[str, str]) -> bytes:
    """Inverse of `seal`.

    Raises:
        WrongSeal: other key, other purpose, or altered; nothing of the content is known.
    """
    try:
        return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], canonical_json(dict(purpose)))
    except InvalidTag as fault:
        raise WrongSeal from fault


def check_value(key: bytes) -> str:
    """Return what tells keys apart and reveals nothing of them."""
    return hmac.new(key, b"homarus check value v1", hashlib.sha256).hexdigest()
