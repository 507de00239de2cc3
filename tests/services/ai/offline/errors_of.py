"""Error rates as the field counts them: edits divided by the length of what is right."""

from __future__ import annotations

import re
from collections.abc import Sequence


def edits(right: Sequence[str], said: Sequence[str]) -> int:
    """Return the least number of insertions, deletions and replacements between two sequences."""
    row = list(range(len(said) + 1))
    for count, wanted in enumerate(right, 1):
        diagonal, row[0] = row[0], count
        for place, given in enumerate(said, 1):
            diagonal, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, diagonal + (wanted != given)),
            )
    return row[-1]


def words(text: str) -> list[str]:
    """Return words without case and punctuation."""
    return re.findall(r"[a-z']+", text.lower())
