"""Makes text safe to post: the one way for everything that models, files or people wrote.

Nothing that leaves mentions anybody, hides characters, or holds a live link, except links that the
asker wrote. Other links are shown as code, and nothing around them can break them out of it:
formatting marks in links are percent-encoded, backticks that do not form plain code are replaced, and
formatting that is not closed in its line is escaped.
"""

from __future__ import annotations

from collections.abc import Collection

import regex

from services.markdown import CODE, MARK, balanced

_INVISIBLE = regex.compile(
    # The flags of England and the like are spelled with tags; they are the only tags that stay.
    r"(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,7}\U000e007f)"
    r"|[\p{Cc}--[\n\t]]|\p{Cs}"  # control characters, halves of a character
    # Bidi controls, tags and all else that has no width. Some belong to their scripts, joiners have rules.
    r"|[[\p{DI}\u2028\u2029\ufff9-\ufffb]"
    r"--[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f]]"
    # Joiners belong inside words of scripts that join, and inside emoji.
    r"|(?<![[\p{L}\p{M}\p{So}\p{Sk}\ufe0f\U000e007f]--[\x00-\x7f]])[\u200c\u200d]"
    r"|[\u200c\u200d](?![[\p{L}\p{M}\p{S}]--[\x00-\x7f]])"
    r"|(?<![\p{Emoji}\p{L}\p{M}\p{S}])[\ufe00-\ufe0f]",
    regex.V1,
)
_LINE_END = regex.compile(r"\r\n?|[\u2028\u2029]")
_MARK_PILE = regex.compile(r"(\p{M}{4})\p{M}+")
_BLANK_LINES = regex.compile(r"\n(?:[ \t]*\n){3,}")

_LIVE = regex.compile(r"://|discord\.(?:gg|new|gift)/|discord(?:app)?\.com/", regex.IGNORECASE)
_TAG = regex.compile(r"<(?=[#/:+]|[a-z][a-z0-9+.-]*:)", regex.IGNORECASE)
_PING = regex.compile(r"@(?=everyone|here)", regex.IGNORECASE)
_ESCAPABLE = regex.compile(r"[\\`*_~|\[\]<]")
_OPEN_BLOCK = regex.compile(
    r"^[ \t]*```[a-z0-9_+\-.#]*\n(?=\s*[^\s`])(?:(?!```).)*\Z",
    regex.IGNORECASE | regex.MULTILINE | regex.DOTALL,
)
_TICKS = regex.compile(r"`{2,}")
_BLOCK_MARK = regex.compile(r"^(\d+(?=\.))?([#>+.-])")
_WORD = regex.compile(r"\S+")
_LINK = regex.compile(r"https?://[^\s`<>]+", regex.IGNORECASE)
_LINK_FRAME = ".,;:!?'\"()[]{}<>*_|~"
_ANGLES = regex.compile(r"[<>]")
_NAME_LENGTH = 48


def render(text: str, *, allowed_links: Collection[str] = ()) -> str:
    """Return text that may be posted, its formatting kept.

    Args:
        allowed_links: Links that stay live, as `links_in` finds them in the asker's own message.
    """
    text = _clean(text)
    end = max((code.end() for code in CODE.finditer(text)), default=0)
    if _OPEN_BLOCK.search(text, end):
        text += "\n```"
    safe: list[str] = []
    end = 0
    for code in CODE.finditer(text):
        safe += [_prose(text[end : code.start()], allowed_links, before_code=True), _kept(code)]
        end = code.end()
    safe.append(_prose(text[end:], allowed_links, before_code=False))
    return balanced(_join(safe)).strip()


def render_line(text: str, *, allowed_links: Collection[str] = ()) -> str:
    """Return text that may be posted as a part of one line, such as a heading."""
    line = _TICKS.sub("`", " ".join(_clean(text).split()))
    return render(line, allowed_links=allowed_links)


def render_literal(text: str) -> str:
    """Return text that shows as it is written, such as the words in a picture: nothing of it formats."""
    text = _BLANK_LINES.sub("\n\n\n", _clean(text)).replace("](", "] (").strip()

    return "\n".join(map(_literal_line, text.split("\n")))


