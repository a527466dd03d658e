"""How a client finds its Homarus: environment, else the 0600 file that ``homarus up`` wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homarus.errors import Unauthenticated
from homarus.kit.files import write_atomic

FILE = "cli.json"
DEFAULT_URL = "http://127.0.0.1:8700"


@dataclass(frozen=True, slots=True)
class Credential:
    """Where Homarus is, and the API token to use there."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Credential({self.url})"


def home_of(environment: Mapping[str, str]) -> Path:
    """The home folder: ``HOMARUS_HOME``, or ``~/.homarus``."""
    return Path(environment.get("HOMARUS_HOME", "~/.homarus")).expanduser()


def load_credential(environment: Mapping[str, str]) -> Credential:
    """Return ``HOMARUS_URL`` and ``HOMARUS_TOKEN``, each else from ``cli.json`` in the home.

    Raises:
        Unauthenticated: there is no token in either place.
    """
    url, token = _from_file(home_of(environment) / FILE)
    url = environment.get("HOMARUS_URL", url)
    token = environment.get("HOMARUS_TOKEN", token)
    if not token:
        raise Unauthenticated(
            "There is no API token.",
            hint="`homarus up` makes one; elsewhere: `homarus login` or HOMARUS_TOKEN.",
        )
    return Credential(url, token)


def known_url(environment: Mapping[str, str]) -> str:
    """Where Homarus is, whether or not we have a token for it."""
    return environment.get("HOMARUS_URL", _from_file(home_of(environment) / FILE)[0])


def save_credential(environment: Mapping[str, str], credential: Credential) -> Path:
    """Write ``cli.json`` (0600) and return its path."""
    path = home_of(environment) / FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = {"url": credential.url, "token": credential.token}
    write_atomic(path, json.dumps(document).encode() + b"\n")
    return path


def _from_file(path: Path) -> tuple[str, str]:
    if not path.exists():
        return DEFAULT_URL, ""
    try:
        found = json.loads(path.read_text())
        return str(found["url"]), str(found["token"])
    except (ValueError, KeyError, TypeError) as fault:
        raise Unauthenticated(
            f"{path} is not readable as a credential.", hint="Remove it and log in again."
        ) from fault
