"""Which round is the best, when it stops, and what is asked for next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain import Correction, Description, Refinement, RefineRound, RefineStop, RefineWish
from services.readings import corrected
from services.refining import (
    averaged,
    best_round,
    disagrees,
    first_prompt,
    is_close_call,
    next_prompt,
    stop_reason,
)
from services.settings import RefineSettings
from tests.services.rounds import ORIGINAL, comparison, made

SETTINGS = RefineSettings()
READING = Description("Scene", "A red circle.", "TIDE", "A red circle")


def refinement(*rounds: RefineRound, wish: RefineWish | None = None, **state: object) -> Refinement:
    return Refinement("refine-1", ORIGINAL, wish or RefineWish(), reading=READING, rounds=rounds, **state)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rounds", "best"),
    [
        ([], None),
        ([made(1, 60, 50), made(2, 80, 40), made(3, 70, 90)], 2),
        ([made(1, 80, 70), made(2, 82, 40)], 1),
        ([made(1, 60, 70), made(2, 95, 40, flagged=True)], 1),
        ([made(1, 60, 12, flagged=True)], 1),
        ([made(1, 60, 70), made(2, 95, 95, dropped=True)], 1),
    ],
    ids=["none", "judge", "tie goes to the measured", "flagged", "only a flagged one", "dropped"],
)
def test_best_round(rounds: list[RefineRound], best: int | None) -> None:
    """The judge decides; among near-equals the measurement; what it contradicts is passed over."""
    found = best_round(rounds)
    assert (found.number if found else None) == best


def test_praise_of_a_worse_picture_is_flagged() -> None:
    """Praise is flagged when the pixels went the other way, and when they show something else altogether."""
    earlier = [made(1, 70, 80)]
    assert disagrees(comparison(90), 60, earlier, matching=True, drop=6)
    assert not disagrees(comparison(90), 78, earlier, matching=True, drop=6)
    assert not disagrees(comparison(60), 20, earlier, matching=True, drop=6)
    assert disagrees(comparison(90), 5, [], matching=True, drop=6)
    assert not disagrees(comparison(90), 5, [], matching=False, drop=6), "with a goal it is to differ"


def test_close_calls_are_judged_twice_and_averaged() -> None:
    """Only against an earlier round, and only when the difference is within the judge's noise."""
    assert not is_close_call(comparison(80), [], 4)
    assert is_close_call(comparison(80), [made(1, 78, 50)], 4)
    assert not is_close_call(comparison(80), [made(1, 70, 50)], 4)
    both = averaged(comparison(80, prompt="first"), comparison(90, prompt="second"))
    assert both.overall == 85
    assert both.prompt == "first"


@pytest.mark.parametrize(
    ("judged", "asked", "stop"),
    [
        ([60], 3, None),
        ([60, 95], 3, "target"),
        ([60, 70, 80], 3, "rounds"),
        ([60, 60, 60], 6, "no-gain"),
        ([60, 60, 75], 6, None),
        ([10, 20, 30, 40, 50, 60, 70, 80], 20, "rounds"),
    ],
)
def test_stop_rules(judged: list[float], asked: int, stop: RefineStop | None) -> None:
    """Target, no gain, and the rounds asked for or allowed."""
    rounds = [made(number, each, each) for number, each in enumerate(judged, 1)]
    assert stop_reason(rounds, asked=asked, made=len(rounds), settings=SETTINGS) == stop


def test_praised_but_flagged_round_is_no_target() -> None:
    """A lying judge does not end the loop."""
    rounds = [made(1, 98, 5, flagged=True)]
    assert stop_reason(rounds, asked=3, made=1, settings=SETTINGS) is None


def test_one_poor_aspect_is_no_target() -> None:
    """A high mean does not hide that one thing is another thing altogether."""
    round_ = made(1, 97, 95)
    poor = replace(round_.comparison, scores={**round_.comparison.scores, "subject": 67.0})
    rounds = [replace(round_, comparison=poor)]
    assert rounds[0].judged >= SETTINGS.target - 1
    settings = SETTINGS.model_copy(update={"target": 90.0})
    assert stop_reason(rounds, asked=3, made=1, settings=settings) is None
    assert stop_reason([round_], asked=3, made=1, settings=settings) == "target"


def test_another_stretch_may_go_on_from_the_target() -> None:
    """Whoever presses Continue on a finished one gets a round."""
    rounds = [made(1, 98, 90)]
    assert stop_reason(rounds, asked=3, made=0, settings=SETTINGS) is None


def test_first_prompt_is_the_reading() -> None:
    """From text the reading is drawn, with what is written; an edit needs no reading."""
    assert first_prompt(READING, RefineWish()) == 'A red circle.\nThe writing says "TIDE".'
    edit = RefineWish(goal="make it night", start="edit", preset="own", keep="the dog")
    assert first_prompt(READING, edit) == "make it night\nKeep exactly as it is: the dog"


def test_next_prompt_grows_out_of_the_best_round() -> None:
    """The best round's rewritten prompt; where that was tried, the newest one's."""
    state = refinement(made(1, 80, 80, better="as 1, with a moon"), made(2, 60, 50, better="as 2, with a moon"))
    assert next_prompt(state) == "as 1, with a moon"
    tried = refinement(
        made(1, 80, 80, better="as 1, with a moon"), made(2, 60, 50, prompt="as 1, with a moon", better="as 2")
    )
    assert next_prompt(tried) == "as 2"


def test_corrections_come_first_newest_first() -> None:
    """Corrections stand before everything else, and goal and what must stay come along in every round."""
    wish = RefineWish(goal="make it night", keep="the dog", start="edit", preset="own")
    state = refinement(made(1, 80, 80, better="night"), wish=wish, corrections=("no moon", "more stars"))
    lines = next_prompt(state).splitlines()
    assert lines[0].startswith("Above all")
    assert lines[1:3] == ["- no moon", "- more stars"]
    assert lines[4:] == ["night", "make it night", "Keep exactly as it is: the dog"]


def test_softened_words_replace_the_refused_prompt() -> None:
    """Milder words are tried as they are."""
    assert next_prompt(refinement(softened="a friendly scene")) == "a friendly scene"


def test_drawing_starts_from_what_people_set_right() -> None:
    """What was added stands behind the reading and says that it counts; what replaces it stands alone."""
    added = corrected(READING, [Correction("it is blue", 5)])
    assert added.text.startswith("A red circle.")
    assert "it is blue" in first_prompt(added, RefineWish())
    replaced = corrected(READING, [Correction("lost", 5), Correction("A blue square.", 5, replaces=True)])
    prompt = first_prompt(replaced, RefineWish())
    assert "A blue square." in prompt
    assert not any(each in prompt for each in ("red circle", "TIDE", "lost"))
    assert corrected(READING, []) == READING
