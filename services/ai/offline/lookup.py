"""Answers questions by looking them up in readings and turns, quoting what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.ai.offline.passages import Passage, Vocabulary, search, sentences
from services.ai.protocols import LabelledReading
from services.catalogue import Catalogue
from services.domain import Turn

MOST_QUOTES = 3


class Lookup:
    """Looks things up in one language's words.

    Args:
        language: BCP 47 tag of the bot's words; the search itself works on any spaced script.
    """

    def __init__(self, language: str) -> None:
        self._catalogue = Catalogue.load(language)
        self.vocabulary = Vocabulary.parse(
            self._catalogue.text("offline-stop-words"), self._catalogue.text("offline-related-words")
        )

    def answer(self, question: str, readings: Sequence[LabelledReading], turns: Sequence[Turn]) -> str:
        """Return the best matches as quotes with their places, or say that there are none."""
        text = self._catalogue.text
        passages = [*_passages(readings), *self._said(turns)]
        found = search(question, passages, self.vocabulary, limit=MOST_QUOTES)
        if found:
            lines = [text("offline-answer", count=len(found)), *map(self._quoted, found)]
        else:
            lines = [text("offline-no-match")]
        return "\n".join([*lines, text("offline-answer-limits")])

    def _said(self, turns: Sequence[Turn]) -> Iterator[Passage]:
        """Yield what people said; the bot's own words are quotes already."""
        source = self._catalogue.text("offline-quote-person")
        for turn in turns:
            if turn.author == "person":
                yield from (Passage(each, source) for each in sentences(turn.text))

    def _quoted(self, passage: Passage) -> str:
        if passage.time is None:
            return self._catalogue.text("offline-quote", text=passage.text, source=passage.source)
        return self._catalogue.text(
            "offline-quote-at", text=passage.text, source=passage.source, time=clock(passage.time)
        )


def clock(seconds: float) -> str:
    """Write a time as people do: 1:05, or 1:02:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _passages(readings: Sequence[LabelledReading]) -> Iterator[Passage]:
    for each in readings:
        yield from (Passage(line, each.label) for line in sentences(each.reading.text))
        yield from (Passage(line, each.label) for line in sentences(each.reading.visible_text))
