"""A scene survives the way through words and through pixels."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from playground.models import drawing, scenes
from playground.models.scenes import Scene, Thing
from tests.pictures import encoded, photo

RED = Thing("circle", "red", "large", 0.2, 0.16)
BLUE = Thing("square", "blue", "small", 0.8, 0.72)
SCENE = Scene("yellow", (RED, BLUE), "day", "EXIT 7")


def seen(image: Image.Image, kind: str = "PNG") -> Scene | None:
    with Image.open(io.BytesIO(encoded(image, kind))) as picture:
        return scenes.recognise(picture)


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_full_description_is_parsed_to_the_same_scene(seed: int) -> None:
    """Nothing is lost in words."""
    scene = scenes.random_scene(seed)
    assert scenes.parse(scenes.describe(scene)) == scene


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from([(1024, 1024), (1536, 1024)]))
def test_picture_is_recognised_as_the_same_scene(seed: int, size: tuple[int, int]) -> None:
    """Nothing is lost in pixels, not even in a JPEG's."""
    scene = scenes.random_scene(seed)
    recognised = seen(scenes.render(scene, size), "JPEG")
    assert recognised is not None
    assert scenes.differences(scene, recognised) == []
    assert min(scenes.scores(scene, recognised).values()) > 95


def test_photographs_and_blanks_are_no_scenes() -> None:
    """What is not drawn is not taken for drawn."""
    assert seen(photo("astronaut")) is None
    assert seen(photo("chelsea", marker=7)) is None
    assert seen(Image.new("RGB", (300, 200), "white")) is None


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        (
            'A large red circle top-left; a small blue square bottom right, on yellow. A sign: "EXIT 7"',
            SCENE,
        ),
        (
            "By night: a big sun at 30%, 60% and a tiny green tree in the middle",
            Scene(
                "white",
                (Thing("circle", "black", "large", 0.3, 0.6), Thing("triangle", "green", "small", 0.5, 0.44)),
                "night",
            ),
        ),
        (
            "two orange stars",
            Scene(
                things=(
                    Thing("star", "orange", "medium", 0.25, 0.44),
                    Thing("star", "orange", "medium", 0.75, 0.44),
                )
            ),
        ),
        ("nothing that it knows", Scene()),
    ],
)
def test_plain_english_is_understood(prompt: str, scene: Scene) -> None:
    """Order, synonyms, percentages and numbers."""
    assert scenes.parse(prompt) == scene


def test_less_detail_says_less() -> None:
    """A poor description loses sizes first, then places and colours, at last things."""
    told = [scenes.describe(SCENE, detail=detail) for detail in (1, 0.8, 0.6, 0.3, 0)]
    assert "EXIT 7" in told[1]
    assert "large" not in told[1]
    assert "at the top left" in told[2]
    assert "EXIT 7" not in told[2]
    assert "at the top left" not in told[3]
    assert "red" in told[3]
    assert "square" not in told[3]
    assert told[4] == "A circle."


def test_drawers_differ() -> None:
    """A faithful one draws the prompt; one ignores places; one errs in a thing, by the seed."""
    prompt = scenes.describe(SCENE)
    size = (512, 512)
    assert drawing.draw(prompt, size) == scenes.render(SCENE, size)
    placeless = seen(drawing.draw(prompt, size, "ignores_places"))
    assert placeless is not None
    assert {each.y for each in placeless.things} == {0.44}
    erring = [seen(drawing.draw(prompt, size, "one_wrong", seed)) for seed in range(12)]
    wrong = [each for each in erring if each is not None and scenes.differences(SCENE, each)]
    assert 0 < len(wrong) < 12
    assert drawing.draw(prompt, size, "one_wrong", 3) == drawing.draw(prompt, size, "one_wrong", 3)


def test_each_kind_of_difference_costs_its_aspect() -> None:
    """A change is named once, in the right place, lowers its score, and can be repaired."""
    moved = replace(RED, x=0.8)
    for aspect, candidate in {
        "subject": replace(SCENE, things=(RED, replace(BLUE, shape="star"))),
        "layout": replace(SCENE, things=(moved, BLUE)),
        "colour": replace(SCENE, background="grey"),
        "light": replace(SCENE, light="night"),
        "text": replace(SCENE, words="STOP"),
        "style": replace(SCENE, things=(replace(RED, size="small"), BLUE)),
    }.items():
        [difference] = scenes.differences(SCENE, candidate)
        assert difference.aspect == aspect
        assert difference.repaired == SCENE
        assert scenes.scores(SCENE, candidate)[aspect] < 90
    [missing] = scenes.differences(SCENE, replace(SCENE, things=(RED,)))
    assert missing.what == "The blue square at the bottom right is missing."
    assert missing.box[0] < 0.8 < missing.box[2]
