"""Answer a follow-up from the readings and the earlier turns of its conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.ai.prices import PriceTable
from services.ai.protocols import LabelledReading, TextModel
from services.delivery import Delivery
from services.domain import AnswerOutcome, JobRequest, Outcome, Place, Turn
from services.engine import Engine
from services.errors import UserError
from services.live import LiveEdits
from services.readings import as_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.conversations import Conversation, ConversationRepository
from services.store.jobs import JobRepository
from services.workflows.job import JobFrame
from services.workflows.paid import PaidCalls

STREAM_INTERVAL_SECONDS = 1.5
READING_PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.25


class AnswerQuestion:
    """Workflow `answer_question`.

    1. wait for readings that are being made in this conversation; then answer from readings and
       turns, shown while it is written (one step)
    2. keep both turns
    """

    name = "answer_question"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        delivery: Delivery,
        jobs: JobRepository,
        text: TextModel,
        prices: PriceTable,
        paid: PaidCalls,
        conversations: ConversationRepository,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._delivery = delivery
        self._jobs = jobs
        self._text = text
        self._prices = prices
        self._paid = paid
        self._conversations = conversations
        self._secrets = secrets

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._answer, self._remember)

    async def _answer(self, request: JobRequest, place: Place) -> Outcome:
        text = await self._engine.step("answer", self._write, request, place, result_type=str)
        return AnswerOutcome(text)

    async def _write(self, request: JobRequest, place: Place) -> str:
        conversation = await self._settled_conversation(request)
        if not conversation.items and not conversation.turns:
            raise UserError("nothing-to-talk-about")
        readings, turns = self._within_limit(conversation)
        model = self._settings.models.text.model
        length = sum(len(turn.text) for turn in turns) + sum(len(as_text(each.reading)) for each in readings)

        async def show(written: str) -> None:
            await self._delivery.show_text(request, place, written)

        async with LiveEdits(show, interval=STREAM_INTERVAL_SECONDS) as live:
            reply = await self._paid.call(
                request,
                role="text",
                model=model,
                estimate=self._prices.estimate(
                    model,
                    characters=length + len(request.text),
                    pictures=(),
                    max_output_tokens=self._settings.limits.answer_tokens,
                ),
                make=lambda: self._text.answer(
                    request.text,
                    readings=readings,
                    turns=turns,
                    language=request.locale,
                    person=self._secrets.person_id(request.requester_id),
                    on_text=live.update,
                ),
            )
        return reply.value

    async def _settled_conversation(self, request: JobRequest) -> Conversation:
        """Return the conversation, once no reading of it is under way any more."""
        conversation_id = request.conversation_id or request.origin.channel_id
        for _ in range(round(READING_PATIENCE_SECONDS / POLL_SECONDS)):
            if not await self._jobs.unfinished_in(request.origin.channel_id, "read_post"):
                break
            await asyncio.sleep(POLL_SECONDS)
        return await self._conversations.load(conversation_id)

    def _within_limit(self, conversation: Conversation) -> tuple[list[LabelledReading], list[Turn]]:
        """Return the newest readings and turns that fit into the context; readings come first."""
        left = self._settings.limits.context_chars
        readings: list[LabelledReading] = []
        numbered = list(enumerate(conversation.items, 1))
        for number, (item, reading) in reversed(numbered):
            left -= len(as_text(reading))
            if left < 0 and readings:
                break
            label = item.filename if len(numbered) == 1 else f"{number}. {item.filename}"
            readings.insert(0, LabelledReading(label, reading))
        turns: list[Turn] = []
        for turn in reversed(conversation.turns):
            left -= len(turn.text)
            if left < 0:
                break
            if turn.text:
                turns.insert(0, turn)
        return readings, turns

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep what was asked and answered; a failed answer leaves no turn."""
        del place
        origin = request.origin
        if not isinstance(outcome, AnswerOutcome) or origin.message_id is None:
            return
        asked = Turn(origin.message_id, "person", request.requester_id, request.text)
        answered = [Turn(each, "bot", 0, outcome.text) for each in messages[:1]]
        conversation_id = request.conversation_id or origin.channel_id
        await self._conversations.add_turns(conversation_id, [asked, *answered])
