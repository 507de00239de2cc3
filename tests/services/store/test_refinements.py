"""A refinement's state comes back whole, and is begun once."""

from __future__ import annotations

import time
from dataclasses import replace

import sqlalchemy as sa

from services.domain import InteractionSource, JobRequest, Origin, Refinement, RefineWish
from services.store.database import Database
from services.store.refinements import DRAFT_SECONDS, RefinementRepository
from services.store.tables import refinements
from tests.services.rounds import ORIGINAL, made

REQUEST = JobRequest("refine-1", "refine_image", 5, Origin(1, 2, 3, True), attachments=(ORIGINAL,))
STATE = Refinement("refine-1", ORIGINAL, RefineWish(goal="night", keep="the dog"), rounds=(made(1, 70, 60),))


async def test_state_comes_back(database: Database) -> None:
    """A form is drafted, begun once and saved often; the picture's message leads to it."""
    store = RefinementRepository(database)
    assert await store.drafted("refine-1") is None
    await store.draft(REQUEST)
    assert await store.drafted("refine-1") == REQUEST
    assert await store.get("refine-1") is None
    await store.begin(STATE)
    await store.begin(replace(STATE, usd=9.0))
    assert await store.get("refine-1") == STATE
    changed = replace(STATE, corrections=("no moon",), board_messages=(7,))
    await store.save(changed)
    assert await store.of_message(2) == [changed]
    assert await store.of_message(3) == []
    await store.forget("refine-1")
    assert await store.get("refine-1") is None


async def test_file_of_a_command_belongs_to_no_message_yet(database: Database) -> None:
    """Until it is posted no message leads to the refinement."""
    store = RefinementRepository(database)
    await store.draft(REQUEST)
    await store.begin(replace(STATE, original=replace(ORIGINAL, source=InteractionSource(2, 3))))
    assert await store.of_message(2) == []


async def test_forms_that_were_never_sent_are_forgotten(database: Database) -> None:
    """A day later; refinements that began stay."""
    store = RefinementRepository(database)
    await store.draft(REQUEST)
    await store.draft(replace(REQUEST, job_id="refine-2"))
    await store.begin(replace(STATE, id="refine-2"))
    async with database.write() as connection:
        await connection.execute(sa.update(refinements).values(created=time.time() - DRAFT_SECONDS - 1))
    await store.draft(replace(REQUEST, job_id="refine-3"))
    assert await store.drafted("refine-1") is None
    assert await store.get("refine-2") is not None
