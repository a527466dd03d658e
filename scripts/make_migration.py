"""Write the initial migration from every mapped class in the tree (before the first release).

    .venv/bin/python scripts/make_migration.py

The same classes give the same file, whoever runs it. After the first release this script is
replaced by ordinary revisions, since released migrations never change.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import api, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import create_engine

from homarus.store.base import Base, UtcDateTime
from homarus.testing.tables import load_tables

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "src/homarus/store/migrations/versions/0001_initial.py"
HEAD = '''"""The whole schema, written by scripts/make_migration.py; do not edit."""

import sqlalchemy as sa
from alembic import op

from homarus.store.base import Json, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    {body}
'''


def _render(kind: str, item: object, _context: object) -> str | bool:
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and type(item).__name__ == "JSON":
        return "Json"
    return False


def main() -> None:
    """Compare an empty database with the classes and write the difference."""
    load_tables()
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "render_item": _render,
                "user_module_prefix": "",
                "sqlalchemy_module_prefix": "sa.",
            },
        )
        script = api.produce_migrations(context, Base.metadata)
    upgrade = script.upgrade_ops
    assert isinstance(upgrade, ops.UpgradeOps)
    body = render_python_code(upgrade, render_item=_render)
    lines = [line for line in body.strip().splitlines() if "commands auto generated" not in line]
    text = "\n".join(lines).replace("# ### end Alembic commands ###", "").strip()
    TARGET.write_text(HEAD.format(body=text))
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "format", "--quiet", str(TARGET)], check=True)


if __name__ == "__main__":
    main()
