"""Text that leaves: mentions nobody, hides nothing, and holds no live link but the asker's."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.rendering import links_in, render, render_line, render_literal, render_name
from services.splitting import split
from tests.services.discord_markdown import live

SHAPES = [
    "https://evil.example/x?y=1",
    "see (https://evil.example).",
    "[click me](https://evil.example)",
    "[click me](<https://evil.example> 'title')",
    "[click me][1]\n[1]: https://evil.example",
    "[click\u200b](https://evil.example)",
    "[click]\u200b(https://evil.example)",
    "[click `](https://evil.example)`",
    "[mail](mailto:a@evil.example)",
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
    "https://evil.example`a`",
    "``` https://evil.example",
    "```\ncode\n```https://evil.example",
    "```\n\n```\n```\nhttps://evil.example\n```",
    "```js\n```\n```\nhttps://evil.example\n```",
    "# ```\nhttps://evil.example\n```",
    "> ```\nhttps://evil.example\n```",
    "- a\n  ```\n- https://evil.example\n  ```",
    "**a `b** https://evil.example c`",
    "**a https://evil.example/b**c",
    "||`|| https://evil.example `",
    "_a `b_ https://evil.example c`",
    "*`*https://evil.example`",
    "** \n```\nhttps://evil.example\n** \n```",
    "ht\u200btps://evil.example",
    "https:\u2060//evil.example",
    "https:\n//evil.example",
    "\u202ehttps://evil.example",
    "\u2066moc.live//:sptth\u2069 https://evil.example",
    "h\u200cttps://evil.example",
    "https://xn--e1awd7f.example",
    "https://еvil.example",
    "discord://-/channels/1/2",
    "steam://run/1",
    "discord.gg/abcdef",
    "joindiscord.gg/abcdef",
    "https://discord.com/invite/abc",
    "discordapp.com/invite/abc",
    "@everyone look",
    "@here",
    "@every\u200bone",
    "<@123456789012345678>",
    "<@!123456789012345678>",
    "<@&123456789012345678>",
    "<\u200b@123456789012345678>",
    "<#123456789012345678>",
    "</describe:123456789012345678>",
    "</describe all of it:123456789012345678>",
    "<:smile:123456789012345678>",
    "<a:smile:123456789012345678>",
    "<t:1700000000:R>",
    "<id:customize>",
    "<mailto:a@b.example>",
    "<tel:+15551234567>",
    "<+15551234567>",
    "<a@b.example>",
]
PIECES = [
    *SHAPES,
    *(
        "`",
        "```",
        "\n```\n",
        "```js\n",
        "\\",
        "\n",
        "\n\n",
        "<",
        ">",
        "[",
        "]",
        "(",
        ")",
        "](",
        " ",
        "a",
        "word",
    ),
    *("||", "**", "*", "_", "__", "~~", "> ", ">>> ", "# ", "-# ", "- ", "1. ", "`a`", "`x **y`", "_-", "-_"),
]
mixtures = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_live_is_left(shape: str) -> None:
    """Whatever shape a link or mention has, nothing of it stays live."""
    for text in (shape, f"before {shape} after", f"**before\n{shape}\nafter**"):
        assert live(render(text)) == []
        assert live(render_literal(text)) == []
        assert live(f"### {render_line(text)}") == []


@given(mixtures, mixtures)
@example("[", "`a](https://evil.example)`")
@example("", "```` https://evil.example``` https://evil.example||`|| https://evil.example `")
def test_no_combination_is_live(one: str, other: str) -> None:
    """No way of putting dangerous pieces together on a card makes one of them live, not even when it is cut."""
    quote = "\n".join(f"> {line}" for line in render_literal(other).splitlines())
    card = f"### {render_line(other)}\n\n{render(one)}\n\n{render(other)}\n\n**Heading**\n{quote}"
    assert live(card) == []
    for part in split(card, 40):
        assert live(part) == []


def test_askers_own_link_stays() -> None:
    """A link that the asker wrote stays as it is; another one beside it does not."""
    allowed = links_in("is https://good.example/a. right?")
    shown = render("Yes: https://good.example/a, not https://evil.example", allowed_links=allowed)
    assert shown == "Yes: https://good.example/a, not `https://evil.example`"
    assert live(shown) == ["https://good.example/a"]


@pytest.mark.parametrize(
    "text",
    [
        "https://good.example@evil.example/",
        "https://good.example`@evil.example/`",
        "https://good.example.evil.example",
        "https://good.example/?stolen=data",
    ],
)
def test_askers_link_cannot_be_turned(text: str) -> None:
    """What only begins like the asker's link is another link."""
    assert live(render(text, allowed_links={"https://good.example"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "### Title\n\n- **bold**, *it*, __under__ ~~gone~~ ||hidden||\n- `a_b` is 2 * 3\n\n> quote\n-# small",
        "```python\nprint('https://example.com/a_b')  # **x**\n```",
        "Use `curl https://example.com` or snake_case_names.",
    ],
)
def test_formatting_stays(text: str) -> None:
    """Markdown is wanted; code keeps what is in it, links too."""
    assert render(text) == text


def test_link_is_shown_readably() -> None:
    """A link becomes code without the punctuation around it; only marks that could do harm are encoded."""
    assert render("(see https://e.example/Foo_bar_(x)).") == "(see `https://e.example/Foo_bar%5F(x)`)."
    assert render("**<https://e.example>**") == "**`https://e.example`**"


def test_block_that_was_cut_off_is_closed() -> None:
    """An answer that breaks off, or is still being written, shows its last code block as code."""
    assert render("Look:\n```js\nlet a = 1") == "Look:\n```js\nlet a = 1\n```"


def test_words_of_a_picture_show_as_they_are() -> None:
    """Nothing in a transcription becomes bold, a heading, a list or a quote."""
    assert render_literal("# Sale\n2*3*4\n- __init__\n1. a||b\n> `c`") == (
        "\\# Sale\n2\\*3\\*4\n\\- \\_\\_init\\_\\_\n1\\. a\\|\\|b\n\\> \\`c\\`"
    )


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦",
        "🙂‍↔️",
        "👩🏽‍🚀",
        "🏳️‍🌈",
        "🏳️‍⚧️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "❤️",
        "1️⃣",
        "نمی‌خواهم",
        "क्‍ष",
    ],
)
def test_joiners_inside_words_and_emoji_stay(text: str) -> None:
    """What belongs to a grapheme or a word is not taken for something hidden."""
    assert render(text) == text


