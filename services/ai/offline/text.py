"""Text without a model server: search and key sentences; quotes, and no word of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from services.ai.offline.lookup import Lookup, passages_of, timed_sentences
from services.ai.offline.passages import Passage, key_sentences, sentences
from services.ai.protocols import LabelledReading, Reply, SummaryKind
from services.catalogue import Catalogue
from services.domain import Length, Spend, Summary, Turn
from services.readings import clock
from services.settings import LOCAL_MODELS

MODEL = LOCAL_MODELS["text"]
KEY_SENTENCES: dict[Length, int] = {"short": 3, "normal": 5, "long": 10}
LEAST_CHARACTERS = 15
"""Shorter sentences ("Yes.") are not key to anything."""
MOST_SENTENCES = 1_500
"""Beyond that, comparing each with each takes seconds."""
_LINE = re.compile(r"\[(?:(\d+):)?(\d+):(\d\d)\] (?:(seen|heard): )?(.*)")
_WRITTEN = " Written: "


class OfflineText:
    """Implements `TextModel`."""

    async def answer(
        self,
        question: str,
        *,
        readings: Sequence[LabelledReading],
        turns: Sequence[Turn],
        language: str,
        person: str,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply[str]:
        """Quote what fits a question best, with its place; say plainly when nothing does."""
        del person  # Nothing leaves this machine.
        lookup = Lookup(language)
        text = lookup.answer(question, [*passages_of(readings), *lookup.said(turns)])
        if on_text is not None:
            on_text(text)
        return Reply(text, _spend())

    async def summarize(
        self,
        material: str,
        *,
        kind: SummaryKind,
        question: str,
        length: Length,
        language: str,
        person: str,
    ) -> Reply[Summary]:
        """Choose the sentences that share the most with the others; what would need a writer stays empty."""
        del person
        lookup, catalogue = Lookup(language), Catalogue.load(language)
        passages = _passages(material)
        candidates = [each for each in passages if len(each.text) >= LEAST_CHARACTERS][:MOST_SENTENCES]
        chosen = key_sentences(candidates, lookup.vocabulary, limit=KEY_SENTENCES[length])
        counted = {"count": len(chosen), "total": len(passages)}
        summary = Summary(
            title=catalogue.text("offline-summary-title", kind=kind),
            text=catalogue.text("offline-summary-text", **counted)
            if chosen
            else catalogue.text("offline-summary-nothing"),
            key_points=tuple(_point(catalogue, each) for each in chosen),
            answer=lookup.remark(question, passages) if question.strip() else "",
        )
        return Reply(summary, _spend())


def _passages(material: str) -> list[Passage]:
    """Return the sentences of a summary's material: what was heard, written and said, not what was measured."""
    heard: list[tuple[float | None, str]] = []
    written: list[Passage] = []
    for line in material.splitlines():
        if (timed := _LINE.fullmatch(line)) is None:
            written += [Passage(each, "") for each in sentences(line)]
            continue
        hours, minutes, seconds, way, text = timed.groups()
        time = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        if way == "seen":
            _, _, shown = text.partition(_WRITTEN)
            written += [Passage(each, "", time) for each in shown.split(" / ") if each]
        else:
            heard.append((time, text))
    distinct = {each.text.casefold(): each for each in reversed([*timed_sentences(heard, ""), *written])}
    return list(distinct.values())[::-1]


def _point(catalogue: Catalogue, passage: Passage) -> str:
    if passage.time is None:
        return passage.text
    return catalogue.text("offline-key-sentence-at", time=clock(passage.time), text=passage.text)


def _spend() -> Spend:
    return Spend("text", MODEL, 0, 0, 0, 0.0)
