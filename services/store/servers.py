"""Servers that the bot has left, until what it knows of them is erased."""

from __future__ import annotations

import time
from collections.abc import Collection

import sqlalchemy as sa

from services.store.database import Database
from services.store.tables import conversations, jobs, left_servers
from services.store.upserts import insert_new


class ServerRepository:
    """Reads and writes when servers were left."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def left(self, guild_id: int) -> None:
        """Note that the bot is in a server no more."""
        async with self._database.write() as connection:
            await insert_new(connection, left_servers, {"guild_id": guild_id, "since": time.time()})

    async def joined(self, guild_id: int) -> None:
        """Note that the bot is in a server (again)."""
        async with self._database.write() as connection:
            await connection.execute(left_servers.delete().where(left_servers.c.guild_id == guild_id))

    async def compare(self, present: Collection[int]) -> None:
        """Note which of the known servers were left, or joined again, while nobody was listening."""
        known = (
            sa.select(conversations.c.guild_id)
            .where(conversations.c.guild_id.is_not(None))
            .union(sa.select(jobs.c.guild_id).where(jobs.c.guild_id.is_not(None)))
        )
        async with self._database.write() as connection:
            for guild_id in set(await connection.scalars(known)) - set(present):
                await insert_new(connection, left_servers, {"guild_id": guild_id, "since": time.time()})
            for guild_id in set(await connection.scalars(sa.select(left_servers.c.guild_id))) & set(present):
                await connection.execute(left_servers.delete().where(left_servers.c.guild_id == guild_id))

    async def due(self, before: float) -> list[int]:
        """Return the servers that were left before (Unix seconds)."""
        wanted = sa.select(left_servers.c.guild_id).where(left_servers.c.since < before)
        async with self._database.read() as connection:
            return list(await connection.scalars(wanted))
