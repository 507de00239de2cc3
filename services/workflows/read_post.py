"""Read the media of one post: every attachment ends in a reading or in one sentence why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services import failures
from services.domain import (
    AlbumOutcome,
    AnswerOutcome,
    Attachment,
    ItemOutcome,
    JobRequest,
    MediaItem,
    Outcome,
    Place,
    Reading,
    Turn,
)
from services.engine import Engine
from services.errors import MediaError, UserError
from services.live import LiveEdits
from services.settings import Settings
from services.store.conversations import ConversationRepository
from services.workflows.adoption import Adopted, Adoption
from services.workflows.amending import Amended, Amendments, amended
from services.workflows.answering import Answering, Shown
from services.workflows.board import Board
from services.workflows.job import JobFrame
from services.workflows.opening_media import MediaOpener, Opened
from services.workflows.perception import Perception
from services.workflows.question_loop import Matter
from services.workflows.turn_taking import TurnTaking

CARD_INTERVAL_SECONDS = 2.0
MOST_EDITS = 4
"""Looks at what was changed in one post; each may cost another answer."""


class ReadPost:
    """Workflow `read_post`.

    1. files of a slash command get a message of their own (steps)
    2. open every attachment, all at once: pictures are described right away (a step each)
    3. perceive recordings: write down pieces of sound, describe frames, make contact sheets (a step each)
    4. sum up what is long (a step each, more for very long ones)
    5. take over what the post's author has changed meanwhile (one step); after an answer once more
    6. a question about more than one item, of the post or of the conversation that it goes on with, or one
       that is new: keep the readings (a step), then answer as any follow-up (see `Answering`)
    7. keep items and readings for the conversation
    """

    name = "read_post"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        adoption: Adoption,
        opener: MediaOpener,
        perception: Perception,
        amendments: Amendments,
        turn_taking: TurnTaking,
        answering: Answering,
        conversations: ConversationRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._adoption = adoption
        self._opener = opener
        self._perception = perception
        self._amendments = amendments
        self._turn_taking = turn_taking
        self._answering = answering
        self._conversations = conversations

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._read, self._remember)

    async def _read(self, request: JobRequest, place: Place) -> Outcome:
        if len(request.text) > self._settings.limits.question_chars:
            raise UserError("question-too-long", limit=str(self._settings.limits.question_chars))
        limit = self._settings.limits.attachments
        taken = await self._adoption.adopt(request, place, request.attachments[:limit])
        has_spoiler = any(each.spoiler for each in request.attachments)

        async def show(shown: Shown) -> None:
            await self._answering.show(request, place, shown, is_hidden=has_spoiler)

        async with LiveEdits(show, interval=CARD_INTERVAL_SECONDS) as card:
            items = await self._items(request, taken, card)
            left_out = _left_out(request, limit)
            post = Amended(request, items)
            outcome = _album(post, left_out)
            is_done = not _is_asked(post)
            for look in range(1, MOST_EDITS + 1):
                if look == MOST_EDITS:
                    await self._amendments.close(request)
                newest = await self._amendments.newest(post.request, place, is_done=is_done)
                if newest is None:
                    break
                post = amended(request, newest, [each.attachment for each in taken], items)
                outcome = _album(post, left_out)
                if _is_asked(post):
                    outcome = await self._answered(post.request, place, outcome, card)
                is_done = True
        return outcome

    async def _items(
        self, request: JobRequest, taken: Sequence[Adopted], card: LiveEdits[Shown]
    ) -> list[ItemOutcome]:
        """Read every attachment; what is asked of a whole conversation is not asked of a file alone."""
        if request.conversation_id is not None:
            request = replace(request, text="")
        board = Board([each.attachment for each in taken])

        async def open_one(index: int) -> Opened:
            board.begin(index)
            card.update(board.progress("looking"))
            return await self._opener.open(request, taken[index])

        def opened_one(index: int, opened: Opened) -> None:
            board.spend(opened.usd)
            if opened.outcome is not None:
                board.end(index, opened.outcome)
            card.update(board.progress("looking"))

        opened = await self._engine.fan_out(
            "describe", open_one, range(len(taken)), result_type=Opened, on_result=opened_one
        )
        return await self._perception.outcomes(
            request,
            [each.attachment for each in taken],
            opened,
            board,
            lambda phase: card.update(board.progress(phase)),
        )

    async def _answered(
        self, request: JobRequest, place: Place, outcome: AlbumOutcome, card: LiveEdits[Shown]
    ) -> AlbumOutcome:
        """Add the answer; its failure leaves the readings standing."""

        async def keep() -> Matter:
            conversation_id = _conversation_id(request, place)
            await self._turn_taking.await_turn(request, place, conversation_id, phase="answering")
            await self._keep_readings(request, place, outcome, None)
            return await self._answering.matter(request, conversation_id)

        try:
            matter = await self._engine.step("keep", keep, result_type=Matter)
            answer = await self._answering.answer(request, matter, card)
        except Exception as error:  # the readings are worth posting without it
            return replace(outcome, answer_failure=failures.note(error, request.job_id))
        numbers = {attachment_id: number for number, attachment_id in enumerate(matter.items, 1)}
        return replace(
            outcome,
            answer=answer,
            numbers=tuple(
                numbers.get(each.item.source.attachment_id, 0) if each.item else 0 for each in outcome.items
            ),
        )

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep the readings, and what was asked and answered, for follow-ups."""
        if not isinstance(outcome, AlbumOutcome):
            return
        origin = request.origin
        await self._keep_readings(request, place, outcome, messages[0] if messages else None)
        turns: list[Turn] = []
        if outcome.question and origin.message_id is not None:
            turns.append(Turn(origin.message_id, "person", request.requester_id, outcome.question))
        answer = outcome.answer or AnswerOutcome("")
        turns += [Turn(each, "bot", 0, answer.text) for each in messages[:1]]
        await self._conversations.add_turns(_conversation_id(request, place), turns)

    async def _keep_readings(
        self, request: JobRequest, place: Place, outcome: AlbumOutcome, answer_message_id: int | None
    ) -> None:
        await self._conversations.add_readings(
            _conversation_id(request, place),
            guild_id=request.origin.guild_id,
            channel_id=place.channel_id,
            answer_message_id=answer_message_id,
            author_id=request.requester_id,
            items=_readings(outcome.items),
        )


