"""What was asked, and what material came along: the prompt's own marks tell the one from the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playground.models.calls import Said

_BLOCK = re.compile(r"\[data (\w+) [^\]]*\]\n(.*?)\n\[end \1 ", re.DOTALL)
_BLOCK_AND_CLOSING = re.compile(r"\[data (\w+) [^\]]*\]\n.*?\n\[end \1 [^\]]*\]", re.DOTALL)
_REQUEST = re.compile(r"Request of the asker:\n(.*?)(?:\n\nLanguage where|\Z)", re.DOTALL)
_QUESTION = re.compile(r"[^.!?\n]*\?")


def blocks_in(said: Sequence[Said]) -> list[str]:
    """Return the contents of all data blocks: what the prompt calls material."""
    return [found[2] for each in said for found in _BLOCK.finditer(each.text)]


def question_in(said: Sequence[Said]) -> str:
    """Return what the asker wants; empty when nothing is asked.

    The last message counts, outside its data blocks: the part that the prompt marks as the
    request, else its last sentence with a question mark.
    """
    asked = [each.text for each in said if each.role == "user"]
    text = _BLOCK_AND_CLOSING.sub("", asked[-1]) if asked else ""
    if marked := _REQUEST.search(text):
        return marked[1].strip()
    questions = _QUESTION.findall(text)
    return questions[-1].strip() if questions else ""


def earlier(said: Sequence[Said]) -> list[str]:
    """Return the messages before the last one, without instructions."""
    turns = [each.text for each in said if each.role in {"user", "assistant"}]
    return turns[:-1]
