"""What comes before the first round of a refinement: which picture, which part of it, and a yes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.domain import (
    Description,
    FailedOutcome,
    JobRequest,
    Kind,
    Place,
    Refinement,
    RefineQuestion,
    RefineTurn,
)
from services.engine import Engine
from services.errors import UserError
from services.readings import corrected
from services.settings import Settings
from services.store.conversations import ConversationRepository
from services.store.refinements import RefinementRepository
from services.workflows.adoption import Adoption
from services.workflows.refine_calls import Pointed, RefineCalls, Told
from services.workflows.refine_pictures import MaskMade, RefinePictures, Seen, Sheet
from services.workflows.refine_rounds import plus


@dataclass(frozen=True, slots=True)
class _Known:
    """A reading that is there already; None when there is none."""

    reading: Description | None


@dataclass(frozen=True, slots=True)
class _Cost:
    """What all rounds may cost, in USD; None when nobody knows."""

    usd: float | None


class RefineStart:
    """Prepares a refinement; what a person has to decide is asked before money is spent."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        adoption: Adoption,
        calls: RefineCalls,
        pictures: RefinePictures,
        conversations: ConversationRepository,
        refinements: RefinementRepository,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._adoption = adoption
        self._calls = calls
        self._pictures = pictures
        self._conversations = conversations
        self._refinements = refinements

    async def prepare(
        self, request: JobRequest, place: Place, state: Refinement, turn: RefineTurn
    ) -> Refinement | RefineQuestion | FailedOutcome:
        """Return the state that is ready for rounds, or what has to be decided first."""
        _ = self._calls.image, self._calls.judge
        if turn.action == "begin":
            # Before it is posted: what the bot posts of a tiny picture is no longer tiny.
            seen = await self._engine.step("look", self._pictures.look, state.original, result_type=Seen)
            adopted = await self._adopted(request, place, state)
            if not isinstance(adopted, Refinement):
                return adopted
            state = adopted
            if seen.kind is Kind.ANIMATION:
                return await self._ask_frame(state, turn)
        if turn.action == "frame":
            state = replace(state, frame_seconds=state.frames[min(turn.number, len(state.frames)) - 1])
        if turn.action == "go":
            state = replace(state, confirmed=True)
        if turn.action == "mask":
            wish = replace(state.wish, mask_words=request.text, mask_file=None, start="edit")
            state = replace(state, mask=None, wish=wish)
        asked = await self._ask_before_money(request, state, turn)
        if asked is not None:
            return asked
        return await self._read(request, place, state)

    async def _adopted(
        self, request: JobRequest, place: Place, state: Refinement
    ) -> Refinement | FailedOutcome:
        """Give the files of a command messages of their own (steps)."""
        wish = state.wish
        given = [state.original, *([wish.reference] if wish.reference else [])]
        taken = await self._adoption.adopt(request, place, given)
        for each in taken:
            if each.failure is not None:
                return FailedOutcome(each.failure)
        state = replace(state, original=taken[0].attachment)
        if wish.reference:
            state = replace(state, wish=replace(wish, reference=taken[1].attachment))
        await self._engine.step("keep", self._refinements.save, state, result_type=type(None))
        return state

    async def _ask_frame(self, state: Refinement, turn: RefineTurn) -> RefineQuestion:
        sheet = await self._engine.step("sheet", self._pictures.sheet, state.original, result_type=Sheet)
        return RefineQuestion(
            replace(state, frames=sheet.times),
            "frame",
            turn.stretch + 1,
            pictures=(sheet.file,),
            choices=len(sheet.times),
        )

    async def _ask_before_money(
        self, request: JobRequest, state: Refinement, turn: RefineTurn
    ) -> RefineQuestion | None:
        """Show what the mask lets change, or what it may cost; None when nothing has to be asked."""
        wish = state.wish
        if state.mask is not None and state.confirmed:
            return None
        needs_mask = bool(wish.mask_words or wish.mask_file) and state.mask is None
        cost = await self._engine.step("estimate", self._cost, state, result_type=_Cost)
        if needs_mask:
            state, made = await self._mask(request, state)
            return RefineQuestion(
                state,
                "mask",
                turn.stretch + 1,
                pictures=(made.overlay,),
                files=(made.mask,),
                estimate_usd=cost.usd,
                notes=made.notes,
            )
        limit = self._settings.limits.ask_from_usd
        if not state.confirmed and 0 < limit < (cost.usd or 0.0):
            return RefineQuestion(state, "estimate", turn.stretch + 1, estimate_usd=cost.usd)
        return None

    async def _mask(self, request: JobRequest, state: Refinement) -> tuple[Refinement, MaskMade]:
        shapes = None
        if state.wish.mask_words:
            pointed = await self._engine.step(
                "point",
                self._calls.point,
                request,
                state,
                state.wish.mask_words,
                result_type=Pointed,
                attempts=2,
            )
            if not pointed.shapes:
                raise UserError("refine-not-found", what=state.wish.mask_words)
            shapes = pointed.shapes
            state = replace(state, usd=plus(state.usd, pointed.usd))
        made = await self._engine.step("mask", self._pictures.mask, state, shapes, result_type=MaskMade)
        return state, made

    async def _cost(self, state: Refinement) -> _Cost:
        usd = await self._calls.round_usd(state)
        return _Cost(None if usd is None else usd * state.wish.rounds)

    async def _read(self, request: JobRequest, place: Place, state: Refinement) -> Refinement:
        """Put the original into words, unless it has been already."""
        known = await self._engine.step("reading", self._known, request, place, state, result_type=_Known)
        if known.reading is not None:
            return replace(state, reading=known.reading, title=known.reading.title)
        if state.wish.start == "edit":
            return state
        told = await self._engine.step(
            "describe", self._calls.describe, request, state, result_type=Told, attempts=2
        )
        return replace(state, reading=told.reading, title=told.reading.title, usd=plus(state.usd, told.usd))

    async def _known(self, request: JobRequest, place: Place, state: Refinement) -> _Known:
        if state.frame_seconds is not None:
            return _Known(None)  # That reading is of the whole animation.
        conversation = await self._conversations.load(request.conversation_id or place.conversation_id)
        for item, reading in conversation.items:
            if item.source.attachment_id == state.original.source.attachment_id:
                if not isinstance(reading, Description):
                    return _Known(None)
                return _Known(corrected(reading, conversation.corrections_of(item)))
        return _Known(None)
