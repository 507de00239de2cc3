"""Bytes that a step made, until the message that carries them stands."""

from __future__ import annotations

import hashlib
import time

import sqlalchemy as sa

from services.store.database import Database, through_outages
from services.store.tables import blobs
from services.store.upserts import upsert


class BlobRepository:
    """Keeps bytes under their SHA-256."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, data: bytes, *, seconds: float) -> str:
        """Keep bytes for some time; return their hex digest."""
        digest = hashlib.sha256(data).hexdigest()
        row = {"sha256": digest, "bytes": data, "expires": time.time() + seconds}

        async def keep() -> None:
            async with self._database.write() as connection:
                await connection.execute(blobs.delete().where(blobs.c.expires < time.time()))
                await upsert(connection, blobs, row)

        # By itself: the step around it would make them again, and a drawn picture was paid for.
        await through_outages(keep)
        return digest

    async def get(self, digest: str) -> bytes | None:
        """Return kept bytes; None when they have expired or were deleted."""
        wanted = sa.select(blobs.c.bytes).where(blobs.c.sha256 == digest, blobs.c.expires > time.time())
        async with self._database.read() as connection:
            return await connection.scalar(wanted)

    async def delete(self, digest: str) -> None:
        """Forget bytes."""
        async with self._database.write() as connection:
            await connection.execute(blobs.delete().where(blobs.c.sha256 == digest))