def render_name(filename: str) -> str:
    """Return a file name as inline code, shortened in the middle when it is long."""
    # A name has no slash; without one it holds no link either.
    name = " ".join(_clean(filename).replace("`", "'").replace("/", "∕").split()) or "?"
    graphemes = regex.findall(r"\X", name)
    if len(graphemes) > _NAME_LENGTH:
        half = _NAME_LENGTH // 2
        name = "".join([*graphemes[: half - 1], "…", *graphemes[-half:]])
    return f"`{name}`"


def links_in(text: str) -> set[str]:
    """Return the links that a person wrote."""
    return {link.group().rstrip(_LINK_FRAME) for link in _LINK.finditer(text)}


def _clean(text: str) -> str:
    """Take out what cannot be seen; bound piles of combining marks."""
    return _MARK_PILE.sub(r"\1", _INVISIBLE.sub(r"\1", _LINE_END.sub("\n", text)))


def _prose(text: str, allowed: Collection[str], *, before_code: bool) -> str:
    """Make safe what stands outside code."""
    text = _BLANK_LINES.sub("\n\n\n", text.replace("`", "'").replace("](", "] ("))

    def safe(found: regex.Match[str]) -> str:
        word = found.group()
        # Discord would read what is glued to a link or a tag as its end.
        glued = before_code and found.end() == len(text)
        if not _LIVE.search(word):
            return _without_mentions(word.replace("<", "‹") if glued else word)
        before, link, after = _link_in(word)
        if not (before.endswith("<") and after.startswith(">")):
            before, after = _ANGLES.sub("", before), _ANGLES.sub("", after)
        if word.strip(_LINK_FRAME) in allowed and not glued:
            return f"{before}{_encoded(link)}{after}"
        return f"{_ANGLES.sub('', before)}`{_encoded(link)}`{_ANGLES.sub('', after)}"

    return _WORD.sub(safe, text)


def _literal_line(line: str) -> str:
    first = len(line) - len(line.lstrip())

    def literal(found: regex.Match[str]) -> str:
        word = found.group()
        if _LIVE.search(word):
            before, link, after = _link_in(word.replace("`", "'"))
            return f"{_escaped(before)}`{_encoded(link)}`{_escaped(after)}"
        escaped = _escaped(_PING.sub("＠", word))
        return _BLOCK_MARK.sub(r"\1\\\2", escaped) if found.start() == first else escaped

    return _WORD.sub(literal, line)


def _link_in(word: str) -> tuple[str, str, str]:
    """Return what stands before the link in a word, the link, and what stands after it."""
    link = word.strip(_LINK_FRAME)
    before, after = word.split(link, 1)
    while after.startswith(")") and link.count("(") > link.count(")"):
        link, after = link + ")", after[1:]
    return before, link, after


def _encoded(link: str) -> str:
    return MARK.sub(lambda mark: "".join(f"%{ord(each):02X}" for each in mark.group()), link)


def _escaped(text: str) -> str:
    return _ESCAPABLE.sub(r"\\\g<0>", text)


def _kept(code: regex.Match[str]) -> str:
    """Return code that stays code.

    A bracket in front of it must find no end of a masked link in it, and a backtick inside a block
    must not pair with one behind it.
    """
    if code["span"]:
        text = code.group()
    else:
        block = code["block"].lstrip("\n").replace("`", "'")
        text = f"```{code['language'] or ''}\n{block}```"
    return text.replace("](", "] (")


def _without_mentions(word: str) -> str:
    before, at, after = word.rpartition("@")
    word = before.replace("<", "‹") + at + after  # of people, roles and mail addresses
    return _PING.sub("＠", _TAG.sub("‹", word))  # a full-width @ pings nobody


def _join(pieces: list[str]) -> str:
    """Put pieces together, so that no two code spans touch (Discord would read them as one)."""
    joined = ""
    for piece in pieces:
        joined += " " + piece if joined.endswith("`") and piece.startswith("`") else piece
    return joined
