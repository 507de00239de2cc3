"""Carries out what a model asks of the tools; each call is one step with a small result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.ai.offline.lookup import Lookup, passages_of
from services.ai.offline.passages import search, terms
from services.ai.prices import PriceTable
from services.ai.protocols import Looker, Picture, Tool, ToolCall, TranscriptionModel, VisionModel
from services.catalogue import Catalogue
from services.domain import (
    Correction,
    Description,
    Evidence,
    JobRequest,
    Kind,
    MediaItem,
    Note,
    Reading,
    StoredFile,
)
from services.errors import BotError, BudgetError, CreditError, MediaError, UserError
from services.media.crops import WHOLE, Box, tidy
from services.readings import clock
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.blobs import BlobRepository
from services.store.conversations import Conversation, ConversationRepository
from services.workflows import question_tools as tools
from services.workflows.media_again import MediaAgain
from services.workflows.paid import PaidCalls
from services.workflows.question_context import labelled, numbered

EVIDENCE_SECONDS = 2 * 24 * 3600.0
"""How long a picture that was looked at waits for its message."""
MOST_FOUND = 10
ALT_TEXT_LIMIT = 900
OWN_WORDS = 0.5
"""Of a correction's words, so many have to be the asker's: what stands in media corrects nothing."""

Arguments = TypeVar("Arguments", bound=BaseModel)
Moving = frozenset({Kind.VIDEO, Kind.ANIMATION})


@dataclass(frozen=True, slots=True)
class Brought:
    """What a call of a tool brought."""

    text: str
    """What the model is told."""
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    """What people are told beside the answer."""
    usd: float | None = 0.0
    unsure: bool | None = None
    """Of what was looked at: whether it could not be seen well; None when nothing was."""
    refine: str = ""


class QuestionWork:
    """Carries out tool calls for one conversation at a time.

    Args:
        looker: None where no model can look again.
        transcription: None where no model can listen.
        draws: Whether there is a way to have something drawn.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        catalogue: Catalogue,
        media: MediaAgain,
        looker: Looker | None,
        vision: VisionModel,
        transcription: TranscriptionModel | None,
        conversations: ConversationRepository,
        blobs: BlobRepository,
        prices: PriceTable,
        paid: PaidCalls,
        secrets: SecretBox,
        draws: bool,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._media = media
        self._looker = looker
        self._vision = vision
        self._transcription = transcription
        self._conversations = conversations
        self._blobs = blobs
        self._prices = prices
        self._paid = paid
        self._secrets = secrets
        self._draws = draws

    def offered(self, kinds: Sequence[Kind]) -> list[Tool]:
        """Return the tools that make sense for a conversation with items of these kinds."""
        offered = [tools.SEARCH, tools.CORRECT]
        if self._looker is not None and any(kind is not Kind.VOICE for kind in kinds):
            offered.append(tools.LOOK)
            if any(kind in Moving for kind in kinds):
                offered.append(tools.FRAMES)
            if len(kinds) > 1:
                offered.append(tools.COMPARE)
        if self._transcription is not None and any(kind in {Kind.VOICE, Kind.VIDEO} for kind in kinds):
            offered.append(tools.LISTEN)
        if self._draws and Kind.IMAGE in kinds:
            offered.append(tools.DRAW)
        return offered

    async def carry_out(
        self, request: JobRequest, conversation_id: int, items: Sequence[int], call: ToolCall, number: int
    ) -> Brought:
        """Carry out one call; what goes wrong with it is told to the model, and to people where it matters.

        Args:
            items: Attachment ids in the order of their numbers.
            number: Of the call, within its question.

        Raises:
            BudgetError, CreditError: Nothing more can be paid for.
        """
        conversation = await self._conversations.load(conversation_id)
        task = _Task(request, conversation_id, conversation, items, number)
        try:
            return await self._do(task, call)
        except (BudgetError, CreditError):
            raise
        except ValidationError as error:
            problems = "; ".join(each["msg"] for each in error.errors())
            return Brought(f"This call cannot be made: {problems}.")
        except BotError as error:
            usd = error.spend.usd if error.spend else 0.0
            sentence = self._catalogue.text(error.code, **error.params)
            notes: tuple[Note, ...] = ()
            if isinstance(error, MediaError):
                notes = (Note("note-source-gone"),)
            elif error.code == "item-not-visible":
                notes = (Note("item-not-visible"),)
            return Brought(f"That did not work: {sentence}", notes=notes, usd=usd)

    async def _do(self, task: _Task, call: ToolCall) -> Brought:
        kinds = [item.kind for item, _ in task.numbered.values()]
        allowed = {each.name for each in self.offered(kinds)}
        work: dict[str, Callable[[_Task, Any], Awaitable[Brought]]] = {
            tools.LOOK.name: self._look,
            tools.FRAMES.name: self._frames,
            tools.LISTEN.name: self._listen,
            tools.SEARCH.name: self._search,
            tools.COMPARE.name: self._compare,
            tools.CORRECT.name: self._correct,
            tools.DRAW.name: self._draw,
        }
        if call.name not in allowed:
            return Brought("There is no such tool here.")
        fields = tools.BY_NAME[call.name].arguments.model_validate_json(call.arguments)
        return await work[call.name](task, fields)

    async def _look(self, task: _Task, wanted: tools.LookFields) -> Brought:
        item, reading = task.item(wanted.item)
        if item.kind is Kind.VOICE:
            return Brought(f"Item {wanted.item} is a recording: there is nothing to be seen in it.")
        if item.kind in Moving and wanted.at is None:
            return Brought(f"Item {wanted.item} moves: say at which time, or use frames.")
        at = _within(wanted.at or 0.0, reading) if item.kind in Moving else 0.0
        box = tidy(_as_box(wanted.box))
        crop = await self._media.part(task.request, item, box, at)
        label = _label(wanted.item, at if item.kind in Moving else None, box)
        evidence = await self._keep(task, 0, crop.small, label)
        return await self._seen(task, [crop.picture], [label], wanted.question, (evidence,))

    async def _compare(self, task: _Task, wanted: tools.CompareFields) -> Brought:
        if len(set(wanted.items)) < 2:
            return Brought("Name two different items.")
        pictures: list[Picture] = []
        evidence: list[Evidence] = []
        labels: list[str] = []
        for place, number in enumerate(wanted.items):
            item, reading = task.item(number)
            if item.kind is Kind.VOICE:
                return Brought(f"Item {number} is a recording: there is nothing to be seen in it.")
            at = getattr(reading, "seconds", 0.0) / 2 if item.kind is Kind.VIDEO else 0.0
            crop = await self._media.part(task.request, item, WHOLE, at)
            labels.append(_label(number, at if item.kind in Moving else None, WHOLE))
            pictures.append(crop.picture)
            evidence.append(await self._keep(task, place, crop.small, labels[-1]))
        return await self._seen(task, pictures, labels, wanted.question, tuple(evidence))

    async def _frames(self, task: _Task, wanted: tools.FramesFields) -> Brought:
        item, reading = task.item(wanted.item)
        if item.kind not in Moving:
            return Brought(f"Item {wanted.item} does not move: use look.")
        start, end = _within(wanted.start, reading), _within(max(wanted.end, wanted.start), reading)
        gap = (end - start) / max(wanted.count - 1, 1)
        times = list(dict.fromkeys(round(start + gap * each, 2) for each in range(wanted.count)))
        frames = await self._media.frames(task.request, item, times)
        model = self._settings.models.vision.model
        reply = await self._paid.call(
            task.request,
            role="vision",
            model=model,
            estimate=self._estimate(model, task.request.text, frames),
            make=lambda: self._vision.describe_frames(
                frames,
                question=task.request.text,
                earlier="",
                language=task.request.locale,
                person=self._secrets.person_id(task.request.requester_id),
            ),
        )
        labels = [_label(wanted.item, frame.time, WHOLE) for frame in frames]
        evidence = [
            await self._keep(task, place, frame, label)
            for place, (frame, label) in enumerate(zip(frames, labels, strict=True))
        ]
        lines = [
            f"Item {wanted.item} [{clock(each.time)}] {each.text}"
            + (f" Written: {_on_one_line(each.visible_text)}" if each.visible_text else "")
            for each in reply.value
        ]
        return Brought("\n".join(lines), tuple(evidence), usd=reply.spend.usd, unsure=not lines)

    async def _listen(self, task: _Task, wanted: tools.ListenFields) -> Brought:
        item, reading = task.item(wanted.item)
        model = self._transcription
        if item.kind not in {Kind.VOICE, Kind.VIDEO} or model is None:
            return Brought(f"There is nothing to be heard in item {wanted.item}.")
        start, end = _within(wanted.start, reading), _within(max(wanted.end, wanted.start), reading)
        name = self._settings.models.transcription.model
        lines: list[str] = []
        usd: float | None = 0.0
        for stretch in await self._media.stretches(task.request, item, start, end):
            reply = await self._paid.call(
                task.request,
                role="transcription",
                model=name,
                estimate=self._prices.estimate_sound(name, seconds=stretch.end - stretch.start),
                make=lambda stretch=stretch: model.transcribe(
                    stretch.sound, context="", language=getattr(reading, "language", "")
                ),
            )
            usd = None if usd is None or reply.spend.usd is None else usd + reply.spend.usd
            times = f"{clock(stretch.start)} – {clock(stretch.end)}"
            lines.append(
                f"Item {wanted.item} [{times}] heard: {reply.value.text or 'nothing that can be made out'}"
            )
        return Brought("\n".join(lines) or f"Nothing is to be heard there in item {wanted.item}.", usd=usd)

    async def _search(self, task: _Task, wanted: tools.SearchFields) -> Brought:
        lookup = Lookup(task.request.locale)
        passages = [
            *passages_of(labelled(task.conversation, task.items)),
            *lookup.said(task.conversation.turns),
        ]
        found = search(wanted.words, passages, lookup.vocabulary, limit=MOST_FOUND)
        lines = [
            f"{each.source}{'' if each.time is None else f' [{clock(each.time)}]'}: {each.text}"
            for each in found
        ]
        return Brought("\n".join(lines) or "Nothing of that is in the readings or messages.")

    async def _correct(self, task: _Task, wanted: tools.CorrectFields) -> Brought:
        item, _ = task.item(wanted.item)
        vocabulary = Lookup(task.request.locale).vocabulary
        said = set(terms(task.request.text, vocabulary))
        words = terms(wanted.text, vocabulary)
        if not words or sum(each in said for each in words) < OWN_WORDS * len(words):
            return Brought("Only what the asker says in the request can correct a reading.")
        correction = Correction(wanted.text.strip(), task.request.requester_id)
        await self._conversations.correct(
            task.conversation_id,
            item.source.attachment_id,
            correction,
            made_by=f"{task.request.job_id}#{task.number}",
        )
        person = f"<@{task.request.requester_id}>"
        note = Note("note-corrected", {"number": str(wanted.item), "person": person, "text": correction.text})
        return Brought(f"Kept for item {wanted.item}, and shown: {correction.text}", notes=(note,))

    async def _draw(self, task: _Task, wanted: tools.DrawFields) -> Brought:
        item, _ = task.item(wanted.item)
        text = f"The asker gets a Refine button with which item {wanted.item} is drawn: {wanted.instruction}"
        return Brought(text, refine=str(item.source.attachment_id))

    async def _seen(
        self,
        task: _Task,
        pictures: Sequence[Picture],
        labels: Sequence[str],
        question: str,
        evidence: tuple[Evidence, ...],
    ) -> Brought:
        looker = self._looker
        assert looker is not None, "the tool is offered only where somebody can look"
        model = self._settings.models.vision.model
        reply = await self._paid.call(
            task.request,
            role="vision",
            model=model,
            estimate=self._estimate(model, question, pictures),
            make=lambda: looker.look(
                pictures,
                captions=labels,
                question=question,
                language=task.request.locale,
                person=self._secrets.person_id(task.request.requester_id),
            ),
        )
        seen = reply.value
        line = f"{' and '.join(labels)}: {seen.answer}"
        if seen.visible_text:
            line += f" Written there: {_on_one_line(seen.visible_text)}"
        if seen.unsure:
            line += "\nWho looked is not sure: it cannot be seen well enough."
        return Brought(line, evidence, usd=reply.spend.usd, unsure=seen.unsure)

    async def _keep(self, task: _Task, place: int, picture: Picture, label: str) -> Evidence:
        digest = await self._blobs.put(picture.data, seconds=EVIDENCE_SECONDS)
        suffix = "png" if picture.mime == "image/png" else "jpg"
        alt_text = self._catalogue.text("evidence-alt", label=label)[:ALT_TEXT_LIMIT]
        return Evidence(StoredFile(f"seen-{task.number}-{place}.{suffix}", digest, alt_text), label)

    def _estimate(self, model: str, text: str, pictures: Sequence[Picture]) -> float | None:
        return self._prices.estimate(
            model,
            characters=len(text),
            pictures=pictures,
            max_output_tokens=self._settings.limits.description_tokens,
        )


