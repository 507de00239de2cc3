"""Perceive opened recordings: what is said, what is seen, and what it comes down to."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services import failures
from services.catalogue import Catalogue
from services.domain import (
    Attachment,
    ItemOutcome,
    JobRequest,
    Kind,
    Note,
    StoredFile,
    Summary,
    Timeline,
    Transcript,
)
from services.engine import Engine
from services.readings import spoken_lines, timeline_lines
from services.settings import Settings
from services.workflows import summarize_video, transcribe_audio
from services.workflows.board import Board
from services.workflows.opening_media import Opened
from services.workflows.recordings import Recording
from services.workflows.summaries import Material, Summaries, SummedUp
from services.workflows.summarize_video import Seen, SummarizeVideo, WatchedBatch
from services.workflows.transcribe_audio import HeardPiece, Spoken, TranscribeAudio


@dataclass(frozen=True, slots=True)
class _Call:
    """One step: the part (a piece of sound, a batch of frames) of the recording of one attachment."""

    item: int
    part: int
    lane: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A contact sheet; None when it could not be made."""

    file: StoredFile | None


@dataclass(frozen=True, slots=True)
class _Perceived:
    spoken: Spoken
    seen: Seen
    sheet: StoredFile | None


class Perception:
    """Turns opened recordings into readings; each model call is a step."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Engine,
        catalogue: Catalogue,
        audio: TranscribeAudio,
        video: SummarizeVideo,
        summaries: Summaries,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._catalogue = catalogue
        self._audio = audio
        self._video = video
        self._summaries = summaries

    async def outcomes(
        self,
        request: JobRequest,
        attachments: Sequence[Attachment],
        opened: Sequence[Opened],
        board: Board,
        show: Callable[[str], None],
    ) -> list[ItemOutcome]:
        """Return the end of every attachment, in order.

        Args:
            show: Shows the board under the name of a phase.
        """
        recordings = {index: each.recording for index, each in enumerate(opened) if each.recording}
        perceived = await self._perceive(request, attachments, recordings, board, show)
        summed_up = await self._sum_up(request, recordings, perceived, board, show)
        outcomes: list[ItemOutcome] = []
        for index, each in enumerate(opened):
            outcome = each.outcome
            if outcome is None:
                outcome = self._outcome(recordings[index], perceived[index], summed_up.get(index))
                board.end(index, outcome)
            outcomes.append(outcome)
        return outcomes

    async def _perceive(
        self,
        request: JobRequest,
        attachments: Sequence[Attachment],
        recordings: dict[int, Recording],
        board: Board,
        show: Callable[[str], None],
    ) -> dict[int, _Perceived]:
        pieces = {index: TranscribeAudio.pieces(each) for index, each in recordings.items()}
        batches = {index: SummarizeVideo.batches(each) for index, each in recordings.items()}
        hear = _calls({index: len(each) for index, each in pieces.items()}, transcribe_audio.LANES)
        watch = _calls({index: len(each) for index, each in batches.items()}, summarize_video.LANES)
        sheets = [index for index, each in batches.items() if each]
        heard: dict[tuple[int, int], HeardPiece] = {}
        watched: dict[tuple[int, int], WatchedBatch] = {}
        phase = "watching" if watch else "listening"
        board.plan(len(hear) + len(watch))
        if recordings:
            show(phase)

        async def hear_one(call: _Call) -> HeardPiece:
            before = heard.get((call.item, call.part - 1), HeardPiece())
            index = pieces[call.item][call.part]
            recording = recordings[call.item]
            return await self._audio.hear(request, attachments[call.item], recording, index, before.text)

        async def watch_one(call: _Call) -> WatchedBatch:
            before = watched.get((call.item, call.part - 1), WatchedBatch())
            batch = batches[call.item][call.part]
            recording = recordings[call.item]
            return await self._video.watch(request, attachments[call.item], recording, batch, before.moments)

        async def lay_out(index: int) -> _Sheet:
            return await self._lay_out(request, attachments[index], recordings[index])

        def heard_one(number: int, piece: HeardPiece) -> None:
            heard[hear[number].item, hear[number].part] = piece
            board.spend(piece.usd)
            board.call_done()
            show(phase)

        def watched_one(number: int, batch: WatchedBatch) -> None:
            watched[watch[number].item, watch[number].part] = batch
            board.spend(batch.usd)
            board.call_done()
            show(phase)

        _, _, laid_out = await asyncio.gather(
            self._engine.fan_out(
                "hear",
                hear_one,
                hear,
                result_type=HeardPiece,
                on_result=heard_one,
                lanes=[(call.item, call.lane) for call in hear],
            ),
            self._engine.fan_out(
                "watch",
                watch_one,
                watch,
                result_type=WatchedBatch,
                on_result=watched_one,
                lanes=[(call.item, call.lane) for call in watch],
            ),
            self._engine.fan_out("sheet", lay_out, sheets, result_type=_Sheet, on_result=lambda _, __: None),
        )
        laid = {index: sheet.file for index, sheet in zip(sheets, laid_out, strict=True)}
        return {
            index: _Perceived(
                TranscribeAudio.assemble(each, [heard[index, part] for part in range(len(pieces[index]))]),
                SummarizeVideo.assemble(each, [watched[index, part] for part in range(len(batches[index]))]),
                laid.get(index),
            )
            for index, each in recordings.items()
        }

    async def _lay_out(self, request: JobRequest, attachment: Attachment, recording: Recording) -> _Sheet:
        assert recording.video is not None, "only videos have frames"
        alt_text = self._catalogue.text(
            "sheet-alt", name=attachment.filename, count=len(recording.video.frames)
        )
        try:
            return _Sheet(await self._video.keep_sheet(attachment, recording, alt_text))
        except Exception as error:  # the summary is worth posting without it
            failures.note(error, request.job_id)
            return _Sheet(None)

    async def _sum_up(
        self,
        request: JobRequest,
        recordings: dict[int, Recording],
        perceived: dict[int, _Perceived],
        board: Board,
        show: Callable[[str], None],
    ) -> dict[int, SummedUp]:
        wanted = [
            (index, material)
            for index, each in recordings.items()
            if (material := self._material(request, each, perceived[index])) is not None
        ]
        parts = [(index, self._summaries.parts(material)) for index, material in wanted]
        long = [(index, part) for index, split in parts if len(split) > 1 for part in split]
        board.plan(len(long) + len(wanted))
        if wanted:
            show("summing-up")

        def noted(_: int, summed_up: SummedUp) -> None:
            board.spend(summed_up.usd)
            board.call_done()
            show("summing-up")

        async def take_notes(part: tuple[int, Material]) -> SummedUp:
            return await self._summaries.sum_up(request, part[1], is_part=True)

        notes = await self._engine.fan_out("notes", take_notes, long, result_type=SummedUp, on_result=noted)
        taken: dict[int, list[SummedUp]] = {}
        for (index, _), note in zip(long, notes, strict=True):
            taken.setdefault(index, []).append(note)

        async def sum_up(one: tuple[int, Material]) -> SummedUp:
            index, material = one
            if index in taken:
                material = self._summaries.joined(material, taken[index])
            return await self._summaries.sum_up(request, material)

        results = await self._engine.fan_out("summarize", sum_up, wanted, result_type=SummedUp, on_result=noted)
        return {index: result for (index, _), result in zip(wanted, results, strict=True)}

    def _material(self, request: JobRequest, recording: Recording, perceived: _Perceived) -> Material | None:
        """Return what is to be summed up; None for what is short or empty."""
        segments, moments = perceived.spoken.segments, perceived.seen.moments
        if moments:
            return Material("video", timeline_lines(moments, segments))
        asked = bool(request.text) or request.options.task == "summarize"
        is_long = recording.seconds > self._settings.limits.summary_from_seconds
        if segments and (asked or is_long):
            return Material("recording", spoken_lines(segments))
        return None

    @staticmethod
    def _outcome(recording: Recording, perceived: _Perceived, summed_up: SummedUp | None) -> ItemOutcome:
        """Return the end of a recording; pure."""
        item, spoken, seen = recording.item, perceived.spoken, perceived.seen
        outcome = ItemOutcome(filename=item.filename, spoiler=item.spoiler, item=item)
        if not spoken.segments and not seen.moments:
            failure = spoken.failure or seen.failure
            if failure is not None:
                return replace(outcome, item=None, failure=failure)
        notes: tuple[Note, ...] = (*recording.notes, *spoken.notes, *seen.notes)
        if spoken.failure is not None:
            notes = (*notes, Note("note-sound-unread"))
        if seen.failure is not None:
            notes = (*notes, Note("note-frames-unread"))
        summary = summed_up.summary if summed_up else None
        if summed_up is not None and summary is None:
            notes = (*notes, Note("note-no-summary"))
        language = spoken.language or (summary.language if summary else "")
        if item.kind is Kind.VIDEO and (seen.moments or recording.video is not None):
            return replace(
                outcome,
                reading=Timeline(
                    seconds=recording.seconds,
                    moments=seen.moments,
                    segments=spoken.segments,
                    language=language,
                    summary=summary or Summary(title=item.filename, text=""),
                    notes=notes,
                ),
                files=(perceived.sheet,) if perceived.sheet else (),
            )
        return replace(
            outcome,
            reading=Transcript(recording.seconds, spoken.segments, language, summary, notes),
        )


def _calls(counts: dict[int, int], lanes: int) -> list[_Call]:
    """Return the calls of all recordings; each recording's are dealt out to lanes in runs."""
    calls: list[_Call] = []
    for item, count in counts.items():
        run = max(math.ceil(count / lanes), 1)
        calls += [_Call(item, part, part // run) for part in range(count)]
    return calls
