"""The material of a prompt, sentence by sentence: what is said in it, when, and what matters most in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

QUOTED_CHARACTERS = 1500
"""About how much of long material a summary quotes."""
PARTS = 12
"""Long material is quoted from each of so many parts, so that none is left out."""
_CLOCK = r"(?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,3}):(?P<seconds>\d{2}(?:\.\d+)?)"
_PLAIN = r"(?P<plain>\d+(?:\.\d+)?) ?(?:s|sec|seconds)\b"
_TIME = re.compile(rf"{_CLOCK}|{_PLAIN}")
_LEADING = re.compile(
    rf"^(?:[-*#>~≈(\[\s]|[Aa]t |[Ff]rom |about )*(?:{_CLOCK}|{_PLAIN})"
    r"(?:\s*(?:-|–|to)\s*~?\d[\d:.]*(?: ?s\b)?)?[\s)\]:,.–-]*"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])")
_WORD = re.compile(r"[^\W_]{3,}")
_PAIR = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z]\w+ [A-Z]\w+\b")
_ACTOR = re.compile(
    r"\b([A-Z][a-z]+(?: [A-Z][a-z]+)?) (?:will|must|said|says|asked|decided|agreed|needs to|has to)\b"
)
_NOBODY = frozenset(
    re.findall(r"\w+", "We They He She It You This That There Who What Everybody Everyone Nobody One")
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the material."""

    text: str
    time: float | None
    """Seconds, where the material says when."""


def time_in(text: str) -> float | None:
    """Return the first time in a text, in seconds: `1:23`, `1:02:03` or `83.5 seconds`."""
    found = _TIME.search(text)
    return _seconds(found) if found else None


def clock(seconds: float) -> str:
    """Return a time as people write it, e.g. `1:23`."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def sentences_in(blocks: Sequence[str]) -> list[Sentence]:
    """Return the sentences of data blocks in order; a time at a line's start holds until the next one."""
    found: list[Sentence] = []
    for block in blocks:
        time: float | None = None
        for line in block.splitlines():
            lead = _LEADING.match(line)
            time = _seconds(lead) if lead else time
            rest = line[lead.end() :] if lead else line
            found += [Sentence(each.strip(), time) for each in _SENTENCE.split(rest) if _WORD.search(each)]
    return found


def telling(sentences: Sequence[Sentence], characters: int = QUOTED_CHARACTERS) -> list[Sentence]:
    """Return the most telling sentences, in order, spread over the whole, of about so many characters."""
    unique = list({each.text: each for each in sentences}.values())
    if sum(len(each.text) for each in unique) <= characters:
        return unique
    weights = _weights(unique)
    ranks = sorted(range(len(unique)), key=lambda index: (-weights[index], index))
    parts: list[list[int]] = [[] for _ in range(PARTS)]
    for index in ranks:
        parts[index * PARTS // len(unique)].append(index)
    chosen: list[int] = []
    left = characters
    # The best of each part, then the second best of each, and so on.
    for level in range(max(map(len, parts))):
        for part in parts:
            if level < len(part) and len(unique[part[level]].text) <= left:
                chosen.append(part[level])
                left -= len(unique[part[level]].text)
    return [unique[index] for index in sorted(chosen)]


def people_in(sentences: Sequence[Sentence]) -> list[str]:
    """Return names of persons: two capitalised words in a sentence, or who will, must, said or decided."""
    names = [name for each in sentences for name in _PAIR.findall(each.text)]
    names += [name for each in sentences for name in _ACTOR.findall(each.text) if name not in _NOBODY]
    return list(dict.fromkeys(names))


def actor_of(text: str) -> str:
    """Return who will, must or decided something; empty where nobody is named."""
    found = _ACTOR.search(text)
    return found[1] if found and found[1] not in _NOBODY else ""


def shortened(text: str, words: int) -> str:
    """Return the first words of a text."""
    return " ".join(text.split()[:words]).rstrip(".,;:!?")


def _weights(sentences: Sequence[Sentence]) -> list[float]:
    """Return how telling each sentence is: numbers, names and words that are rare in the material."""
    words = [[word.lower() for word in _WORD.findall(each.text)] for each in sentences]
    often = Counter(word for each in words for word in set(each))
    weights: list[float] = []
    for sentence, each in zip(sentences, words, strict=True):
        rare = sum(1 / often[word] for word in set(each))
        numbers = len(re.findall(r"\d+", sentence.text))
        names = len(re.findall(r"(?<=\s)[A-Z]\w+", sentence.text))
        weights.append((rare + 2 * numbers + names) / (len(each) + 4))
    return weights


def _seconds(found: re.Match[str]) -> float:
    if found["plain"] is not None:
        return float(found["plain"])
    return int(found["hours"] or 0) * 3600 + int(found["minutes"]) * 60 + float(found["seconds"])
