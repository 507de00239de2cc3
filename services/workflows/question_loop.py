"""The loop in which a model answers a question: it looks and listens again until it can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.ai.prices import PriceTable
from services.ai.protocols import Context, Exchange, ModelTurn, Tool, ToolCall, ToolModel
from services.domain import AnswerOutcome, JobRequest, Kind, Note
from services.engine import Engine
from services.errors import ReplyError
from services.readings import as_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.workflows import question_tools as tools
from services.workflows.paid import PaidCalls
from services.workflows.question_work import Brought, QuestionWork

MOST_EVIDENCE = 6
EXCHANGE_CHARACTERS = 6_000
"""About what the calls of a question and their results add to its prompt."""
PHASES = {
    tools.LISTEN.name: "listening",
    tools.SEARCH.name: "searching",
    tools.CORRECT.name: "answering",
    tools.DRAW.name: "answering",
}
"""What people read while a tool works; it looks where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a question is about: a small snapshot, the same whenever the job is resumed."""

    conversation_id: int
    items: tuple[int, ...]
    """Attachment ids in the order of their numbers."""
    kinds: tuple[Kind, ...]
    has_spoiler: bool
    """Something in the conversation is hidden behind a spoiler."""
    is_long: bool
    """Its oldest turns should be summed up."""
    has_turns: bool


@dataclass(frozen=True, slots=True)
class Thought:
    """A model's turn, and what it cost in USD."""

    turn: ModelTurn
    usd: float | None


@dataclass(slots=True)
class Course:
    """How far a question has come; built anew from recorded steps when a job is resumed."""

    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    brought: list[Brought] = field(default_factory=list[Brought])
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Onlookers:
    """Whom to tell how far it is."""

    on_text: Callable[[str], None]
    """Called with the whole answer so far."""
    on_phase: Callable[[str], None]
    """Called with the name of a phase."""


class QuestionLoop:
    """Lets a model call tools as often and as dearly as the settings allow.

    1. think (a step): an answer, or calls
    2. each call (a step of its own); then it thinks again
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        model: ToolModel,
        work: QuestionWork,
        prices: PriceTable,
        paid: PaidCalls,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._model = model
        self._work = work
        self._prices = prices
        self._paid = paid
        self._secrets = secrets

    async def answer(
        self,
        request: JobRequest,
        matter: Matter,
        context: Callable[[], Awaitable[Context]],
        onlookers: Onlookers,
    ) -> AnswerOutcome:
        """Return the answer with its evidence.

        Args:
            context: Makes what the model knows, anew for each thought: corrections count at once.
        """
        course = Course()
        while True:
            may_call = self._may_call(course)

            async def think(may_call: bool = may_call) -> Thought:
                known = await context()
                return await self._think(request, matter, known, course, onlookers, may_call=may_call)

            thought = await self._engine.step(f"think#{len(course.exchanges)}", think, result_type=Thought)
            course.usd += thought.usd or 0.0
            if not thought.turn.calls or not may_call:
                return _outcome(thought.turn, course, stopped=bool(course.brought) and not may_call)
            await self._call(request, matter, thought.turn, course, onlookers)

    def _may_call(self, course: Course) -> bool:
        """Tell whether a question has calls and money left."""
        limits = self._settings.limits
        is_dear = bool(limits.question_usd) and course.usd >= limits.question_usd
        return len(course.brought) < limits.question_calls and not is_dear

    async def _call(
        self, request: JobRequest, matter: Matter, turn: ModelTurn, course: Course, onlookers: Onlookers
    ) -> None:
        results: list[str] = []
        for call in turn.calls:
            if not self._may_call(course):
                results.append("This question's calls are used up: answer with what you have, and say so.")
                continue
            number = len(course.brought) + 1
            onlookers.on_phase(PHASES.get(call.name, "looking"))

            async def carry_out(call: ToolCall = call, number: int = number) -> Brought:
                return await self._work.carry_out(request, matter.conversation_id, matter.items, call, number)

            name = call.name if call.name in tools.BY_NAME else "unknown"
            brought = await self._engine.step(f"{name}#{number}", carry_out, result_type=Brought)
            course.brought.append(brought)
            course.usd += brought.usd or 0.0
            results.append(brought.text)
        course.exchanges.append(Exchange(turn, tuple(results)))
        onlookers.on_phase("answering")

    async def _think(
        self,
        request: JobRequest,
        matter: Matter,
        context: Context,
        course: Course,
        onlookers: Onlookers,
        *,
        may_call: bool,
    ) -> Thought:
        model = self._settings.models.text.model
        offered: Sequence[Tool] = self._work.offered(matter.kinds)
        length = len(context.question) + len(context.summary) + EXCHANGE_CHARACTERS
        length += sum(len(as_text(each.reading, each.corrections)) for each in context.readings)
        length += sum(len(turn.text) for turn in context.turns)
        reply = await self._paid.call(
            request,
            role="text",
            model=model,
            estimate=self._prices.estimate(
                model,
                characters=length,
                pictures=(),
                max_output_tokens=self._settings.limits.answer_tokens,
            ),
            make=lambda: self._model.next(
                context,
                exchanges=course.exchanges,
                tools=offered,
                may_call=may_call,
                language=request.locale,
                person=self._secrets.person_id(request.requester_id),
                conversation=self._secrets.conversation_key(matter.conversation_id),
                on_text=onlookers.on_text,
            ),
        )
        return Thought(reply.value, reply.spend.usd)


def _outcome(turn: ModelTurn, course: Course, *, stopped: bool) -> AnswerOutcome:
    """Put the answer together; pure.

    Raises:
        ReplyError: The model gave none.
    """
    if not turn.text:
        raise ReplyError("model-empty")
    evidence = {each.file.sha256: each for brought in course.brought for each in brought.evidence}
    notes = list(
        dict.fromkeys((note.code, tuple(note.params.items())) for b in course.brought for note in b.notes)
    )
    told = [Note(code, dict(params)) for code, params in notes]
    looks = [brought.unsure for brought in course.brought if brought.unsure is not None]
    if looks and all(looks):
        told.append(Note("note-unsure"))
    if stopped:
        told.append(Note("note-question-limit", {"count": str(len(course.brought))}))
    return AnswerOutcome(
        turn.text,
        evidence=tuple(evidence.values())[-MOST_EVIDENCE:],
        notes=tuple(told),
        refine=next((brought.refine for brought in reversed(course.brought) if brought.refine), ""),
    )
