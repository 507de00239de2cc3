"""Where a person or a server has left something in the tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.codec import from_json
from services.domain import Correction, JobRequest, Refinement
from services.store.database import Database
from services.store.jobs import ENDED, JobState
from services.store.tables import conversations, corrections, jobs, media_items, refinements, requests, turns

BATCH = 400
"""Ids in one statement; databases limit their number."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a person's or a server's data stand."""

    job_ids: frozenset[str]
    """Of jobs that go wholly."""
    neighbour_ids: frozenset[str]
    """Of ended jobs of other people in the same conversations, whose records may quote it."""
    active_ids: frozenset[str]
    """Those of the jobs that go which have no outcome yet."""
    busy_ids: frozenset[str]
    """Of other people's jobs in the same conversations that have no outcome yet."""
    conversation_ids: frozenset[int]
    hashes: frozenset[str]
    """SHA-256 of files that nobody else has posted."""
    refinement_ids: frozenset[str]
    blob_hashes: frozenset[str]
    """SHA-256 of the pictures of these refinements."""

    def joined(self, other: Trace) -> Trace:
        """Return what both lead to; what is busy is as in the other one, which is newer."""
        return Trace(
            job_ids=self.job_ids | other.job_ids,
            neighbour_ids=self.neighbour_ids | other.neighbour_ids,
            active_ids=other.active_ids,
            busy_ids=other.busy_ids,
            conversation_ids=self.conversation_ids | other.conversation_ids,
            hashes=self.hashes | other.hashes,
            refinement_ids=self.refinement_ids | other.refinement_ids,
            blob_hashes=self.blob_hashes | other.blob_hashes,
        )


@dataclass(frozen=True, slots=True)
class Posts:
    """What a person has posted: keys of media items, and the messages that they stand in."""

    keys: frozenset[tuple[int, int]]
    message_ids: frozenset[int]


class TraceRepository:
    """Finds, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, person_id: int) -> Trace:
        """Find what a person has caused or posted."""
        async with self._database.read() as connection:
            own = await _scalars(connection, sa.select(jobs.c.id).where(jobs.c.requester_id == person_id))
            own += await _scalars(
                connection, sa.select(requests.c.job_id).where(requests.c.person_id == person_id)
            )
            posts = await posted_by(connection, person_id)
            about = await _where_in(connection, jobs.c.id, jobs.c.source_message_id, posts.message_ids)
            job_ids = frozenset([*own, *about])
            made = await corrected_by(connection, person_id)
            touched = {key[1] for key in posts.keys | made}
            said = sa.select(turns.c.conversation_id).where(turns.c.author_id == person_id)
            touched.update(await _scalars(connection, said))
            drawn = await _refinements(
                connection,
                lambda request, state: (
                    request.requester_id == person_id
                    or (state is not None and state.original.author_id == person_id)
                    or request.job_id in job_ids
                    or request.origin.message_id in posts.message_ids
                ),
            )
            neighbours = await _neighbours(connection, touched)
            return Trace(
                job_ids=job_ids,
                neighbour_ids=frozenset(id for id, state in neighbours.items() if state in ENDED) - job_ids,
                active_ids=await _active(connection, job_ids),
                busy_ids=frozenset(id for id, state in neighbours.items() if state not in ENDED) - job_ids,
                conversation_ids=frozenset(touched),
                hashes=await _hashes(connection, posts.keys),
                refinement_ids=frozenset(drawn),
                blob_hashes=frozenset(each for found in drawn.values() for each in found),
            )

    async def server(self, guild_id: int) -> Trace:
        """Find all that belongs to a server."""
        async with self._database.read() as connection:
            own = await _scalars(connection, sa.select(jobs.c.id).where(jobs.c.guild_id == guild_id))
            own += await _scalars(
                connection, sa.select(requests.c.job_id).where(requests.c.guild_id == guild_id)
            )
            here = sa.select(conversations.c.id).where(conversations.c.guild_id == guild_id)
            conversation_ids = frozenset(await _scalars(connection, here))
            items = await connection.execute(
                sa.select(media_items.c.attachment_id, media_items.c.conversation_id).where(
                    media_items.c.conversation_id.in_(here)
                )
            )
            drawn = await _refinements(connection, lambda request, _: request.origin.guild_id == guild_id)
            return Trace(
                job_ids=frozenset(own),
                neighbour_ids=frozenset(),
                active_ids=await _active(connection, own),
                busy_ids=frozenset(),
                conversation_ids=conversation_ids,
                hashes=await _hashes(connection, {(row[0], row[1]) for row in items}),
                refinement_ids=frozenset(drawn),
                blob_hashes=frozenset(each for found in drawn.values() for each in found),
            )


async def posted_by(connection: AsyncConnection, person_id: int) -> Posts:
    """Return what a person posted; rows from before posters were kept are found by the person's jobs."""
    asked = sa.select(jobs.c.source_message_id).where(
        jobs.c.requester_id == person_id, jobs.c.source_message_id.is_not(None)
    )
    own = sa.or_(
        media_items.c.author_id == person_id,
        sa.and_(media_items.c.author_id.is_(None), media_items.c.message_id.in_(asked)),
    )
    wanted = sa.select(media_items.c.attachment_id, media_items.c.conversation_id, media_items.c.message_id)
    rows = (await connection.execute(wanted.where(own))).all()
    return Posts(
        frozenset((row[0], row[1]) for row in rows), frozenset(row[2] for row in rows if row[2] is not None)
    )


