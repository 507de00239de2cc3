"""Answers questions by looking them up in passages, quoting what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.ai.offline.asking import Asking, near
from services.ai.offline.passages import Passage, Vocabulary, search, sentences, stems, terms
from services.ai.protocols import LabelledReading
from services.catalogue import Catalogue
from services.domain import Description, Timeline, Transcript, Turn
from services.readings import clock

MOST_QUOTES = 3
MOST_LINES = 6
"""Of what is written in pictures, when somebody asks for just that."""
QUESTION_MARKS = "?？؟"


class Lookup:
    """Looks things up, and says so in one language's words.

    Args:
        language: BCP 47 tag; the search itself works in any language whose words stand apart.
    """

    def __init__(self, language: str) -> None:
        self._catalogue = Catalogue.load(language)
        self.vocabulary = Vocabulary.parse(
            self._catalogue.text("offline-stop-words"), self._catalogue.text("offline-related-words")
        )
        self._asking = Asking(self._catalogue)
        self._writing = frozenset(stems(self._catalogue.text("offline-writing-words")))

    def answer(self, question: str, passages: Sequence[Passage]) -> str:
        """Return the best matches as quotes with their places, or that there are none; and what it cannot.

        What tells something instead of asking is noted: it can be found from then on.
        """
        if not any(mark in question for mark in QUESTION_MARKS) and self._asking.is_statement(question):
            return self._catalogue.text("offline-noted")
        return f"{self._matches(question, passages)}\n{self._catalogue.text('offline-answer-limits')}"

    def _matches(self, question: str, passages: Sequence[Passage]) -> str:
        text = self._catalogue.text
        found = search(question, passages, self.vocabulary, limit=MOST_QUOTES)
        written = [each for each in passages if each.kind == "written"]
        # "What is written there?" fits "I read 3 lines of text" best, and wants the lines.
        if written and self._asks_for_writing(question) and (not found or found[0].kind == "measured"):
            found = written[:MOST_LINES]
        found = self._steered(question, found, passages)
        if found:
            lines = [text("offline-answer", count=len(found)), *map(self._quoted, found)]
        elif terms(question, self.vocabulary):
            lines = [text("offline-no-match")]
        else:
            lines = [text("offline-no-question")]
        return "\n".join(lines)

    def remark(self, caption: str, passages: Sequence[Passage]) -> str:
        """Answer what was written beside a post, unless it asks nothing and fits nothing ("my new boat!").

        What small models cannot do stands below, in the reading that this is a part of.
        """
        asks = any(mark in caption for mark in QUESTION_MARKS)
        if asks or search(caption, passages, self.vocabulary, limit=1):
            return self._matches(caption, passages)
        return ""

    def _steered(
        self, question: str, found: Sequence[Passage], passages: Sequence[Passage]
    ) -> Sequence[Passage]:
        """Prefer what tells what the question word asks for, in a hit or beside one: "when" wants a time."""
        if (ask := self._asking.of(question)) is None:
            return found

        def fits(text: str) -> bool:
            return self._asking.answers(ask, text)

        if found:
            fitting = [each for each in found if fits(each.text)]
            return fitting or near(found, passages, fits) or found
        # "When is it?" has no other word to look for; names and places are too easily seen where none is.
        if ask in {"when", "price"} and not terms(question, self.vocabulary):
            return [each for each in passages if each.kind != "measured" and fits(each.text)][:MOST_QUOTES]
        return found

    def _asks_for_writing(self, question: str) -> bool:
        # "say" means nothing in a search, and all here.
        return not self._writing.isdisjoint(stems(question))

    def said(self, turns: Sequence[Turn]) -> Iterator[Passage]:
        """Yield what people said; the bot's own words are quotes already, and a question is no answer."""
        source = self._catalogue.text("offline-quote-person")
        for turn in turns:
            if turn.author == "person":
                told = (each for each in sentences(turn.text) if not each.endswith(tuple(QUESTION_MARKS)))
                yield from (Passage(each, source) for each in told)

    def _quoted(self, passage: Passage) -> str:
        if not passage.source:
            return self._catalogue.text("offline-quote-plain", text=passage.text)
        if passage.time is None:
            return self._catalogue.text("offline-quote", text=passage.text, source=passage.source)
        return self._catalogue.text(
            "offline-quote-at", text=passage.text, source=passage.source, time=clock(passage.time)
        )


def passages_of(readings: Sequence[LabelledReading]) -> list[Passage]:
    """Return the sentences of readings, each with its label and, where there is a clock, its time."""
    found: list[Passage] = []
    for each in readings:
        found += [Passage(line, each.label) for right in each.corrections for line in sentences(right.text)]
        match each.reading:
            case Description(text=text, visible_text=visible_text):
                found += [Passage(line, each.label, kind="measured") for line in sentences(text)]
                found += [Passage(line, each.label, kind="written") for line in sentences(visible_text)]
            case Transcript(segments=segments):
                found += timed_sentences([(part.start, part.text) for part in segments], each.label)
            case Timeline(segments=segments, moments=moments):
                found += timed_sentences([(part.start, part.text) for part in segments], each.label)
                for moment in moments:
                    shown = moment.visible_text
                    found += [
                        Passage(line, each.label, moment.time, "measured") for line in sentences(moment.text)
                    ]
                    found += [Passage(line, each.label, moment.time, "written") for line in sentences(shown)]
    return list({(each.text.casefold(), each.source): each for each in reversed(found)}.values())[::-1]


def timed_sentences(pieces: Sequence[tuple[float | None, str]], source: str) -> list[Passage]:
    """Return the sentences of speech that was cut into pieces, each with the time of the piece it begins in."""
    found: list[Passage] = []
    open_text, open_time = "", None
    for time, text in pieces:
        *whole, rest = sentences(f"{open_text} {text}") or [""]
        for sentence in whole:
            found.append(Passage(sentence, source, open_time if open_text else time))
            open_text = ""
        if not open_text:
            open_time = time
        open_text = rest
    return [*found, Passage(open_text, source, open_time)] if open_text else found
