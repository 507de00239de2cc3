"""The newest message of each channel that was dealt with: where the bot goes on after it was away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.store.database import Database
from services.store.tables import checkpoints
from services.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything in a channel up to a message was dealt with."""

    channel_id: int
    guild_id: int | None
    """None for direct messages."""
    message_id: int
    person_id: int | None = None
    """Who writes there; None for channels of servers, and where nobody has written since this is kept."""


class CheckpointRepository:
    """Reads and writes checkpoints. There is one gateway, so there is one writer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Checkpoint]:
        """Return all checkpoints."""
        async with self._database.read() as connection:
            rows = await connection.execute(checkpoints.select())
            return [Checkpoint(row.channel_id, row.guild_id, row.message_id, row.person_id) for row in rows]

    async def save(self, changed: Sequence[Checkpoint]) -> None:
        """Write checkpoints, all in one transaction."""
        async with self._database.write() as connection:
            for each in changed:
                row = {
                    "channel_id": each.channel_id,
                    "guild_id": each.guild_id,
                    "message_id": each.message_id,
                    "person_id": each.person_id,
                }
                await upsert(connection, checkpoints, row)

    async def forget_before(self, message_id: int, *, direct: int) -> None:
        """Delete checkpoints that are too old to matter; those of direct messages before `direct`."""
        of_server = sa.and_(checkpoints.c.guild_id.is_not(None), checkpoints.c.message_id < message_id)
        of_person = sa.and_(checkpoints.c.guild_id.is_(None), checkpoints.c.message_id < direct)
        async with self._database.write() as connection:
            await connection.execute(checkpoints.delete().where(sa.or_(of_server, of_person)))
