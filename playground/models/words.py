"""The words of a text that tell what it is about."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w{3,}")
_COMMON = frozenset(
    _WORD.findall(
        "about and are can did does for from has have how into its not say says that the their them there they"
        " this those was were what when where which who whose why will with would you your"
    )
)


def words_of(text: str) -> set[str]:
    """Return the words of a text in lower case, without the commonest."""
    return {word.lower() for word in _WORD.findall(text)} - _COMMON