def _left_out(request: JobRequest, limit: int) -> dict[Attachment, ItemOutcome]:
    """Return the ends of the files beyond the limit."""
    left_out: dict[Attachment, ItemOutcome] = {}
    for each in request.attachments[limit:]:
        failure = failures.note(MediaError("too-many-attachments", limit=str(limit)), request.job_id)
        left_out[each] = ItemOutcome(each.filename, failure=failure, spoiler=each.spoiler)
    return left_out


def _album(post: Amended, left_out: Mapping[Attachment, ItemOutcome]) -> AlbumOutcome:
    """Return what was read of a post, without an answer to a question about more than one item."""
    too_many = [left_out[each] for each in post.request.attachments if each in left_out]
    return AlbumOutcome(question=post.request.text, items=(*post.items, *too_many))


def _is_asked(post: Amended) -> bool:
    """Tell whether there is a question that the single readings do not answer."""
    is_about_more = post.asks_anew or post.request.conversation_id is not None or len(post.items) > 1
    return bool(post.request.text) and is_about_more and bool(_readings(post.items))


def _conversation_id(request: JobRequest, place: Place) -> int:
    return request.conversation_id or place.conversation_id


def _readings(items: Sequence[ItemOutcome]) -> list[tuple[MediaItem, Reading]]:
    """Return what was read, now or earlier."""
    return [
        (item.item, reading)
        for item in items
        if item.item is not None
        and (reading := item.reading or (item.earlier and item.earlier.reading)) is not None
    ]
