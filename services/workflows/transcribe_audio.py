"""Write down what is said in a recording: a model call for each piece of sound, then one transcript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services import failures
from services.ai.prices import PriceTable
from services.ai.protocols import TranscriptionModel
from services.domain import Attachment, Failure, JobRequest, Note, Segment
from services.errors import BotError, MediaError
from services.readings import clock
from services.settings import Settings
from services.stitching import segments_of, without_repeated
from services.workflows.paid import PaidCalls
from services.workflows.recordings import Recording, Recordings

LANES = 8
"""Pieces are written down in so many runs at once; within a run each piece knows how the last one ended."""
CONTEXT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """What one call has written down, or why not."""

    text: str = ""
    language: str = ""
    usd: float | None = 0.0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Everything that is said in a recording."""

    segments: tuple[Segment, ...]
    language: str
    notes: tuple[Note, ...]
    failure: Failure | None
    """Set when no piece at all could be written down."""


class TranscribeAudio:
    """Writes recordings down."""

    def __init__(
        self,
        *,
        settings: Settings,
        recordings: Recordings,
        transcription: TranscriptionModel | None,
        prices: PriceTable,
        paid: PaidCalls,
    ) -> None:
        self._settings = settings
        self._recordings = recordings
        self._transcription = transcription
        self._prices = prices
        self._paid = paid

    @staticmethod
    def pieces(recording: Recording) -> list[int]:
        """Return the indices of the pieces in which there is something to be heard."""
        if recording.sound is None:
            return []
        end = float("inf") if recording.end is None else recording.end
        return [
            piece.index
            for piece in recording.sound.pieces
            if piece.speech and piece.end > recording.start and piece.start < end
        ]

    async def hear(
        self, request: JobRequest, attachment: Attachment, recording: Recording, index: int, context: str
    ) -> HeardPiece:
        """Write one piece down; its failure leaves the others alone.

        Args:
            context: The end of what the piece before says; empty when that is not known.
        """
        transcription = self._transcription
        if transcription is None:
            return HeardPiece(failure=failures.note(MediaError("no-transcription-model"), request.job_id))
        try:
            sound = await self._recordings.piece(attachment, recording, index)
            model = self._settings.models.transcription.model
            reply = await self._paid.call(
                request,
                role="transcription",
                model=model,
                estimate=self._prices.estimate_sound(model, seconds=sound.seconds),
                make=lambda: transcription.transcribe(
                    sound, context=context[-CONTEXT_CHARACTERS:], language=""
                ),
            )
        except Exception as error:  # what the other pieces say is worth having
            usd = error.spend.usd if isinstance(error, BotError) and error.spend else 0.0
            return HeardPiece(usd=usd, failure=failures.note(error, request.job_id))
        return HeardPiece(reply.value.text, reply.value.language, reply.spend.usd)

    @staticmethod
    def assemble(recording: Recording, heard: Sequence[HeardPiece]) -> Spoken:
        """Put the pieces' texts together on the recording's clock; pure.

        Args:
            heard: In the order of `pieces(recording)`.
        """
        if recording.sound is None:
            return Spoken((), "", (), None)
        segments: list[Segment] = []
        failed: list[HeardPiece] = []
        missing: list[str] = []
        before = ""
        for index, words in zip(TranscribeAudio.pieces(recording), heard, strict=True):
            piece = recording.sound.pieces[index]
            if words.failure is not None:
                failed.append(words)
                missing.append(clock(piece.start))
                before = ""
                continue
            text = without_repeated(before, words.text) if piece.overlap else words.text
            segments += segments_of(text, piece.start, piece.end)
            before = words.text
        if failed and len(failed) == len(heard):
            return Spoken((), "", (), failed[0].failure)
        notes = ()
        if failed:
            notes = (Note("note-pieces-failed", {"count": str(len(failed)), "times": ", ".join(missing)}),)
        return Spoken(tuple(segments), _language(heard), notes, None)


def _language(heard: Sequence[HeardPiece]) -> str:
    """Return the language that most of the text is in."""
    lengths: Counter[str] = Counter()
    for each in heard:
        if each.language:
            lengths[each.language] += len(each.text)
    return lengths.most_common(1)[0][0] if lengths else ""