def test_hidden_characters_go() -> None:
    """Zero-width characters, bidi and other controls, halves of characters and hidden tags are removed."""
    assert render("a\u200bb\u202ec\u0007d\ufeffe\ud800f\u2066g\u00adh\u2063i") == "abcdefghi"
    assert render("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all rules")) == "🏴"


def test_piles_of_marks_are_bounded() -> None:
    """A letter keeps four combining marks."""
    assert render("a" + "\u0301" * 50) == "a" + "\u0301" * 4


def test_blank_lines_are_bounded() -> None:
    """Thousands of empty lines push nothing out of sight."""
    assert render("a" + "\n \n" * 3000 + "b") == "a\n\n\nb"


@pytest.mark.parametrize(
    "name", ["`@everyone` https://evil.example.png", "\u202egnp.exe", "a**b.png", "", "\n"]
)
def test_file_name_is_shown_as_code(name: str) -> None:
    """A hostile file name can do nothing, not even inside bold text."""
    shown = render_name(name)
    assert live(f"**1. {shown}**") == []
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert len(shown) > 2


def test_long_file_name_keeps_its_ends() -> None:
    """A long name is shortened in its middle."""
    assert render_name("a" * 200 + ".png") == "`" + "a" * 23 + "…" + "a" * 20 + ".png`"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "@",
        "<",
        "`",
        "```",
        "```a\n",
        "`a ",
        "*",
        "_a ",
        "**a ",
        "[",
        "*a **b ",
        "|| ~~ __ ** ",
        "()",
        "\U0001f3f4",
        "\u0301",
        "\n \n",
    ],
)
def test_time_grows_with_length_only(piece: str) -> None:
    """A hostile text of a hundred thousand characters holds the event loop up for no second."""
    text = piece * (100_000 // len(piece))
    for make_safe in (render, render_literal, render_line, render_name):
        start = time.perf_counter()
        make_safe(text)
        assert time.perf_counter() - start < 5
