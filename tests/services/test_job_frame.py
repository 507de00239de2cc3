"""The end of a job that a restart has interrupted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from services.delivery import Delivery
from services.domain import AnswerOutcome, JobRequest, Origin, Outcome, Place
from services.engine import Engine
from services.operating.metrics import Metrics
from services.settings import BotSettings, Settings
from services.store.jobs import JobResult
from services.store.stores import Stores
from services.workflows.job import JobFrame
from services.workflows.opening import PlaceOpener

REQUEST = JobRequest("answer-100", "answer_question", 5, Origin(1, 77, 100, True), "where")
PLACE = Place(77, 101, is_thread=True)


class Steps:
    """An engine that runs each step once."""

    async def step(
        self, name: str, function: Callable[..., Awaitable[Any]], *arguments: Any, **_: object
    ) -> Any:
        assert name
        return await function(*arguments)


@dataclass
class Harbour:
    """Discord, as far as the end of a job asks it."""

    deleted: set[int] = field(default_factory=set[int])
    delivered: list[Outcome] = field(default_factory=list[Outcome])
    taken_back: list[int] = field(default_factory=list[int])

    async def stands(self, channel_id: int, message_id: int) -> bool:
        return False  # The bot may not read the channel any more.

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        assert channel_id == REQUEST.origin.channel_id
        return message_id in self.deleted

    async def deliver(
        self, request: JobRequest, place: Place, outcome: Outcome, *, in_place: bool
    ) -> list[int]:
        self.delivered.append(outcome)
        return [place.progress_message_id]

    async def take_back(self, channel_id: int, message_ids: Sequence[int]) -> None:
        self.taken_back += message_ids


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncGenerator[Stores]:
    stores = Stores(Settings(bot=BotSettings(data_dir=tmp_path)))
    await stores.database.migrate()
    await stores.jobs.record_place(REQUEST, PLACE)
    yield stores
    await stores.database.aclose()


async def resume(stores: Stores, harbour: Harbour) -> None:
    """Run a job whose place was opened before this process began."""
    delivery, engine = cast("Delivery", harbour), cast("Engine", Steps())
    frame = JobFrame(
        engine=engine,
        jobs=stores.jobs,
        blobs=stores.blobs,
        opener=PlaceOpener(jobs=stores.jobs, delivery=delivery, patience=0.0),
        delivery=delivery,
        metrics=Metrics(),
    )

    async def answer(_request: JobRequest, _place: Place) -> Outcome:
        return AnswerOutcome("Here.")

    async def remember(_request: JobRequest, _place: Place, _outcome: Outcome, _messages: list[int]) -> None:
        """Nothing is asked on."""

    await frame.run(REQUEST, answer, remember)


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
