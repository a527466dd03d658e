"""The gateway's own folder: identity, cached snapshot, spools.

``identity.json`` (0600) holds the key that never leaves; ``snapshot.sealed`` is sealed with a
key derived from it, so that the gateway restarts without the control plane; ``spool/<worker>``
is one process's records.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homarus.kit.files import write_atomic
from homarus.kit.sealed import WrongSeal, unseal
from homarus.kit.sealed import seal as seal_box
from homarus.protocol import gateway as wire
from homarus.protocol.identity import decode_key, encode_key

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PURPOSE = {"use": "gateway-snapshot"}


class Identity(msgspec.Struct, frozen=True):
    """Who this gateway is to the control plane."""

    subject: str
    session_path: str
    private_key: str

    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(decode_key(self.private_key))


class Meta(msgspec.Struct, frozen=True):
    """What a spool's finder must know of its writer."""

    worker: str
    boot_id: str


class Cached(msgspec.Struct, frozen=True):
    """A snapshot as it was last confirmed."""

    version: int
    pepper: str
    tables: wire.Tables
    confirmed_at: float
    skew: float


class GatewayHome:
    """The folder, by name. Nothing is read before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spools = folder / "spool"

    def make(self) -> None:
        """Make the folder, for this user alone."""
        self.spools.mkdir(mode=0o700, parents=True, exist_ok=True)

    def identity(self) -> Identity | None:
        """Return who we are; None: not enrolled yet."""
        path = self.folder / "identity.json"
        if not path.exists():
            return None
        return msgspec.json.decode(path.read_bytes(), type=Identity)

    def remember(self, identity: Identity) -> None:
        """Keep who we are; survives a power cut once this returns."""
        write_atomic(self.folder / "identity.json", msgspec.json.encode(identity))

    def save(self, identity: Identity, cached: Cached) -> None:
        """Keep a snapshot, sealed."""
        box = seal_box(_sealing_key(identity), msgspec.json.encode(cached), purpose=_PURPOSE)
        write_atomic(self.folder / "snapshot.sealed", box)

    def cached(self, identity: Identity) -> Cached | None:
        """Return the kept snapshot; None: there is none that we can read."""
        path = self.folder / "snapshot.sealed"
        if not path.exists():
            return None
        try:
            opened = unseal(_sealing_key(identity), path.read_bytes(), purpose=_PURPOSE)
            return msgspec.json.decode(opened, type=Cached)
        except (WrongSeal, msgspec.MsgspecError):
            return None  # another key's or an older version's: a fresh one will come

    def describe_spool(self, folder: Path, meta: Meta) -> None:
        """Say, beside a spool, who writes it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(folder / "meta.json", msgspec.json.encode(meta))

    def spool_meta(self, folder: Path) -> Meta | None:
        """Return who wrote a spool; None: its writer died before it said so, and wrote nothing."""
        path = folder / "meta.json"
        return msgspec.json.decode(path.read_bytes(), type=Meta) if path.exists() else None


def new_private_key() -> str:
    """Return a new identity key as text."""
    return encode_key(Ed25519PrivateKey.generate().private_bytes_raw())


def boot_id() -> str:
    """Return what changes when the machine starts anew; empty where that cannot be known."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""


def _sealing_key(identity: Identity) -> bytes:
    raw = decode_key(identity.private_key)
    return hashlib.blake2b(raw, digest_size=32, person=b"homarus-snapshot").digest()
