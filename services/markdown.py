"""Discord's markdown, as far as it decides what is code.

Discord reads from left to right: a `**` before a code span and a `**` inside it make bold text and end
the code between them. So text keeps its code only when every formatting mark outside code is either
closed in its own line or escaped; `balanced` sees to that.
"""

from __future__ import annotations

import regex

CODE = regex.compile(
    # A block stands on lines of its own and is not empty; anything else clients may read in another way.
    r"^[ \t]*```(?:(?P<language>[a-z0-9_+\-.#]+)\n)?+(?P<block>\s*+(?!```)\S(?:(?!```).)*+)```(?!`)"
    r"|(?<![\\`])`(?P<span>[^`\n]+)`(?!`)",
    regex.IGNORECASE | regex.MULTILINE | regex.DOTALL,
)
"""Code blocks and code spans that every client takes for code."""

MARK = regex.compile(r"\*+|~~+|\|\|+|__+|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""Runs of characters that may open or close formatting."""

_FORMATTED = regex.compile(
    r"(?P<plain>\\[^0-9A-Za-z\s]|`[^`]*`|https?://[^\s<]+)"
    r"|(?P<loose>\*{4,}|_{4,})"
    r"|(?P<mark>\*\*)(?P<inside>(?:\\.|[^\\\n])+?)\*\*(?!\*)"
    r"|(?P<mark>__)(?P<inside>(?:\\.|[^\\\n])+?)__(?!_)"
    r"|(?P<mark>~~)(?P<inside>(?=\S)(?:(?!~~).)*?\S)~~"
    r"|(?P<mark>\|\|)(?P<inside>.+?)\|\|"
    r"|(?<![A-Za-z0-9_])(?P<mark>_)(?P<inside>(?:__|\\.|[^\\_\n])+?)_(?![A-Za-z0-9_])"
    r"|(?P<mark>\*)(?P<inside>(?=\S)(?:\*\*|\\.|[ \t]+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
    # A star between spaces opens nothing: it is a bullet, or a product.
    r"|(?P<loose>(?!(?<!\S)\*\s)(?:\*|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_|~~+|\|\|+))"
)

_MARK_CHARACTER = regex.compile(r"(?<plain>\\[^0-9A-Za-z\s])|[*_~|]")
_DEEPEST = 8


def balanced(text: str) -> str:
    """Escape every formatting mark that is not closed in its own line."""
    safe: list[str] = []
    end = 0
    for code in CODE.finditer(text):
        # Marks inside code could close what is open in front of it.
        if MARK.search(code.group()):
            safe += [_without_loose_marks(text[end : code.start()]), code.group()]
            end = code.end()
    return "".join([*safe, _without_loose_marks(text[end:])])


def _without_loose_marks(text: str, depth: int = 0) -> str:
    def balance(found: regex.Match[str]) -> str:
        if found["plain"]:
            return found.group()
        mark = found["mark"]
        if mark and depth < _DEEPEST:
            return f"{mark}{_without_loose_marks(found['inside'], depth + 1)}{mark}"
        return _MARK_CHARACTER.sub(_escape, found.group())

    return _FORMATTED.sub(balance, text)


def _escape(character: regex.Match[str]) -> str:
    return character["plain"] or f"\\{character.group()}"
