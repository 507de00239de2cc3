"""Long text is cut where it hurts least, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rendering import render
from services.splitting import length, split


@given(st.text(max_size=400), st.integers(min_value=40, max_value=120))
def test_parts_fit(text: str, limit: int) -> None:
    """Every part of any text is within the limit, as Discord counts and in UTF-16 units, and none is empty."""
    for part in split(render(text), limit):
        assert 0 < length(part) <= limit
        assert len(part.encode("utf-16-le")) // 2 == length(part)


@given(
    st.lists(
        st.sampled_from(["word", "Satz。", "👨‍👩‍👧‍👦", "e\u0301", " ", "\n", "\n\n", ". ", "x" * 50]),
        max_size=60,
    ).map("".join)
)
def test_no_word_is_lost(text: str) -> None:
    """All visible characters are there, in order, and no grapheme is cut."""
    parts = split(text, 60)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert not any(part.startswith(("\u0301", "\u200d")) or part.endswith("\u200d") for part in parts)


def test_borders_are_taken_in_their_order() -> None:
    """Between paragraphs rather than lines, lines rather than sentences, sentences rather than words."""
    assert split("one two. three\nfour\n\nfive six seven eight nine ten", 45)[0] == "one two. three\nfour"
    assert split("one two three. four\nfive six seven eight nine ten", 45)[0] == "one two three. four"
    assert split("one two three four. five six seven eight nine ten", 45)[0] == "one two three four."
    assert split("one two three four five six seven eight nine ten", 45)[0].endswith(" eight")


def test_cut_code_block_is_closed_and_opened_again() -> None:
    """A code block that is cut stays a code block of its language in every part."""
    lines = [f"line_{number} = **" for number in range(40)]
    parts = split("```python\n" + "\n".join(lines) + "\n```", 100)
    assert len(parts) > 1
    assert all(part.startswith("```python\n") and part.endswith("\n```") for part in parts)
    assert "\n".join(part[10:-4] for part in parts).split("\n") == lines


def test_code_that_fits_is_not_cut() -> None:
    """A short piece of code goes whole into the next part."""
    assert split("word " * 10 + "`some code with spaces`", 60) == [
        ("word " * 10).strip(),
        "`some code with spaces`",
    ]


def test_long_code_span_stays_code() -> None:
    """A link that is longer than a message stays dead in every part."""
    parts = split(render("https://evil.example/" + "a" * 300), 100)
    assert len(parts) > 3
    assert all(part.startswith("`") and part.endswith("`") for part in parts)


def test_bold_text_that_is_cut_does_not_spill() -> None:
    """Formatting that a cut tears apart is escaped instead of formatting what follows."""
    first, second = split("**" + "bold " * 12 + "text** and more", 50)[:2]
    assert first.startswith("\\*\\*bold")
    assert "text\\*\\* and more" in second


def test_tiny_limit_is_refused() -> None:
    """A limit that leaves no room for code marks is a mistake of the caller."""
    with pytest.raises(ValueError, match="limit"):
        split("text", 10)


def test_single_huge_grapheme_is_cut() -> None:
    """A grapheme that is longer than a message does not stop the rest."""
    text = "a" + "\u0301" * 500
    assert "".join(split(text, 100)) == text


def test_text_that_is_all_marks_is_cut_in_one_walk() -> None:
    """Nothing of it is lost, whatever has to be escaped; what is long takes no longer than its length."""
    parts = split("*" * 20_000, 3900)
    assert all(length(part) <= 3900 for part in parts)
    assert "".join(parts).replace("\\", "") == "*" * 20_000
    assert render("~~a " * 5_000).count("~") == 10_000
    assert render("```\n" + "a " * 10_000).startswith("```\na a")
