"""Sum up a thread of the bot: the media that were posted in it, and what was said about them."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import FailedOutcome, JobRequest, Outcome, Place, SummaryOutcome, Turn
from services.engine import Engine
from services.errors import UserError
from services.readings import as_text
from services.settings import Settings
from services.store.conversations import Conversation, ConversationRepository
from services.workflows.job import JobFrame
from services.workflows.summaries import Material, Summaries, SummedUp


class SummarizeThread:
    """Workflow `summarize_thread`.

    1. read what the conversation holds (one step)
    2. sum it up, part by part when it is very long (a step each)
    3. keep the summary as a turn
    """

    name = "summarize_thread"

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        frame: JobFrame,
        summaries: Summaries,
        conversations: ConversationRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._frame = frame
        self._summaries = summaries
        self._conversations = conversations

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        await self._frame.run(request, self._sum_up, self._remember)

    async def _sum_up(self, request: JobRequest, place: Place) -> Outcome:
        del place
        text = await self._engine.step("read_thread", self._material, request, result_type=str)
        material = Material("thread", text)
        parts = self._summaries.parts(material)
        if len(parts) > 1:

            async def take_notes(part: Material) -> SummedUp:
                return await self._summaries.sum_up(request, part, is_part=True)

            notes = await self._engine.fan_out(
                "notes", take_notes, parts, result_type=SummedUp, on_result=lambda _, __: None
            )
            material = self._summaries.joined(material, notes)
        result = await self._engine.step(
            "summarize", self._summaries.sum_up, request, material, result_type=SummedUp
        )
        if result.summary is not None:
            return SummaryOutcome(result.summary)
        assert result.failure is not None, "a call ends in one of the two"
        return FailedOutcome(result.failure)

    async def _material(self, request: JobRequest) -> str:
        conversation_id = request.conversation_id or request.origin.channel_id
        conversation = await self._conversations.load(conversation_id)
        if not conversation.items and not conversation.turns:
            raise UserError("nothing-to-sum-up")
        return _as_material(conversation)

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep the summary, so that people can ask about it."""
        del place
        if isinstance(outcome, SummaryOutcome):
            said = [Turn(each, "bot", 0, outcome.summary.text) for each in messages[:1]]
            await self._conversations.add_turns(request.conversation_id or request.origin.channel_id, said)


def _as_material(conversation: Conversation) -> str:
    parts = [
        f"Posted: {item.filename}\n{as_text(reading, conversation.corrections_of(item))}"
        for item, reading in conversation.items
    ]
    speakers = {turn.author_id for turn in conversation.turns if turn.author == "person"}
    names = {each: f"Person {number}" for number, each in enumerate(sorted(speakers), 1)}
    parts += [
        f"{names.get(turn.author_id, 'The bot') if turn.author == 'person' else 'The bot'}: {turn.text}"
        for turn in conversation.turns
        if turn.text
    ]
    return "\n".join(parts)
