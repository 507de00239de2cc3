"""Cuts rendered text into parts that fit into Discord's messages."""

from __future__ import annotations

import regex

from services.markdown import CODE, balanced

_FENCE = "```"
_SMALLEST_LIMIT = 40
_LONGEST_LANGUAGE = 16
_BORDERS = tuple(map(regex.compile, (r"\n\n", r"\n", r"(?<=[.!?。！？])\s", r"\s")))


def length(text: str) -> int:
    """Return the length in UTF-16 units: never less than what Discord counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, limit: int) -> list[str]:
    """Cut text into parts of at most `limit` UTF-16 units.

    Cuts where it hurts least: between paragraphs, lines, sentences, words, and never inside a
    grapheme. Code that has to be cut is closed and opened again.
    """
    if limit < _SMALLEST_LIMIT:
        raise ValueError(f"limit {limit} is below {_SMALLEST_LIMIT}")
    rest = text.strip()
    if _fits(rest, limit):
        return [rest] if rest else []
    parts: list[str] = []
    while rest:
        part, rest = _first(rest, limit)
        if part:
            parts.append(part)
    return parts


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit and length(text) <= limit


def _first(text: str, limit: int) -> tuple[str, str]:
    """Return the first part, its formatting in balance, and the rest, whose turn is yet to come."""
    if _fits(text, limit) and length(whole := balanced(text)) <= limit:
        return whole, ""
    # What is cut must get shorter, also where only its escapes make it too long.
    room = min(limit, length(text[:limit]))
    while True:
        part, rest = _cut(text, room)
        part = balanced(part)
        if length(part) <= limit:
            return part, rest
        # In proportion: escapes may double a text, and take no more than that off again.
        room = room * limit // length(part)


def _cut(text: str, room: int) -> tuple[str, str]:
    head = _head(text, room - len(_FENCE) - 1)
    end = _best_border(head)
    if regex.search(r"(?<!\\)(?:\\\\)*\\$", text[:end]) and end > 1:
        end -= 1  # an escape stays with what it escapes
    code = _code_across(text, end)
    if code is None:
        return text[:end].rstrip(), text[end:].lstrip("\n ")
    # Code that fits into the next part is better left whole.
    if code.start() > 0 and (length(code.group()) < room or end - code.start() <= len(_FENCE)):
        return text[: code.start()].rstrip(), text[code.start() :]
    return _cut_code(text, code, end)


def _code_across(text: str, end: int) -> regex.Match[str] | None:
    """Return the code that begins before `end` and goes on behind it; looks no further than it must."""
    position = 0
    while -1 < (tick := text.find("`", position)) < end:
        line = text.rfind("\n", 0, tick) + 1
        code = CODE.search(text, max(line, position))
        if code is None or code.start() >= end:
            return None
        if code.end() > end:
            return code
        position = code.end()
    return None


def _cut_code(text: str, code: regex.Match[str], end: int) -> tuple[str, str]:
    """Close code at the end of the first part and open it again in the rest."""
    start, stop = code.span("span" if code["span"] else "block")
    end = max(end, start)
    if code["span"]:
        opening, closing, space = "`", "`", " "
    else:
        language = code["language"] or ""
        opening = f"{_FENCE}{language if len(language) <= _LONGEST_LANGUAGE else ''}\n"
        closing, space = f"\n{_FENCE}", "\n"
    done, left = text[start:end].strip(space), text[end:stop].strip(space)
    part, rest = text[: code.start()], text[code.end() :]
    # Nothing between the marks would not be code.
    if done.strip():
        part += opening + done + closing
    if left.strip():
        rest = opening + left + closing + rest
    return part.rstrip(), rest.lstrip("\n ")


def _head(text: str, limit: int) -> str:
    """Return as many whole graphemes from the start as fit."""
    used = end = 0
    for grapheme in regex.finditer(r"\X", text):
        used += length(grapheme.group())
        if used > limit:
            break
        end = grapheme.end()
    # A single grapheme longer than the limit has to be cut all the same.
    return text[: end or limit // 2]


def _best_border(head: str) -> int:
    for border in _BORDERS:
        ends = [found.start() for found in border.finditer(head)]
        if ends and ends[-1] >= len(head) // 3:
            return ends[-1]
    return len(head)