@dataclass(frozen=True, slots=True)
class _Task:
    request: JobRequest
    conversation_id: int
    conversation: Conversation
    items: Sequence[int]
    number: int

    @property
    def numbered(self) -> dict[int, tuple[MediaItem, Reading]]:
        return numbered(self.conversation, self.items)

    def item(self, number: int) -> tuple[MediaItem, Reading]:
        """Return an item of this conversation; there are no others.

        Raises:
            UserError: There is none of that number.
        """
        if (found := self.numbered.get(number)) is None:
            raise UserError("item-unknown", number=str(number), count=str(len(self.items)))
        return found


def _as_box(sides: Sequence[float] | None) -> Box:
    if sides is None:
        return WHOLE
    left, top, right, bottom = sides
    return left, top, right, bottom


def _within(seconds: float, reading: Reading) -> float:
    """Bring a time into what the item is long; a hair before its end, where there is still a frame."""
    if isinstance(reading, Description):
        return seconds
    return min(seconds, max(reading.seconds - 0.05, 0.0))


def _label(number: int, at: float | None, box: Box) -> str:
    label = f"Item {number}"
    if at is not None:
        label += f" at {clock(at)}"
    if box != WHOLE:
        left, top, right, bottom = (round(100 * side) for side in box)
        label += f", the part from {left} % to {right} % across and {top} % to {bottom} % down"
    return label


def _on_one_line(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())
