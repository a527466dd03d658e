"""How a remote process proves who it is: one enrolment, then a signature per session.

The process makes an Ed25519 key that never leaves it, registers the public half with a
token that lives 15 minutes, and from then on signs the challenge of every session.
No bearer credential rests on its disk.
"""

from __future__ import annotations

import base64

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Enrol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of ``POST /enrol``. The same token may come again only with the same key."""

    token: str
    public_key: str
    """Raw Ed25519 public key, base64url without padding."""
    facts: dict[str, str] = {}
    """Host name, boot id, versions: shown to people, trusted by nobody."""


class Enrolled(msgspec.Struct, frozen=True):
    """Answer to `Enrol`: the id under which sessions are opened."""

    subject: str
    """``<bot id>/<generation>`` for a supervisor, a gateway id for a gateway."""
    session_path: str
    """Path of the WebSocket on the control plane's address."""


def encode_key(raw: bytes) -> str:
    """Return ``raw`` as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_key(text: str) -> bytes:
    """Inverse of `encode_key`; raises ValueError for anything else."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signed(subject: str, nonce: str) -> bytes:
    # The prefix keeps a signature made for a session from ever meaning anything else.
    return f"homarus-session-v1|{subject}|{nonce}".encode()


def sign(key: Ed25519PrivateKey, *, subject: str, nonce: str) -> str:
    """Sign the challenge ``nonce`` for one session of ``subject``."""
    return encode_key(key.sign(_signed(subject, nonce)))


def verify(public_key: str, *, subject: str, nonce: str, signature: str) -> bool:
    """Say whether ``signature`` was made by the holder of ``public_key`` for this challenge."""
    try:
        key = Ed25519PublicKey.from_public_bytes(decode_key(public_key))
        key.verify(decode_key(signature), _signed(subject, nonce))
    except (InvalidSignature, ValueError):
        return False
    return True
