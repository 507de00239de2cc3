"""Refine a picture: draw it, compare it with the original, correct the prompt, again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.delivery import Delivery
from services.domain import (
    JobRequest,
    Outcome,
    Place,
    RefineFiles,
    Refinement,
    RefineOutcome,
    RefineQuestion,
    RefineTurn,
)
from services.engine import Engine
from services.errors import UserError
from services.refining import best_round
from services.store.refinements import RefinementRepository
from services.workflows.job import JobFrame
from services.workflows.refine_calls import Softened
from services.workflows.refine_pictures import RefinePictures
from services.workflows.refine_rounds import RefineRounds, plus
from services.workflows.refine_start import RefineStart


class RefineImage:
    """Workflow `refine_image`: one stretch between two decisions of a person.

    1. load the state (step)
    2. before the first round: adopt, look, ask for a frame, a mask or a yes, describe (a step each)
    3. rounds: draw, moderate, compare, perhaps compare again, measure and post, strip and chart (a
       step each), until a stop rule or the person ends them
    4. post where it stands with what can be done next, and keep the state; nothing waits for anybody
    """

    name = "refine_image"

    def __init__(
        self,
        *,
        engine: Engine,
        frame: JobFrame,
        delivery: Delivery,
        refinements: RefinementRepository,
        pictures: RefinePictures,
        start: RefineStart,
        rounds: RefineRounds,
    ) -> None:
        self._engine = engine
        self._frame = frame
        self._delivery = delivery
        self._refinements = refinements
        self._pictures = pictures
        self._start = start
        self._rounds = rounds

    async def run(self, request: JobRequest) -> None:
        """Run one stretch to its end."""
        await self._frame.run(request, self._refine, self._remember)

    async def _refine(self, request: JobRequest, place: Place) -> Outcome:
        turn = _turn(request)
        state = await self._engine.step("load", self._load, turn, result_type=Refinement)
        if turn.action in {"begin", "frame", "go", "mask"}:
            begun = await self._start.prepare(request, place, state, turn)
            if not isinstance(begun, Refinement):
                return begun
            return await self._rounds.run(request, place, begun, turn, begun.wish.rounds)
        if turn.action in {"take", "originals"}:
            return await self._engine.step("files", self._files, state, turn, result_type=RefineFiles)
        if turn.action == "back":
            return await self._back(state, turn)
        if turn.action == "end":
            return await self._end(request, state, turn)
        if turn.action == "soften":
            state = await self._soften(request, state)
        if turn.action == "correct":
            state = replace(state, corrections=(request.text, *state.corrections), softened="")
        rounds = 1 if turn.action in {"correct", "soften"} else state.wish.rounds
        return await self._rounds.run(request, place, state, turn, rounds)

    async def _load(self, turn: RefineTurn) -> Refinement:
        state = await self._refinements.get(turn.refinement_id)
        if state is None:
            raise UserError("button-stale")
        return state

    async def _back(self, state: Refinement, turn: RefineTurn) -> RefineOutcome:
        """Go on from an earlier round: those after it are shown, and never the best again."""
        rounds = tuple(replace(each, dropped=each.number > turn.number) for each in state.rounds)
        state = replace(state, rounds=rounds)
        state = await self._rounds.with_board(state)
        best = best_round(state.rounds)
        return RefineOutcome(state, turn.stretch + 1, best.number if best else None, "back")

    async def _end(self, request: JobRequest, state: Refinement, turn: RefineTurn) -> RefineOutcome:
        """Leave it at that."""
        state = await self._rounds.with_board(replace(state, ended=True))
        best = best_round(state.rounds)
        number = best.number if best else None
        return RefineOutcome(state, turn.stretch + 1, number, "person", by_id=request.requester_id)

    async def _soften(self, request: JobRequest, state: Refinement) -> Refinement:
        milder = await self._engine.step(
            "soften", self._rounds.soften, request, state, result_type=Softened, attempts=2
        )
        return replace(state, softened=milder.prompt, usd=plus(state.usd, milder.usd))

    async def _files(self, state: Refinement, turn: RefineTurn) -> RefineFiles:
        """Gather the files to be posted: the best candidate, or the original and all candidates."""
        if turn.action == "take":
            if (best := best_round(state.rounds)) is None:
                raise UserError("button-stale")
            file = await self._pictures.stored_candidate(best)
            return RefineFiles(replace(state, ended=True), (file,), best.number)
        files = [await self._pictures.stored_original(state)]
        files += [await self._pictures.stored_candidate(each) for each in state.rounds[-9:]]
        return RefineFiles(state, tuple(files))

    async def _remember(
        self, request: JobRequest, place: Place, outcome: Outcome, messages: Sequence[int]
    ) -> None:
        """Keep the state; the newest end of a stretch takes the place of the one before."""
        del request
        if not isinstance(outcome, RefineOutcome | RefineQuestion | RefineFiles):
            return
        state = outcome.refinement
        if isinstance(outcome, RefineFiles) and outcome.taken is None:
            latest = await self._refinements.get(state.id)
            if latest is not None:
                await self._refinements.save(replace(latest, messages=(*latest.messages, *messages)))
            return
        if isinstance(outcome, RefineQuestion) and outcome.kind == "mask":
            attached = await self._delivery.attachments(place.channel_id, messages[0])
            masks = [each for each in attached if each.filename == outcome.files[0].name]
            state = replace(state, mask=masks[0] if masks else None)
        # A mask stands in its message for as long as it is used.
        old = [each for each in state.board_messages if state.mask is None or not _holds(state, each)]
        kept = tuple(each for each in state.board_messages if each not in old)
        state = replace(state, board_messages=tuple(messages), messages=(*state.messages, *kept))
        await self._refinements.save(state)
        await self._delivery.take_back(place.channel_id, [each for each in old if each not in messages])
        await self._pictures.forget(state.rounds)


def _holds(state: Refinement, message_id: int) -> bool:
    """Tell whether the mask stands in a message."""
    return state.mask is not None and getattr(state.mask.source, "message_id", None) == message_id


def _turn(request: JobRequest) -> RefineTurn:
    assert request.refine is not None, "a refinement's job names its refinement"
    return request.refine
