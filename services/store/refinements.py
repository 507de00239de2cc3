"""Refinements: what a form was opened for, and where its rounds stand between two decisions."""

from __future__ import annotations

import time

import sqlalchemy as sa

from services.codec import from_json, to_json
from services.domain import JobRequest, MessageSource, Refinement
from services.store.database import Database
from services.store.tables import refinements
from services.store.upserts import insert_new

DRAFT_SECONDS = 24 * 3600
"""A form that was opened and never sent is forgotten after that."""


class RefinementRepository:
    """Reads and writes refinements. Every write may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(self, request: JobRequest) -> None:
        """Keep what a form was opened for; its id is the job's."""
        row = {
            "id": request.job_id,
            "source_message_id": None,
            "request": to_json(JobRequest, request),
            "state": None,
            "created": time.time(),
        }
        old = sa.and_(refinements.c.state.is_(sa.null()), refinements.c.created < time.time() - DRAFT_SECONDS)
        async with self._database.write() as connection:
            await connection.execute(refinements.delete().where(old))
            await insert_new(connection, refinements, row)

    async def drafted(self, refinement_id: str) -> JobRequest | None:
        """Return what a form was opened for."""
        wanted = sa.select(refinements.c.request).where(refinements.c.id == refinement_id)
        async with self._database.read() as connection:
            found = await connection.scalar(wanted)
        return None if found is None else from_json(JobRequest, found)

    async def begin(self, refinement: Refinement) -> None:
        """Keep the first state, unless there is one already."""
        change = self._change(refinement).where(refinements.c.state.is_(sa.null()))
        async with self._database.write() as connection:
            await connection.execute(change)

    async def save(self, refinement: Refinement) -> None:
        """Keep the newest state."""
        async with self._database.write() as connection:
            await connection.execute(self._change(refinement))

    async def get(self, refinement_id: str) -> Refinement | None:
        """Return a refinement's state; None before its form was sent."""
        wanted = sa.select(refinements.c.state).where(refinements.c.id == refinement_id)
        async with self._database.read() as connection:
            found = await connection.scalar(wanted)
        return None if found is None else from_json(Refinement, found)

    async def of_message(self, message_id: int) -> list[Refinement]:
        """Return the refinements of a message's picture."""
        wanted = sa.select(refinements.c.state).where(
            refinements.c.source_message_id == message_id, refinements.c.state.is_not(sa.null())
        )
        async with self._database.read() as connection:
            return [from_json(Refinement, each) for each in await connection.scalars(wanted)]

    async def forget(self, refinement_id: str) -> None:
        """Delete a refinement."""
        async with self._database.write() as connection:
            await connection.execute(refinements.delete().where(refinements.c.id == refinement_id))

    @staticmethod
    def _change(refinement: Refinement) -> sa.Update:
        source = refinement.original.source
        return (
            refinements.update()
            .where(refinements.c.id == refinement.id)
            .values(
                state=to_json(Refinement, refinement),
                source_message_id=source.message_id if isinstance(source, MessageSource) else None,
            )
        )
