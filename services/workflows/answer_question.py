"""Answer a follow-up from what a conversation holds, going back to its media where that is possible."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.ai.prices import PriceTable
from services.ai.protocols import Context, TextModel
from services.delivery import Delivery
from services.domain import AnswerOutcome, JobRequest, Kind, Note, Outcome, Place, Progress, Turn
from services.engine import Engine
from services.errors import UserError
from services.live import LiveEdits
from services.readings import as_text, summary_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.conversations import Conversation, ConversationRepository
from services.store.jobs import Job, JobRepository
from services.store.questions import QuestionRepository
from services.workflows.job import JobFrame
from services.workflows.paid import PaidCalls
from services.workflows.question_context import build_context, labelled, recent_turns, to_sum_up
from services.workflows.question_loop import Matter, Onlookers, QuestionLoop

STREAM_INTERVAL_SECONDS = 1.5
QUEUE_PATIENCE_SECONDS = 180.0
"""Longer than that no question waits for those before it."""
POLL_SECONDS = 0.25
BURST_SECONDS = 1.5
"""People write one thought in several messages; what follows within this time belongs to it."""
BURST_MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the question is, once its turn has come."""

    question: str
    matter: Matter
    spoiler: bool
    """Something in the conversation is hidden behind a spoiler."""
    is_long: bool
    """Its oldest turns should be summed up."""


