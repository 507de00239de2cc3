"""Answer a follow-up from what its conversation holds, once what came before it is done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain import AnswerOutcome, JobRequest, Outcome, Place, Turn
from services.engine import Engine
from services.errors import UserError
from services.live import LiveEdits
from services.settings import Settings
from services.store.conversations import ConversationRepository
from services.store.jobs import JobRepository
from services.store.questions import Parts, QuestionRepository
from services.workflows.answering import Answering, Shown
from services.workflows.job import JobFrame
from services.workflows.question_loop import Matter
from services.workflows.turn_taking import TurnTaking

STREAM_INTERVAL_SECONDS = 1.5
BURST_SECONDS = 1.5
"""People write one thought in several messages; what follows within this time belongs to it."""
BURST_MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the question is, once its turn has come."""

    question: str
    matter: Matter


class AnswerQuestion:
    """Workflow `answer_question`.

    1. gather (step): wait for what the conversation is busy with and for the rest of a burst of messages
    2. answer (see `Answering`), shown while it is written
    3. keep both turns
    """

    name = "answer_question"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        turn_taking: TurnTaking,
        jobs: JobRepository,
        questions: QuestionRepository,
        answering: Answering,
        conversations: ConversationRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._turn_taking = turn_taking
        self._jobs = jobs
        self._questions = questions
        self._answering = answering
        self._conversations = conversations

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._answer, self._remember)

    async def _answer(self, request: JobRequest, place: Place) -> Outcome:
        gathered = await self._engine.step("gather", self._gather, request, place, result_type=Gathered)
        asked = replace(request, text=gathered.question)

        async def show(shown: Shown) -> None:
            await self._answering.show(asked, place, shown, is_hidden=gathered.matter.has_spoiler)

        async with LiveEdits(show, interval=STREAM_INTERVAL_SECONDS) as live:
            return await self._answering.answer(asked, gathered.matter, live)

    async def _gather(self, request: JobRequest, place: Place) -> Gathered:
        conversation_id = _conversation_id(request)
        await self._turn_taking.await_turn(request, place, conversation_id, phase="answering")
        question = (await self._whole_burst(request)).after(request.text)
        limit = self._settings.limits.question_chars
        if len(question) > limit:
            raise UserError("question-too-long", limit=str(limit))
        matter = await self._answering.matter(request, conversation_id)
        if not matter.items and not matter.has_turns:
            raise UserError("nothing-to-talk-about")
        return Gathered(question, matter)

    async def _whole_burst(self, request: JobRequest) -> Parts:
        """Return what the person added in further messages, once a pause says that the thought is whole."""
        own = await self._jobs.get(request.job_id)
        begun = own.created if own else time.time()
        while True:
            newest = max((await self._questions.parts(request.job_id)).newest, begun)
            end = min(newest + BURST_SECONDS, begun + BURST_MOST_SECONDS)
            if time.time() >= end:
                return await self._questions.begin(request.job_id)
            await asyncio.sleep(max(end - time.time(), 0.01))

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep what was asked and answered; a failed answer leaves no turn."""
        del place
        origin = request.origin
        if not isinstance(outcome, AnswerOutcome) or origin.message_id is None:
            return
        parts = await self._questions.parts(request.job_id)
        asked = Turn(origin.message_id, "person", request.requester_id, parts.after(request.text))
        answered = [Turn(each, "bot", 0, outcome.text) for each in messages[:1]]
        await self._conversations.add_turns(_conversation_id(request), [asked, *answered])
        newest = await self._questions.parts(request.job_id)
        if newest.texts != parts.texts:  # One was deleted before there was a turn to take it out of.
            await self._conversations.reword_turn(origin.message_id, newest.after(request.text))


def _conversation_id(request: JobRequest) -> int:
    return request.conversation_id or request.origin.channel_id
