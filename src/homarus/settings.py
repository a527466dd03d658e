"""Every setting of Homarus: typed, read once by a role, from environment and ``config.toml``.

The environment (``HOMARUS_API_PORT``) wins over the file (``api_port``). The reference page
docs/reference/settings.md is written from this class.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from homarus.errors import Invalid, ManifestInvalid
from homarus.kit.validation import issues_from

PREFIX = "HOMARUS_"
FILE = "config.toml"
OWNER = "owner@localhost"
"""Who is made on the first start, and may do everything."""


class Settings(BaseSettings):
    """What a process of Homarus is told from outside."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(
        Path("~/.homarus"), description="folder of everything that Homarus keeps; environment only"
    )
    database_url: str = Field(
        default="",
        description="sqlite:///path or postgresql://user@host/name; absent: a file in home",
    )
    master_key: SecretStr | None = Field(
        None,
        description="32 bytes in base64 that seal all secrets; absent: the file master.key in home",
    )
    api_port: int = Field(8700, ge=1, le=65_535, description="port of the API, on loopback")
    gateway_port: int = Field(8701, ge=1, le=65_535, description="port of the AI gateway")
    demo_port: int = Field(8702, ge=1, le=65_535, description="port of the demo model")
    demo_faults: bool = Field(
        False, description="let requests ask the demo model for faults; for tests alone"
    )

    @property
    def console_url(self) -> str:
        """Where a browser of this machine finds the console."""
        return f"http://127.0.0.1:{self.api_port}/"

    @model_validator(mode="before")
    @classmethod
    def _in_home(cls, given: dict[str, Any]) -> dict[str, Any]:
        home = Path(given.get("home", "~/.homarus")).expanduser().absolute()
        return {"database_url": f"sqlite:///{home / 'homarus.sqlite'}", **given, "home": home}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller gives is what the file said; the environment wins over it."""
        return env_settings, init_settings


def load_settings() -> Settings:
    """Read environment and file.

    Raises:
        Invalid: an unknown key or a wrong value; the message names it and what is allowed.
    """
    home = Path(os.environ.get(PREFIX + "HOME", "~/.homarus")).expanduser()
    try:
        return Settings(**_from_file(home / FILE))
    except ValidationError as fault:
        issues = issues_from(fault.errors(), model=Settings)
        words = "; ".join(f"{issue.path}: {issue.message}" for issue in issues)
        raise ManifestInvalid(
            f"The settings are not valid: {words}.", issues=issues, hint=issues[0].hint
        ) from fault


def _from_file(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as fault:
        raise Invalid(f"{path} is not valid TOML: {fault}.") from fault
    if "home" in found:
        raise Invalid(f"{path}: home: cannot be set in a file inside it.", hint="Set HOMARUS_HOME.")
    return found
