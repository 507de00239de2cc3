"""Makes text safe to post: the one way for everything that models, files or people wrote.

Nothing that leaves mentions anybody, hides characters, or holds a live link, except links that the
asker wrote. Discord finds links at any position of a word, so every run of characters around `://`
is shown as code, and backticks that do not form plain code are replaced first: nothing that follows
can break out of the code that is put around a link.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import regex

_INVISIBLE = regex.compile(
    r"[\p{Cc}--[\n\t]]"  # control characters
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # bidi controls
    r"|[\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"  # no width
    r"|(?<!\U0001f3f4[\U000e0020-\U000e007f]*)[\U000e0000-\U000e0fff]"  # tags, but in flags
    # Joiners belong inside words of scripts that join, and inside emoji.
    r"|(?<![[\p{L}\p{M}\p{So}\p{Sk}\ufe0f]--[\x00-\x7f]])[\u200c\u200d]"
    r"|[\u200c\u200d](?![[\p{L}\p{M}\p{So}]--[\x00-\x7f]])"
    r"|(?<![\p{Emoji}\p{L}\p{M}\p{S}])[\ufe00-\ufe0f]",
    regex.V1,
)
_MARK_PILE = regex.compile(r"(\p{M}{4})\p{M}+")
_CODE = regex.compile(r"(?<!\\)```(?:(?!```)[\s\S])+```(?!`)|(?<![\\`])`[^`\n]+`(?!`)")
_TAG = regex.compile(r"<(?=[@#/:]|[a-z][a-z0-9+.-]*:|[^\s<>]+@)", regex.I)
_PING = regex.compile(r"@(?=everyone|here)", regex.I)
_LINK_RUN = regex.compile(
    r"[^\s`<>]*(?:://|discord\.(?:gg|new|gift)/|discord(?:app)?\.com/invite/)[^\s`<>]*", regex.I
)
_LINK = regex.compile(r"https?://[^\s`<>]+", regex.I)
_LINK_FRAME = ".,;:!?'\"()[]{}*_|~‹›"
_BLANK_LINES = regex.compile(r"\n{4,}")
_FENCE = "```"
_NAME_LENGTH = 48


def render(text: str, *, allowed_links: Collection[str] = ()) -> str:
    """Return text that may be posted.

    Args:
        allowed_links: Links that stay live, as `links_in` finds them in the asker's own message.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _MARK_PILE.sub(r"\1", _INVISIBLE.sub("", text))
    prose = _prose(frozenset(allowed_links))
    safe: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        safe += [prose(text[end : code.start()]), code.group()]
        end = code.end()
    safe.append(prose(text[end:]))
    return _BLANK_LINES.sub("\n\n\n", "".join(safe)).strip()


def render_name(filename: str) -> str:
    """Return a file name as inline code, shortened in the middle when it is long."""
    name = " ".join(_INVISIBLE.sub("", filename).replace("`", "'").split()) or "?"
    graphemes = regex.findall(r"\X", name)
    if len(graphemes) > _NAME_LENGTH:
        half = _NAME_LENGTH // 2
        name = "".join([*graphemes[: half - 1], "…", *graphemes[-half:]])
    return f"`{name}`"


def links_in(text: str) -> set[str]:
    """Return the links that a person wrote."""
    return {link.group().rstrip(_LINK_FRAME) for link in _LINK.finditer(text)}


def length(text: str) -> int:
    """Return the length in UTF-16 units: never less than what Discord counts."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int) -> list[str]:
    """Cut text into parts of at most `limit` UTF-16 units.

    Cuts where it hurts least: between paragraphs, lines, sentences, words, and never inside a
    grapheme. A code block that is cut is closed and opened again.
    """
    parts: list[str] = []
    rest = text.strip()
    while length(rest) > limit:
        head = _head(rest, limit - len(_FENCE) - 1)
        cut = _best_cut(head)
        part, rest = head[:cut].rstrip(), rest[cut:].lstrip("\n ")
        if part.count(_FENCE) % 2:
            part, rest = f"{part}\n{_FENCE}", f"{_FENCE}\n{rest}"
        parts.append(part)
    if rest:
        parts.append(rest)
    return parts


def _prose(allowed: frozenset[str]) -> Callable[[str], str]:
    def link(found: regex.Match[str]) -> str:
        run = found.group()
        bare = run.strip(_LINK_FRAME)
        if bare in allowed:
            return run
        start = run.find(bare)
        return f"{run[:start]}`{bare}`{run[start + len(bare) :]}" if bare else run

    def make_safe(text: str) -> str:
        text = text.replace("`", "'").replace("](", "] (")
        text = _PING.sub("＠", _TAG.sub("‹", text))  # a full-width @ pings nobody
        return _LINK_RUN.sub(link, text)

    return make_safe


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


def _best_cut(head: str) -> int:
    for border in (r"\n\n", r"\n", r"(?<=[.!?。！？])\s", r"\s"):
        ends = [found.start() for found in regex.finditer(border, head)]
        if ends and ends[-1] >= len(head) // 3:
            return ends[-1]
    return len(head)
