"""From the texts of pieces of sound to segments with times; pure.

Transcription models of today return no times. A piece's start is exact; the times of its sentences are
interpolated by their length.
"""

from __future__ import annotations

import re

from services.domain import Segment

MAX_REPEATED_WORDS = 12
"""Half a second of overlap holds a few words; models repeat some more to begin with a whole clause."""
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|(?<=[。！？])")
_NOT_A_LETTER = re.compile(r"[^\w]+")


def segments_of(text: str, start: float, end: float) -> tuple[Segment, ...]:
    """Return the sentences of a piece, spread over its time by their length."""
    sentences = [each.strip() for each in _SENTENCE_END.split(text) if each and each.strip()]
    if not sentences:
        return ()
    whole = sum(map(len, sentences))
    segments: list[Segment] = []
    at = start
    for sentence in sentences:
        until = at + (end - start) * len(sentence) / whole
        segments.append(Segment(round(at, 2), round(until, 2), sentence))
        at = until
    return tuple(segments)


def without_repeated(before: str, text: str) -> str:
    """Return a piece's text without the words that it shares with the end of the piece before.

    Only for pieces that overlap: elsewhere people do say a word twice.
    """
    words = text.split()
    earlier = [_bare(word) for word in before.split()]
    for count in range(min(len(words), len(earlier), MAX_REPEATED_WORDS), 0, -1):
        if earlier[-count:] == [_bare(word) for word in words[:count]]:
            return " ".join(words[count:])
    return text


def _bare(word: str) -> str:
    return _NOT_A_LETTER.sub("", word).casefold()
