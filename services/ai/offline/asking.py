"""What a sentence asks for: a time, a place, a person, a price or a number; or nothing, because it tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from services.ai.offline.passages import Passage
from services.catalogue import Catalogue

Ask = Literal["when", "where", "who", "price", "number"]
ASKS: tuple[Ask, ...] = ("price", "number", "when", "where", "who")
REACH = 3
"""Lines between a hit and what tells more of it: a poster's date stands near its title."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PATTERNS: dict[Ask, re.Pattern[str]] = {
    "when": re.compile(r"\b\d{1,2}[:.h]\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}\b|\b(?:19|20)\d\d\b"),
    "price": re.compile(r"[$€£¥₹]\s?\d|\d\s?[$€£¥₹]|\b(?:USD|EUR|GBP|CHF)\b"),
    "number": re.compile(r"\d"),
    "where": re.compile(r"\b\d{5}\b"),
    "who": re.compile(r"@\w|\b[A-Z][\w'’-]+ [A-Z][\w'’-]+\b"),
}


class Asking:
    """Reads questions in one language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._asks = {ask: _phrases(catalogue.text(f"offline-asks-{ask}")) for ask in ASKS}
        self._tells = {ask: _phrases(catalogue.text(f"offline-tells-{ask}")) for ask in ASKS}
        self._openings = _phrases(catalogue.text("offline-asking-words"))
        self._requests = _phrases(catalogue.text("offline-asking-phrases"))
        self._verbs = _phrases(catalogue.text("offline-telling-words"))

    def of(self, question: str) -> Ask | None:
        """Return what kind of thing a question asks for; None when its words do not say."""
        text = _spaced(question)
        return next((ask for ask in ASKS if any(each in text for each in self._asks[ask])), None)

    def answers(self, ask: Ask, text: str) -> bool:
        """Tell whether a line may hold a thing of a kind, by its words and by how it is written."""
        return _PATTERNS[ask].search(text) is not None or any(
            each in _spaced(text) for each in self._tells[ask]
        )

    def is_statement(self, text: str) -> bool:
        """Tell whether somebody tells something: it has a verb that tells, and asks for nothing."""
        spaced = _spaced(text)
        if self.of(text) is not None or any(spaced.startswith(each) for each in self._openings):
            return False
        if any(each in spaced for each in self._requests):
            return False
        return any(each in spaced for each in self._verbs)


def near(hits: Sequence[Passage], passages: Sequence[Passage], fits: Callable[[str], bool]) -> list[Passage]:
    """Return the first hit with a fitting line in reach, and that line, as they stand; none without one.

    Below comes before above at the same distance: titles stand above what they are of.
    """
    for hit in hits:
        at = passages.index(hit)
        for distance in range(1, REACH + 1):
            for place in (at + distance, at - distance):
                if not 0 <= place < len(passages):
                    continue
                other = passages[place]
                if (other.source, other.kind) == (hit.source, hit.kind) and fits(other.text):
                    return [hit, other] if place > at else [other, hit]
    return []


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(f" {each.strip()} " for each in text.split("|"))


def _spaced(text: str) -> str:
    """Return a text's words in lower case, each between spaces: `who's` begins with `who` as well."""
    words = (each.lower().replace("’", "'").split("'")[0] for each in _WORD.findall(text))
    return f" {' '.join(words)} "
