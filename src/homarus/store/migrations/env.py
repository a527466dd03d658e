"""Run by Alembic alone: the connection and its transaction are the caller's (store/migrate.py)."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
