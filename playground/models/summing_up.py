"""What a summary's fields are filled with: sentences of the data blocks that were really sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from playground.models import material
from playground.models.languages import language_of
from playground.models.material import Sentence
from playground.models.schema_filling import Facts

MOST_CHAPTERS = 6
MOST_POINTS = 5
POINT_CHARACTERS = 700
CHAPTER_CHARACTERS = 300
_DECIDED = re.compile(r"\b(?:decided|agreed|decision)\b", re.IGNORECASE)
_TO_DO = re.compile(r"\b(?:will|must|to[ -]?do|needs? to|has to|have to)\b", re.IGNORECASE)
_DUE = re.compile(r"\b(?:by|until|before|on) ((?:next )?[A-Z]\w+|tomorrow|tonight|\d{4}-\d\d-\d\d)")


def texts_of(sentences: Sequence[Sentence]) -> dict[str, str]:
    """Return the texts of a summary: `title`, `text`, `summary`, `language`."""
    if not sentences:
        return {}
    quoted = material.telling(sentences)
    [first, *_] = material.telling(sentences, 120) or quoted
    text = " ".join(each.text for each in quoted)
    return {
        "title": material.shortened(first.text, 8),
        "text": text,
        "summary": text,
        "language": language_of(" ".join(each.text for each in sentences)) or "en",
    }


def lists_of(sentences: Sequence[Sentence]) -> dict[str, list[Facts]]:
    """Return the lists of a summary: key points, decisions, todos, open questions, people and chapters."""
    questions = [each for each in sentences if each.text.endswith("?")]
    said = [each for each in sentences if not each.text.endswith("?")]
    found: Mapping[str, Sequence[Sentence]] = {
        "key_points": material.telling(said, POINT_CHARACTERS)[:MOST_POINTS],
        "decisions": [each for each in said if _DECIDED.search(each.text)],
        "todos": [each for each in said if _TO_DO.search(each.text)],
        "open_questions": questions,
        "people": [Sentence(name, None) for name in material.people_in(sentences)],
    }
    lists = {name: [_facts(each) for each in _once(chosen)] for name, chosen in found.items()}
    # Which sentence was spoken and which was written does not follow from the words.
    lists |= {"only_heard": [], "only_seen": []}
    return {**lists, "chapters": _chapters([each for each in sentences if each.time is not None])}


def _once(sentences: Sequence[Sentence]) -> list[Sentence]:
    return list({each.text: each for each in sentences}.values())


def _facts(sentence: Sentence, end: float | None = None, *, title: str = "", text: str = "") -> Facts:
    due = _DUE.search(sentence.text)
    start = sentence.time or 0.0
    owner = material.actor_of(sentence.text)
    return Facts(
        text or sentence.text,
        {
            "title": title or material.shortened(sentence.text, 6),
            "name": sentence.text,
            "summary": text or sentence.text,
            "owner": owner,
            "due": due[1] if due else "",
            "time_seconds": "" if sentence.time is None else material.clock(sentence.time),
            "end_seconds": "" if end is None else material.clock(end),
        },
        {"time_seconds": start, "end_seconds": start if end is None else end},
        {},
    )


def _chapters(timed: Sequence[Sentence]) -> list[Facts]:
    """Return chapters that begin at times of the material, spread over all of it."""
    times = sorted({each.time for each in timed if each.time is not None})
    count = min(MOST_CHAPTERS, len(times))
    starts = [times[index * len(times) // count] for index in range(count)]
    chapters: list[Facts] = []
    for start, end in zip_longest(starts, starts[1:]):
        inside = [
            each
            for each in timed
            if each.time is not None and each.time >= start and (end is None or each.time < end)
        ]
        quoted = material.telling(inside, CHAPTER_CHARACTERS) or inside[:1]
        text = " ".join(each.text for each in quoted)
        last = end if end is not None else times[-1]
        chapters.append(_facts(inside[0], last, title=material.shortened(quoted[0].text, 6), text=text))
    return chapters
