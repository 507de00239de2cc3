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
from services.workflows.steering import TakeBack

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

    async def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    async def forget(self, job_ids: Sequence[str]) -> None:
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
