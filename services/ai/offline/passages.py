"""Search and key sentences over passages of text: BM25 and TextRank, deterministic, no model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

Kind = Literal["told", "written", "measured"]
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])(?<!\b\d\.)(?<!\b\d\d\.)\s+|\n+")
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "e", "y")
LEAST_STEM = 3
TERM_SATURATION = 1.5
LENGTH_WEIGHT = 0.6
"""BM25's k1 and b; passages are sentences, so their lengths differ little."""
DAMPING = 0.85
ROUNDS = 50
SETTLED = 1e-6


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence and where it stands."""

    text: str
    source: str
    """The label of the media item it is of, or who said it."""
    time: float | None = None
    """Seconds from the start of that item."""
    kind: Kind = "told"
    """Whether somebody told it, it is written in a picture, or it was measured in one."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a language's words tell: those that mean nothing alone, and those that mean much the same."""

    stop_words: AbstractSet[str]
    related: Mapping[str, AbstractSet[str]]
    """Stems by the stem that a question may use for them."""

    @classmethod
    def parse(cls, stop_words: str, related: str) -> Vocabulary:
        """Read the catalogue's lists: words apart by spaces; groups of related words apart by `|`."""
        groups = [frozenset(map(stem, group.split())) for group in related.split("|")]
        return cls(
            frozenset(stop_words.split()), {each: group for group in groups for each in group if len(group) > 1}
        )


def stem(word: str) -> str:
    """Cut a word's ending, so that `rotates` meets `rotate`; crude on purpose, and the same for both sides."""
    word = word.lower().replace("’", "'").split("'")[0]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            return word[: -len(ending)]
    return word


def sentences(text: str) -> list[str]:
    """Split a text at the ends of its sentences and lines."""
    return [each for part in _SENTENCE_END.split(text) if (each := part.strip())]


def stems(text: str) -> list[str]:
    """Return the stems of all words."""
    return [stem(each) for each in _WORD.findall(text)]


def terms(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the stems of the words that mean something."""
    words = (each.lower() for each in _WORD.findall(text))
    return [stem(word) for word in words if word not in vocabulary.stop_words]


def search(question: str, passages: Sequence[Passage], vocabulary: Vocabulary, *, limit: int) -> list[Passage]:
    """Return the passages that fit a question best, best first; none when no word fits."""
    wanted = dict.fromkeys(terms(question, vocabulary))
    index = [Counter(terms(each.text, vocabulary)) for each in passages]
    if not wanted or not index:
        return []
    mean_length = sum(each.total() for each in index) / len(index) or 1.0
    scores = [0.0] * len(index)
    for term in wanted:
        alike = vocabulary.related.get(term, frozenset()) | {term}
        counts = [sum(each[other] for other in alike) for each in index]
        found = sum(count > 0 for count in counts)
        rarity = math.log(1 + (len(index) - found + 0.5) / (found + 0.5))
        for place, count in enumerate(counts):
            share = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * index[place].total() / mean_length
            scores[place] += rarity * count * (TERM_SATURATION + 1) / (count + TERM_SATURATION * share)
    best = max(scores)
    # What fits less than half as well as the best is mostly one common word.
    order = sorted(
        (place for place in range(len(index)) if scores[place] > best / 2), key=lambda at: -scores[at]
    )
    return [passages[place] for place in order[:limit]]


def key_sentences(passages: Sequence[Passage], vocabulary: Vocabulary, *, limit: int) -> list[Passage]:
    """Return the passages that share the most with the others (TextRank), in the order they stand in."""
    if len(passages) <= limit:
        return list(passages)
    weights = _similarities([set(terms(each.text, vocabulary)) for each in passages])
    totals = [sum(row) for row in weights]
    ranks = [1.0] * len(passages)
    for _ in range(ROUNDS):
        following = [
            1
            - DAMPING
            + DAMPING * sum(ranks[other] * weight / totals[other] for other, weight in enumerate(row) if weight)
            for row in weights
        ]
        is_settled = max(abs(old - new) for old, new in zip(ranks, following, strict=True)) < SETTLED
        ranks = following
        if is_settled:
            break
    # Rounded, so that equals stay in order whatever the last bits are.
    best = sorted(range(len(passages)), key=lambda place: (-round(ranks[place], 6), place))[:limit]
    return [passages[place] for place in sorted(best)]


def _similarities(words: Sequence[AbstractSet[str]]) -> list[list[float]]:
    """Return how much each two passages share, by their words' number; 0 with itself."""
    return [
        [
            0.0 if here == there or not (shared := len(one & other)) else shared / _norm(one, other)
            for there, other in enumerate(words)
        ]
        for here, one in enumerate(words)
    ]


def _norm(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    return math.log(1 + len(one)) + math.log(1 + len(other))
