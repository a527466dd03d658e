"""Bringing the schema up to date, in the transaction of the caller."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from homarus.errors import StoreTooNew

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY = 0x486F6D61  # any constant of ours: it keeps two control planes from migrating at once


def migrate(connection: Connection) -> None:
    """Run what is missing; nothing happens at the newest schema. Repeating it is harmless.

    Raises:
        StoreTooNew: the schema is one that this version does not know; nothing was changed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY})
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in known:
        raise StoreTooNew(
            f"The database has schema {current}, which this version does not know.",
            hint="Install the Homarus that wrote it, or a newer one.",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