class AnswerQuestion:
    """Workflow `answer_question`.

    1. gather (step): wait for what the conversation is busy with and for the rest of a burst of messages
    2. compact (step): sum up the oldest turns of a long thread
    3. answer, shown while it is written: a loop of steps (see `QuestionLoop`), or one step from the
       readings alone where the model cannot call tools
    4. keep both turns
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
        questions: QuestionRepository,
        text: TextModel,
        loop: QuestionLoop | None,
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
        self._questions = questions
        self._text = text
        self._loop = loop
        self._prices = prices
        self._paid = paid
        self._conversations = conversations
        self._secrets = secrets

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._answer, self._remember)

    async def _answer(self, request: JobRequest, place: Place) -> Outcome:
        gathered = await self._engine.step("gather", self._gather, request, place, result_type=Gathered)
        asked = replace(request, text=gathered.question)
        if gathered.is_long:
            await self._engine.step("compact", self._compact, asked, result_type=type(None))

        async def show(shown: str | Progress) -> None:
            if isinstance(shown, Progress):
                await self._delivery.show_progress(asked, place, shown)
            elif not gathered.spoiler:  # What is being written is hidden once it is whole.
                await self._delivery.show_text(asked, place, shown)

        async with LiveEdits(show, interval=STREAM_INTERVAL_SECONDS) as live:
            if self._loop is None:
                text = await self._engine.step(
                    "answer", self._write, asked, gathered.matter, live, result_type=str
                )
                outcome = AnswerOutcome(text, notes=(Note("note-from-readings"),))
            else:
                outcome = await self._loop.answer(
                    asked,
                    gathered.matter,
                    lambda: self._context(asked, gathered.matter),
                    Onlookers(
                        on_text=live.update,
                        on_phase=lambda phase: live.update(Progress(phase, done=0, total=0)),
                    ),
                )
        return replace(outcome, spoiler=gathered.spoiler)

    async def _gather(self, request: JobRequest, place: Place) -> Gathered:
        conversation_id = _conversation_id(request)
        await self._await_turn(request, place, conversation_id)
        texts = await self._whole_burst(request)
        question = "\n".join(text for text in (request.text, *texts) if text)
        limit = self._settings.limits.question_chars
        if len(question) > limit:
            raise UserError("question-too-long", limit=str(limit))
        conversation = await self._conversations.load(conversation_id)
        if not conversation.items and not conversation.turns:
            raise UserError("nothing-to-talk-about")
        items = [item for item, _ in conversation.items]
        matter = Matter(
            conversation_id,
            tuple(item.source.attachment_id for item in items),
            tuple(Kind(item.kind) for item in items),
        )
        old = to_sum_up(self._turns(request, conversation), self._settings.limits.context_chars)
        return Gathered(question, matter, any(item.spoiler for item in items), bool(old))

    async def _await_turn(self, request: JobRequest, place: Place, conversation_id: int) -> None:
        """Wait until the conversation is done with what came before; say so meanwhile."""
        is_shown = False
        for _ in range(round(QUEUE_PATIENCE_SECONDS / POLL_SECONDS)):
            if not await self._is_busy(request, conversation_id):
                break
            if not is_shown:
                await self._delivery.show_progress(request, place, Progress("queued", done=0, total=0))
                is_shown = True
            await asyncio.sleep(POLL_SECONDS)
        if is_shown:
            await self._delivery.show_progress(request, place, Progress("answering", done=0, total=0))

    async def _is_busy(self, request: JobRequest, conversation_id: int) -> bool:
        own = await self._jobs.get(request.job_id)
        before = (own.created, request.job_id) if own else (time.time(), request.job_id)
        jobs: list[Job] = []
        for workflow in ("read_post", self.name):
            jobs += await self._jobs.unfinished_in(request.origin.channel_id, workflow)
        return any(
            (job.request.conversation_id or job.place.conversation_id) == conversation_id
            and (job.created, job.request.job_id) < before
            for job in jobs
        )

    async def _whole_burst(self, request: JobRequest) -> Sequence[str]:
        """Return what the person added in further messages, once a pause says that the thought is whole."""
        own = await self._jobs.get(request.job_id)
        begun = own.created if own else time.time()
        while True:
            newest = max((await self._questions.parts(request.job_id)).newest, begun)
            end = min(newest + BURST_SECONDS, begun + BURST_MOST_SECONDS)
            if time.time() >= end:
                await self._questions.begin(request.job_id)
                return (await self._questions.parts(_root(request))).texts
            await asyncio.sleep(max(end - time.time(), 0.01))

    async def _compact(self, request: JobRequest) -> None:
        conversation_id = _conversation_id(request)
        conversation = await self._conversations.load(conversation_id)
        old = to_sum_up(self._turns(request, conversation), self._settings.limits.context_chars)
        if not old:
            return
        lines = [f"{'A person' if turn.author == 'person' else 'You'}: {turn.text}" for turn in old]
        material = "\n".join(([conversation.summary] if conversation.summary else []) + lines)
        model = self._settings.models.text.model
        reply = await self._paid.call(
            request,
            role="text",
            model=model,
            estimate=self._prices.estimate(
                model,
                characters=len(material),
                pictures=(),
                max_output_tokens=self._settings.limits.summary_tokens,
            ),
            make=lambda: self._text.summarize(
                material,
                kind="thread",
                question="",
                length="long",
                language=request.locale,
                person=self._secrets.person_id(request.requester_id),
            ),
        )
        await self._conversations.keep_summary(conversation_id, summary_text(reply.value), old[-1].message_id)

    async def _context(self, request: JobRequest, matter: Matter) -> Context:
        conversation = await self._conversations.load(matter.conversation_id)
        readings = labelled(conversation, matter.items)
        about = next(
            (
                f"{matter.items.index(item.source.attachment_id) + 1}. {item.filename}"
                for item, _ in conversation.items
                if request.replies_to is not None
                and getattr(item.source, "message_id", None) == request.replies_to
                and item.source.attachment_id in matter.items
            ),
            "",
        )
        return build_context(
            request.text,
            readings=readings,
            turns=self._turns(request, conversation),
            summary=conversation.summary,
            about=about,
            limit=self._settings.limits.context_chars,
            language=request.locale,
        )

    async def _write(self, request: JobRequest, matter: Matter, live: LiveEdits[str | Progress]) -> str:
        context = await self._context(request, matter)
        model = self._settings.models.text.model
        length = sum(len(turn.text) for turn in context.turns)
        length += sum(len(as_text(each.reading, each.corrections)) for each in context.readings)
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
                readings=context.readings,
                turns=context.turns,
                language=request.locale,
                person=self._secrets.person_id(request.requester_id),
                on_text=live.update,
            ),
        )
        return reply.value

    @staticmethod
    def _turns(request: JobRequest, conversation: Conversation) -> list[Turn]:
        """Return what was said; for a question that is answered anew, only what was said before it."""
        asked = request.origin.message_id
        return recent_turns(
            conversation, without=asked, before=asked if _root(request) != request.job_id else None
        )

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep what was asked and answered; a failed answer leaves no turn."""
        del place
        origin = request.origin
        if not isinstance(outcome, AnswerOutcome) or origin.message_id is None:
            return
        parts = await self._questions.parts(_root(request))
        question = "\n".join(text for text in (request.text, *parts.texts) if text)
        asked = Turn(origin.message_id, "person", request.requester_id, question)
        answered = [Turn(each, "bot", 0, outcome.text) for each in messages[:1]]
        await self._conversations.add_turns(_conversation_id(request), [asked, *answered])


def _conversation_id(request: JobRequest) -> int:
    return request.conversation_id or request.origin.channel_id


def _root(request: JobRequest) -> str:
    """Return the job that was first made of a question: what joined it belongs to every new answer, too."""
    return request.job_id.partition("-r")[0]
