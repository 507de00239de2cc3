"""The measure falls as pictures grow apart, and its parts are those of the reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import skimage.color
import skimage.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

import services.media.similarity as measured
from services.media.similarity import similarity
from tests.pictures import photo

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket")
names = st.sampled_from(PHOTOS)
SLACK = 0.6
"""Points that a rounding of pixels may turn."""


@cache
def small(name: str) -> Image.Image:
    return photo(name).resize((300, 240), Image.Resampling.BOX)


def overall(original: Image.Image, candidate: Image.Image) -> float:
    return similarity(original, candidate)["overall"]


def noisy(image: Image.Image, strength: float) -> Image.Image:
    noise = np.random.default_rng(7).normal(0, 1, (image.height, image.width, 3)) * strength
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def shifted(image: Image.Image, part: float) -> Image.Image:
    """Move a picture to the right; what is left goes on as its edge."""
    by = round(image.width * part)
    return Image.fromarray(np.pad(np.asarray(image), ((0, 0), (by, 0), (0, 0)), mode="edge")[:, : image.width])


def recoloured(image: Image.Image, amount: float) -> Image.Image:
    """Mix with the picture whose red and blue are exchanged."""
    return Image.blend(image, Image.merge("RGB", image.split()[::-1]), amount)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


@pytest.mark.parametrize("name", PHOTOS)
def test_order_of_differences(name: str) -> None:
    """Identical, slightly moved or blurred, recoloured, another picture: in this order."""
    original = small(name)
    other = small(PHOTOS[PHOTOS.index(name) - 1])
    slight = [overall(original, shifted(original, 0.01)), overall(original, blurred(original, 2))]
    turned = overall(original, recoloured(original, 1.0))
    assert overall(original, original) == 100
    assert 100 > min(slight) > turned + 3 > turned > overall(original, other) + 20
    assert overall(original, other) < 30


@settings(max_examples=12, deadline=None)
@given(name=names, few=st.floats(0, 60), more=st.floats(10, 60))
@example(name="coffee", few=0, more=10)
def test_more_noise_is_less_alike(name: str, few: float, more: float) -> None:
    original = small(name)
    less, worse = overall(original, noisy(original, few)), overall(original, noisy(original, few + more))
    assert worse < less


@settings(max_examples=12, deadline=None)
@given(name=names, little=st.floats(0, 0.05), more=st.floats(0.01, 0.05))
def test_moved_farther_is_less_alike(name: str, little: float, more: float) -> None:
    original = small(name)
    near, far = (
        overall(original, shifted(original, little)),
        overall(original, shifted(original, little + more)),
    )
    assert far < near + SLACK


@settings(max_examples=12, deadline=None)
@given(name=names, little=st.floats(0, 0.7), more=st.floats(0.1, 0.3))
def test_recoloured_further_is_less_alike(name: str, little: float, more: float) -> None:
    original = small(name)
    first, second = recoloured(original, little), recoloured(original, little + more)
    assert similarity(original, second)["colour"] < similarity(original, first)["colour"]
    assert overall(original, second) < overall(original, first)


@settings(max_examples=12, deadline=None)
@given(name=names, little=st.floats(0, 8), more=st.floats(2, 8))
def test_blurred_further_is_less_alike(name: str, little: float, more: float) -> None:
    original = small(name)
    assert overall(original, blurred(original, little + more)) < overall(original, blurred(original, little))


def test_parts_tell_what_differs() -> None:
    """Without colour only the colour suffers; blurring costs edges more than colour."""
    original = small("coffee")
    grey = similarity(original, original.convert("L").convert("RGB"))
    assert grey["structure"] > 95
    assert grey["edges"] > 95
    assert grey["colour"] < 40
    soft = similarity(original, blurred(original, 6))
    assert soft["edges"] < soft["structure"]


@settings(max_examples=40, deadline=None)
@given(
    one=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    other=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    colours=st.tuples(*[st.integers(0, 255)] * 2),
)
@example(one=(1, 1), other=(1, 1), colours=(0, 0))
@example(one=(400, 1), other=(1, 400), colours=(0, 255))
def test_any_sizes_have_scores(one: tuple[int, int], other: tuple[int, int], colours: tuple[int, int]) -> None:
    """Down to a single pixel: from 0 to 100, and the same both ways."""
    first, second = (
        Image.new("RGB", size, (colour, 80, 80)) for size, colour in zip((one, other), colours, strict=True)
    )
    there, back = similarity(first, second), similarity(second, first)
    assert all(0 <= value <= 100 for value in there.values())
    assert there == pytest.approx(back, abs=0.05)
    assert similarity(first, first)["overall"] == 100


def test_size_makes_no_difference_and_shape_does() -> None:
    """The same picture at another size is alike; stretched into another shape it is not quite."""
    original = small("coffee")
    assert overall(original, original.resize((900, 720), Image.Resampling.LANCZOS)) > 97
    assert overall(original, original.resize((400, 200), Image.Resampling.LANCZOS)) < 80


def test_lab_is_the_reference() -> None:
    """Our conversion is that of scikit-image."""
    image = small("astronaut")
    lab = measured._lab(image)
    assert np.abs(lab - skimage.color.rgb2lab(np.asarray(image))).max() < 0.05


@pytest.mark.parametrize("change", [blurred, noisy])
def test_structural_similarity_is_the_reference(change: Callable[[Image.Image, float], Image.Image]) -> None:
    """Our SSIM is that of scikit-image, whose windows are the same."""
    original = small("astronaut")
    one, other = (
        np.asarray(each.convert("L"), dtype=np.float32) * (100 / 255)
        for each in (original, change(original, 5))
    )
    reference = skimage.metrics.structural_similarity(
        one, other, win_size=measured.WINDOW, data_range=100, use_sample_covariance=False
    )
    assert measured._structural_similarity(one, other) == pytest.approx(reference, abs=0.002)
