"""What makes this installation itself: made once, with the store, and never changed."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from homarus.store.engine import Store
from homarus.store.tables import InstallationRow
from homarus.store.upsert import insert_into


async def installation(store: Store) -> InstallationRow:
    """Return this store's installation, making it on the first call."""
    async with store.begin() as session:
        fresh = insert_into(session, InstallationRow).values(
            one=1, id=f"inst_{secrets.token_hex(12)}", key_salt=secrets.token_hex(32)
        )
        await session.execute(fresh.on_conflict_do_nothing())
        return (await session.scalars(select(InstallationRow))).one()
