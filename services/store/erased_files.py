"""Files of which nothing may be kept any more, for the caches of all machines."""

from __future__ import annotations

import time
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.store.database import Database
from services.store.tables import erased_files
from services.store.upserts import upsert

KEPT_SECONDS = 30 * 86_400.0
"""A machine that is away for longer has to be wiped by hand."""


class ErasedFileRepository:
    """Tells what other processes have erased."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, moment: float) -> list[tuple[str, float]]:
        """Return the SHA-256 of what was erased since (Unix seconds), each with its time."""
        wanted = sa.select(erased_files.c.sha256, erased_files.c.erased).where(erased_files.c.erased >= moment)
        async with self._database.read() as connection:
            return [(row[0], row[1]) for row in (await connection.execute(wanted)).all()]

    async def forget_old(self) -> None:
        """Forget what every machine must know by now."""
        old = erased_files.delete().where(erased_files.c.erased < time.time() - KEPT_SECONDS)
        async with self._database.write() as connection:
            await connection.execute(old)


async def note_erased(connection: AsyncConnection, hashes: Iterable[str]) -> None:
    """Note files as erased."""
    for sha256 in hashes:
        await upsert(connection, erased_files, {"sha256": sha256, "erased": time.time()})
