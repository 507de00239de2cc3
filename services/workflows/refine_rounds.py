"""The rounds of one stretch of a refinement."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services import failures
from services.delivery import Delivery
from services.domain import (
    Comparison,
    Failure,
    JobRequest,
    MessageSource,
    Place,
    Refinement,
    RefineOutcome,
    RefineRound,
    RefineStop,
    RefineTurn,
    RoundOutcome,
    StoredFile,
)
from services.engine import Engine
from services.errors import BlockedError, BotError, BudgetError
from services.refining import averaged, best_round, disagrees, is_close_call, next_prompt, stop_reason
from services.settings import Settings
from services.store.refinements import RefinementRepository
from services.workflows.refine_calls import Compared, Drawn, RefineCalls, Softened
from services.workflows.refine_pictures import RefinePictures

JUDGE_ATTEMPTS = 3
"""A picture that is paid for is worth asking the judge again."""
POST_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class _Board:
    files: tuple[StoredFile, ...]


@dataclass(slots=True)
class _Stretch:
    """Where a stretch stands; every change of it comes from a recorded step."""

    state: Refinement
    made: int = 0


class RefineRounds:
    """Draws, compares and posts, until a rule or a limit says stop."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        delivery: Delivery,
        calls: RefineCalls,
        pictures: RefinePictures,
        refinements: RefinementRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._delivery = delivery
        self._calls = calls
        self._pictures = pictures
        self._refinements = refinements

    async def run(
        self, request: JobRequest, place: Place, state: Refinement, turn: RefineTurn, asked: int
    ) -> RefineOutcome:
        """Make up to `asked` rounds; say where the refinement stands then, and why it stopped.

        Raises:
            BotError: The first round failed: there is nothing to show.
        """
        stretch = _Stretch(state)
        stop: RefineStop | None = None
        failure: Failure | None = None
        while stop is None:
            stop = self._stop(stretch, asked)
            if stop is not None:
                break
            try:
                await self._round(request, place, stretch, turn)
            except BlockedError as error:
                stop, failure = "blocked", failures.note(error, request.job_id)
            except BotError as error:
                if not stretch.state.rounds:
                    raise
                stop = "money" if isinstance(error, BudgetError) else "failed"
                failure = failures.note(error, request.job_id)
        return self._outcome(stretch.state, turn, stop, failure)

    async def with_board(self, state: Refinement) -> Refinement:
        """Draw strip and chart anew, and keep the state (step)."""
        name = f"board#{len(state.rounds)}"
        board = await self._engine.step(name, self._board, state, result_type=_Board)
        return replace(state, board=board.files)

    async def soften(self, request: JobRequest, state: Refinement) -> Softened:
        """Put the prompt that was refused into milder words."""
        return await self._calls.soften(request, next_prompt(state))

    def _stop(self, stretch: _Stretch, asked: int) -> RefineStop | None:
        limits, state = self._settings.refine, stretch.state
        if limits.loop_usd and (state.usd or 0.0) >= limits.loop_usd:
            return "money"
        return stop_reason(state.rounds, asked=asked, made=stretch.made, settings=limits)

    async def _round(self, request: JobRequest, place: Place, stretch: _Stretch, turn: RefineTurn) -> None:
        """Make one round; each effect is a step, so none that was recorded happens again."""
        state = stretch.state
        number, prompt = len(state.rounds) + 1, next_prompt(state)
        drawn = await self._engine.step(
            f"draw#{number}", self._draw, request, state, prompt, number, result_type=Drawn
        )
        usd = drawn.usd
        stretch.state = replace(state, usd=plus(state.usd, usd))
        await self._engine.step(
            f"moderate#{number}",
            self._calls.moderate,
            request,
            drawn.picture,
            result_type=type(None),
            attempts=2,
        )
        compared = await self._compare(request, state, drawn, prompt, number, swapped=False)
        comparison, usd = compared.comparison, plus(usd, compared.usd)
        if is_close_call(comparison, state.rounds, self._settings.refine.close_gain):
            again = await self._compare(request, state, drawn, prompt, number, swapped=True)
            comparison, usd = averaged(comparison, again.comparison), plus(usd, again.usd)
        state = replace(state, usd=plus(state.usd, usd), softened="")
        posted = await self._engine.step(
            f"post#{number}",
            self._post,
            *(request, place, state, drawn.picture, comparison, prompt, usd),
            result_type=RefineRound,
            attempts=POST_ATTEMPTS,
        )
        stretch.state = await self.with_board(with_round(state, posted))
        stretch.made += 1
        await self._delivery.show_outcome(request, place, self._outcome(stretch.state, turn, None, None))

    async def _draw(self, request: JobRequest, state: Refinement, prompt: str, number: int) -> Drawn:
        limit = self._settings.refine.loop_usd
        estimate = await self._calls.round_usd(state)
        if limit and (state.usd or 0.0) + (estimate or 0.0) > limit:
            raise BudgetError("refine-loop-money", limit=f"{limit:.2f}")
        return await self._calls.draw(request, state, prompt, number)

    async def _compare(
        self, request: JobRequest, state: Refinement, drawn: Drawn, prompt: str, number: int, *, swapped: bool
    ) -> Compared:
        async def ask() -> Compared:
            return await self._calls.compare(request, state, drawn.picture, prompt, swapped=swapped)

        name = f"{'recompare' if swapped else 'compare'}#{number}"
        return await self._engine.step(name, ask, result_type=Compared, attempts=JUDGE_ATTEMPTS)

    async def _post(
        self,
        request: JobRequest,
        place: Place,
        state: Refinement,
        picture: StoredFile,
        comparison: Comparison,
        prompt: str,
        usd: float | None,
    ) -> RefineRound:
        """Measure and post a candidate, and keep it in the state."""
        measured = await self._pictures.measure(state, picture)
        number = len(state.rounds) + 1
        made = RefineRound(
            number=number,
            prompt=prompt,
            picture=replace(picture, alt_text=comparison.alt_text),
            comparison=comparison,
            measured=measured,
            usd=usd,
            disagrees=disagrees(
                comparison,
                measured,
                state.rounds,
                matching=state.wish.is_match,
                drop=self._settings.refine.flag_drop,
            ),
        )
        previous = state.rounds[-1].prompt if state.rounds else ""
        outcome = RoundOutcome(state, made, previous)
        message_id = await self._delivery.post(request, place, outcome, part=number)
        attached = await self._delivery.attachments(place.channel_id, message_id)
        made = replace(made, posted=attached[0] if attached else None)
        await self._refinements.save(with_round(state, made))
        return made

    async def _board(self, state: Refinement) -> _Board:
        files = await self._pictures.board(state)
        await self._refinements.save(replace(state, board=files))
        return _Board(files)

    @staticmethod
    def _outcome(
        state: Refinement, turn: RefineTurn, stop: RefineStop | None, failure: Failure | None
    ) -> RefineOutcome:
        best = best_round(state.rounds)
        return RefineOutcome(state, turn.stretch + 1, best.number if best else None, stop, failure)


def with_round(state: Refinement, made: RefineRound) -> Refinement:
    """Return the state with one more round, whose message stands."""
    source = made.posted.source if made.posted else None
    message = (source.message_id,) if isinstance(source, MessageSource) else ()
    return replace(state, rounds=(*state.rounds, made), messages=(*state.messages, *message))


def plus(sum_usd: float | None, usd: float | None) -> float | None:
    """Add what a call cost; one without a known price makes the sum unknown."""
    return None if sum_usd is None or usd is None else sum_usd + usd
