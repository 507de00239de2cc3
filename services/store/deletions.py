"""Deleted messages whose traces are still to be taken back: noted first, so that no restart loses one."""

from __future__ import annotations

import time

import sqlalchemy as sa

from services.store.database import Database
from services.store.tables import deletions
from services.store.upserts import insert_new


class DeletionRepository:
    """Reads and writes what is still to be done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, message_id: int) -> None:
        """Note that a message was deleted."""
        async with self._database.write() as connection:
            await insert_new(connection, deletions, {"message_id": message_id, "noted": time.time()})

    async def done(self, message_id: int) -> None:
        """Note that nothing is left of what was made of it."""
        async with self._database.write() as connection:
            await connection.execute(deletions.delete().where(deletions.c.message_id == message_id))

    async def overdue(self, seconds: float) -> list[int]:
        """Return the messages that were noted at least so long ago."""
        wanted = sa.select(deletions.c.message_id).where(deletions.c.noted <= time.time() - seconds)
        async with self._database.read() as connection:
            return list(await connection.scalars(wanted))
