"""The migrated schema is the one the classes describe, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from homarus.store.base import Base
from homarus.store.engine import Store
from homarus.testing.tables import load_tables


async def test_migrations_make_what_the_classes_describe(store: Store) -> None:
    load_tables()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with store.read() as session:
        found = await (await session.connection()).run_sync(differences)

    assert found == [], "run scripts/make_migration.py"