async def corrected_by(connection: AsyncConnection, person_id: int) -> frozenset[tuple[int, int]]:
    """Return the items (attachment, conversation) that a person has corrected."""
    wanted = sa.select(corrections.c.attachment_id, corrections.c.conversation_id, corrections.c.correction)
    rows = (await connection.execute(wanted)).all()
    return frozenset((row[0], row[1]) for row in rows if from_json(Correction, row[2]).by_id == person_id)


async def _refinements(
    connection: AsyncConnection, belongs: Callable[[JobRequest, Refinement | None], bool]
) -> dict[str, list[str]]:
    """Return the refinements for which `belongs(request, state)` holds, with the hashes of their pictures."""
    found: dict[str, list[str]] = {}
    wanted = sa.select(refinements.c.id, refinements.c.request, refinements.c.state)
    for refinement_id, request, kept in (await connection.execute(wanted)).all():
        state: Refinement | None = None if kept is None else from_json(Refinement, kept)
        if belongs(from_json(JobRequest, request), state):
            files = [*(each.picture for each in state.rounds), *state.board] if state else []
            found[refinement_id] = [each.sha256 for each in files]
    return found


async def _neighbours(connection: AsyncConnection, conversation_ids: Collection[int]) -> dict[str, JobState]:
    """Return the jobs that speak where these conversations take place, with their states."""
    channels = await _where_in(connection, conversations.c.channel_id, conversations.c.id, conversation_ids)
    found: dict[str, JobState] = {}
    for batch in batches({*channels, *conversation_ids}):
        here = sa.select(jobs.c.id, jobs.c.state).where(jobs.c.place_id.in_(batch))
        found |= {job_id: JobState(state) for job_id, state in (await connection.execute(here)).all()}
    return found


async def _active(connection: AsyncConnection, job_ids: Collection[str]) -> frozenset[str]:
    """Return those of the jobs that have no outcome yet."""
    found: list[str] = []
    for batch in batches(job_ids):
        active = sa.select(jobs.c.id).where(jobs.c.id.in_(batch), jobs.c.state.not_in(list(ENDED)))
        found += await _scalars(connection, active)
    return frozenset(found)


async def _hashes(connection: AsyncConnection, keys: Collection[tuple[int, int]]) -> frozenset[str]:
    """Return the hashes of these items that no other item has."""
    wanted = sa.select(media_items.c.attachment_id, media_items.c.conversation_id, media_items.c.sha256)
    mine: set[str] = set()
    others: set[str] = set()
    for attachment_id, conversation_id, sha256 in (await connection.execute(wanted)).all():
        if sha256:
            (mine if (attachment_id, conversation_id) in keys else others).add(sha256)
    return frozenset(mine - others)


async def _where_in(
    connection: AsyncConnection, wanted: sa.Column[Any], column: sa.Column[Any], values: Iterable[Any]
) -> list[Any]:
    found: list[Any] = []
    for batch in batches(values):
        found += await _scalars(connection, sa.select(wanted).where(column.in_(batch)))
    return found


async def _scalars(connection: AsyncConnection, wanted: sa.Select[Any]) -> list[Any]:
    return list((await connection.scalars(wanted)).all())


def batches(values: Iterable[Any]) -> Iterable[Sequence[Any]]:
    """Return the values in lists that fit into one statement each."""
    ordered = list(values)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
