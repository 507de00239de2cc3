"""What people take back is gone from what was kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from services.delivery import Delivery
from services.domain import JobRequest, Origin, Place, Turn
from services.engine import Engine
from services.media.cache import MediaCache
from services.settings import BotSettings, Settings
from services.store.jobs import JobResult
from services.store.stores import Stores
from services.store.tables import deletions
from services.workflows.intake import Intake
from services.workflows.steering import RetryJob, TakeBack

THREAD, ANA = 77, 5
QUESTION = JobRequest(
    "answer-100", "answer_question", ANA, Origin(1, THREAD, 100, True), "where", conversation_id=THREAD
)


@dataclass
class Listener:
    """The engine and Discord as far as they are told of what is taken back."""

    cancelled: list[str] = field(default_factory=list[str])
    forgotten: list[str] = field(default_factory=list[str])
    deleted: list[int] = field(default_factory=list[int])
    gone: set[int] = field(default_factory=set[int])
    """Messages that are not there any more."""
    is_away: bool = False

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        assert channel_id == THREAD
        return message_id in self.gone

    async def cancel(self, job_id: str) -> None:
        if self.is_away:
            raise ConnectionError
        self.cancelled.append(job_id)

    async def forget(self, job_ids: Sequence[str]) -> None:
        if self.is_away:
            raise ConnectionError
        self.forgotten += job_ids

    async def take_back(self, channel_id: int, message_ids: Sequence[int]) -> None:
        assert channel_id == THREAD
        self.deleted += message_ids


@dataclass
class Desk:
    stores: Stores
    listener: Listener
    take_back: TakeBack


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    stores = Stores(Settings(bot=BotSettings(data_dir=tmp_path)))
    await stores.database.migrate()
    listener = Listener()
    take_back = TakeBack(
        engine=cast("Engine", listener),
        jobs=stores.jobs,
        questions=stores.questions,
        conversations=stores.conversations,
        refinements=stores.refinements,
        deletions=stores.deletions,
        delivery=cast("Delivery", listener),
        cache=MediaCache(tmp_path / "cache", max_bytes=10**6),
    )
    yield Desk(stores, listener, take_back)
    await stores.database.aclose()


async def asked(stores: Stores) -> None:
    """Ask in three messages."""
    await stores.jobs.record_place(QUESTION, Place(THREAD, 101, is_thread=True))
    for message_id, text in ((102, "is zebrafinch"), (103, "now?")):
        joined = await stores.questions.join(
            place_id=THREAD, conversation_id=THREAD, person_id=ANA, message_id=message_id, text=text
        )
        assert joined == QUESTION.job_id


async def test_deleted_part_of_an_answered_question_is_unsaid(desk: Desk) -> None:
    """Its words go from the turn, the summary and the record; the answer and the other parts stay."""
    stores = desk.stores
    await asked(stores)
    said = (await stores.questions.begin(QUESTION.job_id)).after(QUESTION.text)
    assert said == "where\nis zebrafinch\nnow?"
    await stores.jobs.begin_delivery(QUESTION.job_id)
    await stores.jobs.finish(QUESTION.job_id, [101], JobResult.ANSWERED)
    await stores.conversations.add_turns(
        THREAD, [Turn(90, "person", 6, "hi"), Turn(100, "person", ANA, said), Turn(101, "bot", 0, "Here.")]
    )
    await stores.conversations.keep_summary(THREAD, "somebody asked for a zebrafinch", 101)

    await desk.take_back.message(102)

    kept = await stores.conversations.load(THREAD)
    assert [turn.text for turn in kept.turns] == ["hi", "where\nnow?", "Here."]
    assert kept.summary == ""
    assert desk.listener.forgotten == [QUESTION.job_id]
    assert not desk.listener.deleted
    assert not desk.listener.cancelled


async def test_deleted_part_of_a_running_question_leaves_its_record(desk: Desk) -> None:
    """The job goes on from its steps, and keeps what is left of the question."""
    await asked(desk.stores)
    await desk.stores.questions.begin(QUESTION.job_id)
    await desk.take_back.message(102)
    assert (await desk.stores.questions.parts(QUESTION.job_id)).after(QUESTION.text) == "where\nnow?"
    assert desk.listener == Listener()


async def test_deletion_outlives_the_end_of_its_process(desk: Desk) -> None:
    """What an engine that has stopped already leaves undone is done later, once, and forgotten then."""
    stores, listener = desk.stores, desk.listener
    await asked(stores)
    listener.is_away = True
    with pytest.raises(ConnectionError):
        await desk.take_back.message(100)
    await desk.take_back.resume()
    assert not listener.deleted, "it was noted a moment ago, and may be at work still"
    async with stores.database.write() as connection:
        await connection.execute(deletions.update().values(noted=deletions.c.noted - 60))
    await desk.take_back.resume()
    assert await stores.deletions.overdue(30) == [100]
    listener.is_away = False
    for _ in range(2):
        await desk.take_back.resume()
    assert await stores.jobs.of_message(100) == []
    assert set(listener.deleted) == {101}
    assert listener.forgotten == [QUESTION.job_id]
    assert await stores.deletions.overdue(0) == []


async def test_deletion_of_what_concerns_nobody_writes_nothing(desk: Desk) -> None:
    """Most messages that are deleted were never the bot's business."""
    await desk.take_back.message(999)
    assert await desk.stores.deletions.overdue(0) == []


async def test_deletion_that_nobody_heard_of_is_found(desk: Desk) -> None:
    """After a time without a connection running jobs are held against what still stands, those of a shard."""
    await asked(desk.stores)
    await desk.take_back.missed(lambda _: True)
    desk.listener.gone = {100}
    await desk.take_back.missed(lambda _: False)
    assert [each.request for each in await desk.stores.jobs.of_message(100)] == [QUESTION]
    await desk.take_back.missed(lambda _: True)
    assert await desk.stores.jobs.of_message(100) == []
    assert desk.listener.cancelled == [QUESTION.job_id]


class Door:
    """The intake as far as a retry goes through it: the job's row is there when it has a place."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.accepted: list[str] = []

    async def accept(self, request: JobRequest) -> Place:
        self.accepted.append(request.job_id)
        place = Place(THREAD, 110, is_thread=True)
        await self._stores.jobs.record_place(request, place)
        return place


async def test_second_press_of_try_again_leads_to_what_the_first_started(desk: Desk) -> None:
    """It starts nothing, so it pays nothing; the next try is started from the card of the first."""
    await asked(desk.stores)
    door = Door(desk.stores)
    retry = RetryJob(intake=cast("Intake", door), jobs=desk.stores.jobs)
    failed = await desk.stores.jobs.get(QUESTION.job_id)
    assert failed is not None
    assert await retry.run(failed, ANA) is None
    started = await retry.run(failed, ANA)
    assert started is not None
    assert started.place.progress_message_id == 110
    assert door.accepted == ["answer-100-r1"]
    assert await retry.run(started, ANA) is None
    assert door.accepted == ["answer-100-r1", "answer-100-r2"]
