"""How often something happened at Discord, minute by minute, across restarts."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from services.store.database import Database
from services.store.tables import discord_counts
from services.store.upserts import insert_new

CountKind = Literal["identify", "refusal"]
KEPT_MINUTES = 24 * 60


class DiscordCountRepository:
    """Adds up counts; several processes may add to the same minute."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kind: CountKind, minute: int, count: int = 1) -> None:
        """Count something; forget what is older than a day.

        Args:
            minute: Of Unix time.
        """
        row = {"kind": kind, "minute": minute}
        here = sa.and_(discord_counts.c.kind == kind, discord_counts.c.minute == minute)
        old = sa.and_(discord_counts.c.kind == kind, discord_counts.c.minute < minute - KEPT_MINUTES)
        more = discord_counts.update().where(here).values(count=discord_counts.c.count + count)
        async with self._database.write() as connection:
            await insert_new(connection, discord_counts, row | {"count": 0})
            await connection.execute(more)
            await connection.execute(discord_counts.delete().where(old))

    async def since(self, kind: CountKind, minute: int) -> dict[int, int]:
        """Return the counts from a minute on, by minute."""
        wanted = (
            sa.select(discord_counts.c.minute, discord_counts.c.count)
            .where(discord_counts.c.kind == kind, discord_counts.c.minute >= minute)
            .order_by(discord_counts.c.minute)
        )
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(wanted)}
