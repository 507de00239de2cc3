"""What Discord would make of a text: its markdown read from left to right, written apart from the product.

Discord's clients take the first rule that fits at each place, in the order below, and read the inside
of formatted text in the same way. Where clients differ, this one finds more that is live, never less.
"""

from __future__ import annotations

import re

_LINE_RULES = [
    re.compile(r" *>>> (?P<inside>[\s\S]*)"),
    re.compile(r"(?P<quote> *> [^\n]*(?:\n *> [^\n]*)*)"),
    re.compile(r" *(?:#{1,3}|-#)[ \t]+(?P<inside>[^\n]+)"),
    re.compile(r" *(?:[*+-]|\d+\.) (?P<inside>[^\n]*)"),
]
_CODE_BLOCK = re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```", re.IGNORECASE)
_INLINE_CODE = re.compile(r"(`+)[\s\S]*?[^`]\1(?!`)")
_ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
_FORMATS = [
    re.compile(r"\*\*(?P<inside>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    re.compile(r"__(?P<inside>(?:\\[\s\S]|[^\\])+?)__(?!_)"),
    re.compile(r"~~(?P<inside>[\s\S]+?)~~"),
    re.compile(r"\|\|(?P<inside>[\s\S]+?)\|\|"),
    re.compile(r"\b_(?P<inside>(?:__|\\[\s\S]|[^\\_])+?)_\b", re.ASCII),
    re.compile(r"\*(?=\S)(?P<inside>(?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)"),
]
_LIVE = [
    re.compile(r"<(?:@[!&]?\d+|#\d+|/[^<>\n]+:\d+|id:\w+|t:-?\d+(?::\w)?|a?:\w+:\d+)>"),
    re.compile(
        r"<(?:[a-z][^:\s>]*:/[^\s>]+|(?:mailto|tel|sms):[^ >]+|\+\d[\d -]*|[^@\s<>]+@[^@\s<>]+)>", re.IGNORECASE
    ),
    re.compile(r"[a-z]+://[^\s<]*[^<.,:;\"'\]\s]", re.IGNORECASE),
    re.compile(r"discord\.gg/\w+|discord(?:app)?\.com/invite/\w+", re.IGNORECASE),
    re.compile(r"@everyone|@here"),
]
_MASKED = re.compile(
    r"\[(?P<label>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\("
    r"\s*<?(?:\([^)]*\)|[^\s\\]|\\.)+?>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"
)


def live(text: str) -> list[str]:
    """Return everything in a text that Discord would make clickable, fetch or show as a mention."""
    found: list[str] = []
    place = 0
    while place < len(text):
        if place == 0 or text[place - 1] == "\n":
            line = next((m for rule in _LINE_RULES if (m := rule.match(text, place))), None)
            if line is not None:
                inside = line.groupdict().get("inside")
                if inside is None:
                    inside = re.sub(r"^ *> ?", "", line["quote"], flags=re.MULTILINE)
                found += live(inside)
                place = max(line.end(), place + 1)
                continue
        place = _step(text, place, found)
    return found


def _step(text: str, place: int, found: list[str]) -> int:
    if skipped := _CODE_BLOCK.match(text, place) or _ESCAPE.match(text, place):
        return skipped.end()
    if masked := _MASKED.match(text, place):
        found.append(masked.group())
    for rule in _LIVE:
        if hit := rule.match(text, place):
            found.append(hit.group())
            return hit.end()
    if code := _INLINE_CODE.match(text, place):
        return code.end()
    for rule in _FORMATS:
        if formatted := rule.match(text, place):
            found += live(formatted["inside"])
            return formatted.end()
    return place + 1
