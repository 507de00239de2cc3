"""Text that leaves: mentions nobody, hides nothing, and holds no live link but the asker's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.rendering as rendering

CODE = re.compile(r"```[\s\S]+?```|`[^`\n]+`")


def live_parts(text: str) -> list[str]:
    """Return what Discord would make clickable or ping, outside code (written apart from render)."""
    prose = CODE.sub(" ", text)
    patterns = (
        r"https?://\S",
        r"discord\.gg/\w",
        r"<@[!&]?\d+>",
        r"<#\d+>",
        r"</[^>]+:\d+>",
        r"<(?:t|id):[^>]+>",
        r"@everyone",
        r"@here",
        r"\]\(\s*<?\w+:",
    )
    return [found for pattern in patterns for found in re.findall(pattern, prose, re.IGNORECASE)]


SHAPES = [
    "https://evil.example/x?y=1",
    "see (https://evil.example).",
    "[click me](https://evil.example)",
    "[click me](<https://evil.example> 'title')",
    "<https://evil.example>",
    "HTTPS://EVIL.EXAMPLE",
    "xhttps://evil.example",
    "**https://evil.example**",
    "||https://evil.example||",
    "> https://evil.example",
    "# https://evil.example",
    "` https://evil.example",
    "`` https://evil.example",
    "\\`https://evil.example`",
    "`a`https://evil.example",
    "``` https://evil.example",
    "```\ncode\n```https://evil.example",
    "ht\u200btps://evil.example",
    "https:\u2060//evil.example",
    "\u202ehttps://evil.example",
    "h\u200cttps://evil.example",
    "https://xn--e1awd7f.example",
    "discord.gg/abcdef",
    "https://discord.com/invite/abc",
    "@everyone look",
    "@here",
    "@every\u200bone",
    "<@123456789012345678>",
    "<@!123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "</describe:123456789012345678>",
    "<t:1700000000:R>",
    "<id:customize>",
    "<mailto:a@b.example>",
    "<a@b.example>",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_live_is_left(shape: str) -> None:
    """Whatever shape a link or mention has, nothing of it stays live."""
    assert live_parts(rendering.render(f"before {shape} after")) == []
    assert live_parts(rendering.render(shape)) == []


@given(st.lists(st.sampled_from([*SHAPES, "`", "```", "\\", "\n", "<", ">", "](", "||", " ", "a"]), max_size=8))
def test_no_combination_is_live(pieces: list[str]) -> None:
    """No way of putting dangerous pieces together makes one of them live."""
    assert live_parts(rendering.render("".join(pieces))) == []


def test_askers_own_link_stays() -> None:
    """A link that the asker wrote stays as it is; another one beside it does not."""
    allowed = rendering.links_in("is https://good.example/a. right?")
    shown = rendering.render("Yes: https://good.example/a, not https://evil.example", allowed_links=allowed)
    assert shown == "Yes: https://good.example/a, not `https://evil.example`"


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦", "نمی‌خواهم", "❤️", "🏳️‍🌈", "क्‍ष"])
def test_joiners_inside_words_and_emoji_stay(text: str) -> None:
    """What belongs to a grapheme or a word is not taken for something hidden."""
    assert rendering.render(text) == text


def test_hidden_characters_go() -> None:
    """Zero-width characters, bidi controls and control characters are removed."""
    assert rendering.render("a\u200bb\u202ec\u0007d\ufeff") == "abcd"


@given(st.text(max_size=400), st.integers(min_value=40, max_value=120))
def test_parts_fit_and_lose_no_word(text: str, limit: int) -> None:
    """Every part is within the limit, and all visible characters are there in order."""
    parts = rendering.split(text, limit)
    assert all(rendering.length(part) <= limit for part in parts)
    if "```" not in text:
        assert "".join("".join(parts).split()) == "".join(text.split())


def test_cut_code_block_is_closed_and_opened_again() -> None:
    """A code block that is cut stays a code block on both sides."""
    parts = rendering.split("```\n" + "line\n" * 40 + "```", 100)
    assert len(parts) > 1
    assert all(part.count("```") == 2 for part in parts)


def test_file_name_is_shown_as_code() -> None:
    """A hostile file name can do nothing."""
    assert live_parts(rendering.render_name("`@everyone` https://evil.example.png")) == []
