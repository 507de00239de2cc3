"""Read the media of one post: every attachment ends in a reading or in one sentence why not."""

from __future__ import annotations

from collections.abc import Sequence

from services.delivery import Delivery
from services.domain import (
    AlbumOutcome,
    Failure,
    ItemOutcome,
    JobRequest,
    Outcome,
    Place,
    Progress,
    Turn,
)
from services.engine import Engine
from services.errors import UserError
from services.live import LiveEdits
from services.settings import Settings
from services.store.conversations import ConversationRepository
from services.workflows.adoption import Adoption
from services.workflows.album_answer import AlbumAnswer, AlbumAnswerer
from services.workflows.amending import Amendments
from services.workflows.board import Board
from services.workflows.job import JobFrame
from services.workflows.opening_media import MediaOpener, Opened
from services.workflows.perception import Perception

CARD_INTERVAL_SECONDS = 2.0


class ReadPost:
    """Workflow `read_post`.

    1. files of a slash command get a message of their own (steps)
    2. open every attachment, all at once: pictures are described right away (a step each)
    3. perceive recordings: write down pieces of sound, describe frames, make contact sheets (a step each)
    4. sum up what is long (a step each, more for very long ones)
    5. take over what the post's author has changed meanwhile (one step)
    6. answer the post's question from all readings, when there are several or it is new (one step)
    7. keep items and readings for the conversation
    """

    name = "read_post"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        delivery: Delivery,
        adoption: Adoption,
        opener: MediaOpener,
        perception: Perception,
        amendments: Amendments,
        answerer: AlbumAnswerer,
        conversations: ConversationRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._delivery = delivery
        self._adoption = adoption
        self._opener = opener
        self._perception = perception
        self._amendments = amendments
        self._answerer = answerer
        self._conversations = conversations

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._read, self._remember)

    async def _read(self, request: JobRequest, place: Place) -> Outcome:
        if len(request.text) > self._settings.limits.question_chars:
            raise UserError("question-too-long", limit=str(self._settings.limits.question_chars))
        limit = self._settings.limits.attachments
        taken = await self._adoption.adopt(request, place, request.attachments[:limit])
        board = Board([each.attachment for each in taken])

        async def show(progress: Progress) -> None:
            await self._delivery.show_progress(request, place, progress)

        async with LiveEdits(show, interval=CARD_INTERVAL_SECONDS) as card:

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
            items = await self._perception.outcomes(
                request,
                [each.attachment for each in taken],
                opened,
                board,
                lambda phase: card.update(board.progress(phase)),
            )
            amended = await self._amendments.apply(request, [each.attachment for each in taken], items)
            request, items = amended.request, amended.items
            is_about_more = amended.asks_anew or len(items) > 1
            answer = AlbumAnswer()
            if request.text and is_about_more and any(item.reading for item in items):
                card.update(board.progress("answering"))
                answer = await self._engine.step(
                    "answer", self._answerer.answer, request, items, result_type=AlbumAnswer
                )
        left_out = tuple(
            ItemOutcome(each.filename, failure=Failure("too-many-attachments", {"limit": str(limit)}))
            for each in request.attachments[limit:]
        )
        return AlbumOutcome(
            question=request.text,
            items=(*items, *left_out),
            answer=answer.text,
            answer_failure=answer.failure,
        )

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep the readings, and what was asked and answered, for follow-ups."""
        if not isinstance(outcome, AlbumOutcome):
            return
        origin = request.origin
        conversation_id = place.conversation_id
        await self._conversations.add_readings(
            conversation_id,
            guild_id=origin.guild_id,
            channel_id=place.channel_id,
            answer_message_id=messages[0] if messages else None,
            author_id=request.requester_id,
            items=[
                (item.item, reading)
                for item in outcome.items
                if item.item is not None
                and (reading := item.reading or (item.earlier and item.earlier.reading)) is not None
            ],
        )
        turns: list[Turn] = []
        if request.text and origin.message_id is not None:
            turns.append(Turn(origin.message_id, "person", request.requester_id, request.text))
        turns += [Turn(each, "bot", 0, outcome.answer) for each in messages[:1]]
        await self._conversations.add_turns(conversation_id, turns)
