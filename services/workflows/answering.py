"""The one way from a question to its answer, whether it was asked alone or together with new media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ai.prices import PriceTable
from services.ai.protocols import Context, TextModel
from services.delivery import Delivery
from services.domain import AnswerOutcome, JobRequest, Kind, Note, Place, Progress, Turn
from services.engine import Engine
from services.live import LiveEdits
from services.readings import as_text, summary_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.conversations import Conversation, ConversationRepository
from services.store.questions import root_of
from services.workflows.paid import PaidCalls
from services.workflows.question_context import build_context, labelled, numbered, recent_turns, to_sum_up
from services.workflows.question_loop import Matter, Onlookers, QuestionLoop

Shown = str | Progress
"""An answer so far, or how far it is."""


class Answering:
    """Answers from what a conversation holds, going back to its media where that is possible.

    1. compact (step): sum up the oldest turns of a long thread
    2. a loop of steps (see `QuestionLoop`), or one step from the readings alone where the model cannot
       call tools

    Args:
        loop: None where the model cannot call tools.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        delivery: Delivery,
        text: TextModel,
        loop: QuestionLoop | None,
        prices: PriceTable,
        paid: PaidCalls,
        conversations: ConversationRepository,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._delivery = delivery
        self._text = text
        self._loop = loop
        self._prices = prices
        self._paid = paid
        self._conversations = conversations
        self._secrets = secrets

    async def matter(self, request: JobRequest, conversation_id: int) -> Matter:
        """Return a snapshot of what there is to answer from; within a step."""
        conversation = await self._conversations.load(conversation_id)
        items = [item for item, _ in conversation.items]
        return Matter(
            conversation_id,
            tuple(item.source.attachment_id for item in items),
            tuple(Kind(item.kind) for item in items),
            has_spoiler=any(item.spoiler for item in items),
            is_long=bool(self._old_turns(request, conversation)),
            has_turns=bool(conversation.turns),
        )

    async def answer(self, request: JobRequest, matter: Matter, live: LiveEdits[Shown]) -> AnswerOutcome:
        """Return the answer to the request's text, shown while it is written."""
        if matter.is_long:
            await self._engine.step("compact", self._compact, request, matter, result_type=type(None))
        if self._loop is None:
            text = await self._engine.step("answer", self._write, request, matter, live, result_type=str)
            outcome = AnswerOutcome(text, notes=(Note("note-from-readings"),))
        else:
            outcome = await self._loop.answer(
                request,
                matter,
                lambda: self._context(request, matter),
                Onlookers(
                    on_text=live.update,
                    on_phase=lambda phase: live.update(Progress(phase, done=0, total=0)),
                ),
            )
        return replace(outcome, spoiler=matter.has_spoiler)

    async def show(self, request: JobRequest, place: Place, shown: Shown, *, is_hidden: bool) -> None:
        """Show how far it is; what is being written is hidden until it is whole where spoilers are about."""
        if isinstance(shown, Progress):
            await self._delivery.show_progress(request, place, shown)
        elif not is_hidden:
            await self._delivery.show_text(request, place, shown)

    async def _compact(self, request: JobRequest, matter: Matter) -> None:
        conversation = await self._conversations.load(matter.conversation_id)
        old = self._old_turns(request, conversation)
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
        await self._conversations.keep_summary(
            matter.conversation_id, summary_text(reply.value), old[-1].message_id
        )

    async def _context(self, request: JobRequest, matter: Matter) -> Context:
        conversation = await self._conversations.load(matter.conversation_id)
        pointed_to = {each for each in (request.origin.message_id, request.replies_to) if each is not None}
        about = [
            f"{number}. {item.filename}"
            for number, (item, _) in numbered(conversation, matter.items).items()
            if getattr(item.source, "message_id", None) in pointed_to
        ]
        return build_context(
            request.text,
            readings=labelled(conversation, matter.items),
            turns=self._turns(request, conversation),
            summary=conversation.summary,
            about=about,
            limit=self._settings.limits.context_chars,
            language=request.locale,
        )

    async def _write(self, request: JobRequest, matter: Matter, live: LiveEdits[Shown]) -> str:
        context = await self._context(request, matter)
        model = self._settings.models.text.model
        summed_up = [Turn(0, "bot", 0, context.summary)] if context.summary else []
        turns = [*summed_up, *context.turns]
        length = sum(len(turn.text) for turn in turns)
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
                turns=turns,
                language=request.locale,
                person=self._secrets.person_id(request.requester_id),
                on_text=live.update,
            ),
        )
        return reply.value

    def _old_turns(self, request: JobRequest, conversation: Conversation) -> Sequence[Turn]:
        """Return the turns that should be summed up."""
        items = [item.source.attachment_id for item, _ in conversation.items]
        return to_sum_up(
            self._turns(request, conversation),
            labelled(conversation, items),
            self._settings.limits.context_chars,
        )

    @staticmethod
    def _turns(request: JobRequest, conversation: Conversation) -> list[Turn]:
        """Return what was said; for a question that is answered anew, only what was said before it."""
        asked = request.origin.message_id
        return recent_turns(
            conversation,
            without=asked,
            before=asked if root_of(request.job_id) != request.job_id else None,
        )
