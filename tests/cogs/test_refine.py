"""What rounds and boards look like, and how forms are understood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs._ui import CARD_TEXT_LIMIT, to_view
from cogs.refine import _presenter as presenter
from cogs.refine._forms import FORM, SentForm, limits_in, wish_of
from services.catalogue import Catalogue
from services.domain import (
    Attachment,
    InteractionSource,
    Refinement,
    RefineOutcome,
    RefineQuestion,
    RefineWish,
    RoundOutcome,
    StoredFile,
)
from services.errors import UserError
from tests.services.rounds import ORIGINAL, comparison, made

CATALOGUE = Catalogue.load("en")
STATE = Refinement("refine-1", ORIGINAL, RefineWish(), rounds=(made(1, 70, 60), made(2, 80, 75)), usd=0.03)
BOARD = RefineOutcome(STATE, next_stretch=2, best=2, stop="rounds")


def form(**texts: str) -> SentForm:
    return SentForm(FORM, "refine-1", "", texts, (), {})


def actions(outcome: RefineOutcome) -> list[str]:
    return [each.action for each in presenter.present_board(CATALOGUE, outcome).buttons]


def test_round_says_everything_about_itself() -> None:
    """Scores of judge and pixels, every aspect, what is missing, what changed in the prompt, and the money."""
    each = replace(
        made(2, 80, 75, prompt="A red circle. A moon."), comparison=comparison(80, missing=("the sea",))
    )
    card = presenter.present_round(CATALOGUE, RoundOutcome(STATE, each, "A red circle. A sun."))
    text = card.sections[0].text
    assert "Judge 80 · measured 75" in text
    assert all(name in text for name in ("Subject", "Layout", "Colour", "Light", "Text", "Style"))
    assert "the sea" in text
    assert "**New in the prompt**\n> A moon." in text
    assert "**Gone from the prompt**\n> A sun." in text
    assert "0.0300 USD" in text
    assert [picture.name for picture in card.sections[0].pictures] == ["round-2.png"]


def test_round_with_very_long_words_fits_into_a_message() -> None:
    """Whatever a model writes, one message holds the round."""
    long = ("*word* " * 60).strip()
    verdict = replace(comparison(50, missing=(long,) * 8), summary=long)
    each = replace(made(2, 50, 50, prompt="A thing. " * 900), comparison=verdict)
    card = presenter.present_round(CATALOGUE, RoundOutcome(STATE, each, "Another. " * 900))
    assert len(card.sections[0].text) <= CARD_TEXT_LIMIT


def test_spoiler_in_spoiler_out() -> None:
    """The pictures of a spoilered original are hidden as well."""
    hidden = replace(STATE, original=replace(ORIGINAL, spoiler=True))
    outcome = RoundOutcome(hidden, hidden.rounds[0], "")
    assert presenter.present_round(CATALOGUE, outcome).sections[0].spoiler
    assert presenter.present_board(CATALOGUE, replace(BOARD, refinement=hidden)).sections[0].spoiler


def test_buttons_fit_the_moment() -> None:
    """While it runs there is Stop; then everything that can be done next; after the end only the files."""
    assert actions(replace(BOARD, stop=None)) == ["stop"]
    assert actions(BOARD) == ["rfmore", "rfcorrect", "rftake", "rfend", "rforiginals", "rfback"]
    assert actions(replace(BOARD, refinement=replace(STATE, ended=True))) == ["rforiginals"]


def test_milder_words_are_offered_once() -> None:
    """After a blocked prompt; when the milder one is blocked as well there is no second offer."""
    blocked = replace(BOARD, stop="blocked")
    assert "rfsoften" in actions(blocked)
    assert "rfsoften" not in actions(replace(blocked, refinement=replace(STATE, softened="milder")))


def test_most_buttons_stay_within_discords_limits() -> None:
    """Twelve rounds give no message that Discord refuses."""
    rounds = tuple(made(number, 50 + number, 50) for number in range(1, 13))
    card = presenter.present_board(CATALOGUE, replace(BOARD, refinement=replace(STATE, rounds=rounds)))
    view = to_view(card, "refine-1575189038384545792-12")
    assert view.total_children_count <= 40
    assert all(len(each.label) <= 80 for each in card.buttons)
    frames = RefineQuestion(STATE, "frame", 2, (StoredFile("frames.png", "0" * 64, "Nine"),), choices=9)
    assert len(presenter.present_question(CATALOGUE, frames).buttons) == 10


@pytest.mark.parametrize(
    ("text", "keep", "only"),
    [
        ("", "", ""),
        ("keep the dog", "the dog", ""),
        ("only the left cup", "", "only the left cup"),
        ("the dog; just the sky", "the dog", "just the sky"),
        ("Keep: the dog\nthe cat", "the dog; the cat", ""),
    ],
)
def test_limits_in_plain_words(text: str, keep: str, only: str) -> None:
    """What begins with "only" may change alone; everything else must stay."""
    assert limits_in(text) == (keep, only)


def test_empty_form_means_match_from_text() -> None:
    """Every field has a sensible default."""
    assert wish_of(form(), rounds=3, most=8) == RefineWish(rounds=3, start="text", preset="match")


def test_goal_makes_an_edit() -> None:
    """Who says what they want, and leaves the rest, wants the picture edited."""
    wish = wish_of(form(goal="make it night", preset="match"), rounds=3, most=8)
    assert (wish.goal, wish.start, wish.preset) == ("make it night", "edit", "own")
    drawn = wish_of(form(goal="make it night", preset="text"), rounds=3, most=8)
    assert (drawn.start, drawn.preset) == ("text", "own")


@pytest.mark.parametrize("rounds", ["many", "-1", "2.5"])
def test_rounds_that_are_no_number_are_refused(rounds: str) -> None:
    """The sentence says which numbers make sense."""
    with pytest.raises(UserError) as refused:
        wish_of(form(rounds=rounds), rounds=3, most=8)
    assert "1 to 8" in CATALOGUE.failure(refused.value.as_failure(""))


def test_mask_is_the_file_that_is_called_so() -> None:
    """Of two files the one with "mask" in its name is the mask."""
    files = tuple(
        Attachment(InteractionSource(1, number), name, 10)
        for number, name in enumerate(("style.png", "Mask-2.png"))
    )
    wish = wish_of(replace(form(), files=files), rounds=3, most=8)
    assert wish.mask_file == files[1]
    assert wish.reference == files[0]
