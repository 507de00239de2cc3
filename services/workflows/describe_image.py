"""Describe the pictures of one post: every attachment ends in a reading or in one sentence why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services import failures
from services.ai.prices import PriceTable
from services.ai.protocols import VisionModel
from services.delivery import Delivery
from services.domain import (
    AlbumOutcome,
    Description,
    Failure,
    ItemOutcome,
    JobRequest,
    MediaItem,
    MessageSource,
    Outcome,
    Place,
    Progress,
    Turn,
)
from services.engine import Engine
from services.errors import UserError
from services.live import LiveEdits
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.conversations import ConversationRepository
from services.workflows.adoption import Adopted, Adoption
from services.workflows.album_answer import AlbumAnswer, AlbumAnswerer
from services.workflows.board import Board
from services.workflows.job import JobFrame
from services.workflows.paid import PaidCalls
from services.workflows.sources import PictureSources

CARD_INTERVAL_SECONDS = 2.0


class DescribeImage:
    """Workflow `describe_image`.

    1. files of a slash command get a message of their own (steps)
    2. read and describe every attachment, all at once (a step each: fetch, decode, one model call)
    3. answer the post's question from all readings, when there are several (one step)
    4. keep items and readings for the conversation
    """

    name = "describe_image"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        delivery: Delivery,
        adoption: Adoption,
        sources: PictureSources,
        vision: VisionModel,
        prices: PriceTable,
        answerer: AlbumAnswerer,
        paid: PaidCalls,
        conversations: ConversationRepository,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._delivery = delivery
        self._adoption = adoption
        self._sources = sources
        self._vision = vision
        self._prices = prices
        self._answerer = answerer
        self._paid = paid
        self._conversations = conversations
        self._secrets = secrets

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._describe, self._remember)

    async def _describe(self, request: JobRequest, place: Place) -> Outcome:
        if len(request.text) > self._settings.limits.question_chars:
            raise UserError("question-too-long", limit=str(self._settings.limits.question_chars))
        limit = self._settings.limits.attachments
        taken = await self._adoption.adopt(request, place, request.attachments[:limit])
        board = Board([each.attachment for each in taken])

        async def show(progress: Progress) -> None:
            await self._delivery.show_progress(request, place, progress)

        async with LiveEdits(show, interval=CARD_INTERVAL_SECONDS) as card:

            async def describe(index: int) -> ItemOutcome:
                board.begin(index)
                card.update(board.progress("looking"))
                return await self._describe_item(request, taken[index], board)

            def ended(index: int, outcome: ItemOutcome) -> None:
                board.end(index, outcome)
                card.update(board.progress("looking"))

            items = await self._engine.fan_out(
                "describe", describe, range(len(taken)), result_type=ItemOutcome, on_result=ended
            )
            answer = AlbumAnswer()
            if request.text and len(items) > 1 and any(item.reading for item in items):
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

    async def _describe_item(self, request: JobRequest, taken: Adopted, board: Board) -> ItemOutcome:
        """Read one attachment; its failure is its own outcome and leaves the others alone."""
        attachment = taken.attachment
        outcome = ItemOutcome(filename=attachment.filename, spoiler=attachment.spoiler)
        if taken.failure is not None:
            return replace(outcome, failure=taken.failure)
        try:
            item, reading = await self._read(request, taken, board)
        except Exception as error:  # one broken file must not end the album
            return replace(outcome, failure=failures.note(error, request.job_id))
        if request.interaction_id is not None and isinstance(attachment.source, MessageSource):
            await self._delivery.set_alt_text(attachment.source, reading.alt_text)
        return replace(outcome, item=item, reading=reading)

    async def _read(self, request: JobRequest, taken: Adopted, board: Board) -> tuple[MediaItem, Description]:
        attachment = taken.attachment
        prepared = await self._sources.read(attachment)
        model = self._settings.models.vision.model
        reply = await self._paid.call(
            request,
            role="vision",
            model=model,
            estimate=self._prices.estimate(
                model,
                characters=len(request.text),
                pictures=prepared.pictures,
                max_output_tokens=self._settings.limits.description_tokens,
            ),
            make=lambda: self._vision.describe(
                prepared.pictures,
                question=request.text,
                language=request.locale,
                person=self._secrets.person_id(request.requester_id),
            ),
        )
        board.spend(reply.spend.usd)
        item = MediaItem(
            source=attachment.source,
            filename=attachment.filename,
            kind=prepared.kind,
            size=prepared.size,
            sha256=prepared.sha256,
            spoiler=attachment.spoiler,
        )
        return item, reply.value

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
            items=[
                (item.item, item.reading)
                for item in outcome.items
                if item.item is not None and item.reading is not None
            ],
        )
        turns: list[Turn] = []
        if request.text and origin.message_id is not None:
            turns.append(Turn(origin.message_id, "person", request.requester_id, request.text))
        turns += [Turn(each, "bot", 0, outcome.answer) for each in messages[:1]]
        await self._conversations.add_turns(conversation_id, turns)
