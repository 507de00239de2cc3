"""How many words or characters of a text were got wrong (Levenshtein distance)."""

from __future__ import annotations

import re
from collections.abc import Sequence


def words(text: str) -> list[str]:
    """Return the words of a text, without case and punctuation."""
    return re.findall(r"[\w']+", text.lower())


def errors(expected: Sequence[str], got: Sequence[str]) -> int:
    """Return how many insertions, deletions and replacements make one out of the other."""
    row = list(range(len(got) + 1))
    for index, wanted in enumerate(expected, 1):
        diagonal, row[0] = row[0], index
        for column, found in enumerate(got, 1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (wanted != found)),
            )
    return row[-1]
