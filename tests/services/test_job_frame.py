"""The end of a job that a restart has interrupted."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.domain import AnswerOutcome, JobRequest, Origin, Outcome, Place
from services.settings import BotSettings, Settings
from services.store.jobs import JobResult
from services.store.stores import Stores
from tests.services.frames import Harbour, framed

REQUEST = JobRequest("answer-100", "answer_question", 5, Origin(1, 77, 100, True), "where")
PLACE = Place(77, 101, is_thread=True)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncGenerator[Stores]:
    stores = Stores(Settings(bot=BotSettings(data_dir=tmp_path)))
    await stores.database.migrate()
    await stores.jobs.record_place(REQUEST, PLACE)
    yield stores
    await stores.database.aclose()


async def resume(stores: Stores, harbour: Harbour) -> None:
    """Run a job whose place was opened before this process began."""

    async def answer(_request: JobRequest, _place: Place) -> Outcome:
        return AnswerOutcome("Here.")

    async def remember(_request: JobRequest, _place: Place, _outcome: Outcome, _messages: list[int]) -> None:
        """Nothing is asked on."""

    await framed(stores, harbour).run(REQUEST, answer, remember)


async def test_question_that_is_hidden_from_the_bot_is_answered(stores: Stores) -> None:
    """A channel that it may not read any more is no reason to throw an answer away."""
    harbour = Harbour()
    await resume(stores, harbour)
    job = await stores.jobs.get(REQUEST.job_id)
    assert job is not None
    assert job.result is JobResult.ANSWERED
    assert harbour.delivered == [AnswerOutcome("Here.")]
    assert not harbour.taken_back


async def test_question_that_was_deleted_is_not_answered(stores: Stores) -> None:
    """Its card goes, and nothing is kept of the job."""
    harbour = Harbour(deleted={100})
    await resume(stores, harbour)
    assert await stores.jobs.get(REQUEST.job_id) is None
    assert not harbour.delivered
    assert harbour.taken_back == [PLACE.progress_message_id]
