"""An edit of a post counts until its answer is on its way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from services.delivery import Delivery
from services.domain import (
    AlbumOutcome,
    AnswerOutcome,
    Attachment,
    Description,
    ItemOutcome,
    JobRequest,
    Kind,
    MediaItem,
    MessageSource,
    Origin,
    Place,
)
from services.engine import Engine
from services.settings import BotSettings, Settings
from services.store.jobs import JobState
from services.store.stores import Stores
from services.workflows.adoption import Adopted, Adoption
from services.workflows.amending import Amendments, AmendPost
from services.workflows.answering import Answering
from services.workflows.opening_media import MediaOpener, Opened
from services.workflows.perception import Perception
from services.workflows.question_loop import Matter
from services.workflows.read_post import ReadPost
from services.workflows.steering import TakeBack
from services.workflows.turn_taking import TurnTaking
from tests.services.frames import Harbour, Steps, framed

POST, THREAD = 100, 100
FIRST, SECOND = (Attachment(MessageSource(9, POST, each), f"{each}.png", 10) for each in (1001, 1002))
REQUEST = JobRequest(
    "describe-100",
    "read_post",
    5,
    Origin(1, 9, POST, True),
    "which is older?",
    attachments=(FIRST, SECOND),
)


class Eyes:
    """Sees at once what every file shows, and adopts none."""

    async def adopt(self, _request: JobRequest, _place: Place, files: Sequence[Attachment]) -> list[Adopted]:
        return [Adopted(each) for each in files]

    async def open(self, _request: JobRequest, taken: Adopted) -> Opened:
        file = taken.attachment
        item = MediaItem(file.source, file.filename, Kind.IMAGE, 10, f"{file.source.attachment_id:064x}")
        reading = Description(file.filename, f"This is {file.filename}.", "", "")
        return Opened(ItemOutcome(file.filename, item=item, reading=reading))

    async def outcomes(
        self, _request: JobRequest, _files: Sequence[Attachment], opened: Sequence[Opened], *_: object
    ) -> list[ItemOutcome]:
        return [each.outcome for each in opened if each.outcome is not None]


@dataclass
class Mouth:
    """Repeats the question with the names of what it is answered from; people edit while it speaks."""

    stores: Stores
    edits: list[Callable[[], Awaitable[bool]]] = field(default_factory=list[Callable[[], Awaitable[bool]]])

    async def matter(self, _request: JobRequest, conversation_id: int) -> Matter:
        items = [item for item, _ in (await self.stores.conversations.load(conversation_id)).items]
        ids = tuple(each.source.attachment_id for each in items)
        return Matter(conversation_id, ids, (Kind.IMAGE,) * len(ids), False, False, False)

    async def answer(self, request: JobRequest, matter: Matter, _live: object) -> AnswerOutcome:
        if self.edits:
            assert await self.edits.pop(0)()
        return AnswerOutcome(f"{request.text} {matter.items}")

    async def show(self, *_: object, **__: object) -> None:
        """Nobody watches."""


@dataclass
class Desk:
    stores: Stores
    mouth: Mouth
    harbour: Harbour
    amend: AmendPost
    workflow: ReadPost

    def edit(self, text: str, *attachment_ids: int) -> Callable[[], Awaitable[bool]]:
        return lambda: self.amend.run(POST, text=text, attachment_ids=attachment_ids)

    async def read(self) -> AlbumOutcome:
        await self.stores.jobs.record_place(REQUEST, Place(THREAD, 101, is_thread=True))
        await self.workflow.run(REQUEST)
        [outcome] = self.harbour.delivered
        assert isinstance(outcome, AlbumOutcome)
        return outcome


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    settings = Settings(bot=BotSettings(data_dir=tmp_path))
    stores = Stores(settings)
    await stores.database.migrate()
    eyes, mouth, harbour = Eyes(), Mouth(stores), Harbour()
    engine, delivery = cast("Engine", Steps()), cast("Delivery", harbour)
    nobody: Any = None
    workflow = ReadPost(
        settings=settings,
        engine=engine,
        frame=framed(stores, harbour),
        adoption=cast("Adoption", eyes),
        opener=cast("MediaOpener", eyes),
        perception=cast("Perception", eyes),
        amendments=Amendments(engine=engine, jobs=stores.jobs, conversations=stores.conversations),
        turn_taking=TurnTaking(jobs=stores.jobs, delivery=delivery),
        answering=cast("Answering", mouth),
        conversations=stores.conversations,
    )
    amend = AmendPost(jobs=stores.jobs, take_back=cast("TakeBack", nobody), most_chars=100)
    yield Desk(stores, mouth, harbour, amend, workflow)
    await stores.database.aclose()


async def test_edits_while_it_is_answered_are_answered(desk: Desk) -> None:
    """The last words are, from the files that are left; nothing is kept of what was taken out."""
    desk.mouth.edits = [desk.edit("which is newer?", 1001, 1002), desk.edit("is it old?", 1002)]
    outcome = await desk.read()
    assert outcome.question == "is it old?"
    assert outcome.answer is not None
    assert outcome.answer.text == "is it old? (1002,)"
    assert [each.filename for each in outcome.items] == ["1002.png"]
    kept = await desk.stores.conversations.load(THREAD)
    assert [item.filename for item, _ in kept.items] == ["1002.png"]
    assert [turn.text for turn in kept.turns] == ["is it old?", "is it old? (1002,)"]


async def test_without_an_edit_it_is_answered_once(desk: Desk) -> None:
    """An edit that changes nothing, such as one of its looks, asks nothing anew."""
    desk.mouth.edits = [desk.edit(REQUEST.text, 1001, 1002), desk.edit("never", 1001)]
    outcome = await desk.read()
    assert outcome.answer == AnswerOutcome("which is older? (1001, 1002)")
    assert len(desk.mouth.edits) == 1


async def test_question_that_is_withdrawn_gets_no_answer(desk: Desk) -> None:
    """Its readings stand, and its words are kept nowhere."""
    desk.mouth.edits = [desk.edit("", 1001, 1002)]
    outcome = await desk.read()
    assert (outcome.question, outcome.answer, len(outcome.items)) == ("", None, 2)
    assert [turn.author for turn in (await desk.stores.conversations.load(THREAD)).turns] == ["bot"]


async def test_edit_that_comes_too_late_is_told_so(desk: Desk) -> None:
    """Once the outcome is on its way the post is not being read any more: the edit is as one of later."""
    jobs = desk.stores.jobs
    await jobs.record_place(REQUEST, Place(THREAD, 101, is_thread=True))
    assert await desk.edit("which?", 1001, 1002)()
    newest = await jobs.settle(REQUEST)
    assert newest is not None
    assert newest.text == "which?"
    assert await jobs.settle(newest) is None
    job = await jobs.get(REQUEST.job_id)
    assert job is not None
    assert job.state is JobState.DELIVERING
    assert not await desk.edit("who?", 1001, 1002)()
    assert not await jobs.amend(REQUEST)
