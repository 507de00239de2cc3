"""Which language a text is in, told by its commonest words."""

from __future__ import annotations

import re

_COMMON = {
    "en": "a again all an and are at be but can do ever for from had has have he her his how i if in is it"
    " me my no not of on one our she so that the they this to was we were what will with you your",
    "de": "aber als auch auf das dem den der des die du ein eine er es für hat ich im in ist mein mit nicht"
    " noch sich sie sind so und von war was wie wir zu",
    "fr": "au avec ce ces dans de des du elle en est et il je la le les ma mais mon ne nous on pas pour que"
    " qui sont sur un une vous",
    "es": "al como con de del el en es esta está la las lo los me mi muy no para pero por que se son su un"
    " una y yo",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")
LEAST_SHARE = 0.15
"""Less than this share of common words tells nothing."""


def language_of(text: str) -> str | None:
    """Return the ISO-639-1 code of a text's language; None when it cannot be told reliably."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return None
    shares = {
        language: sum(word in common for word in words) / len(words) for language, common in _WORDS.items()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= LEAST_SHARE else None
