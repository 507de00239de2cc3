"""Numbers in pictures survive what happens to pictures on their way to a model."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground.models import markers
from playground.models.markers import Mark
from tests.pictures import encoded, photo

NUMBERS = [0, 1, 1234, 2730, 4095]


def compressed(image: Image.Image, side: int) -> Image.Image:
    """Return a picture as a model gets it: scaled down and compressed."""
    image.thumbnail((side, side))
    return Image.open(io.BytesIO(encoded(image, quality=80)))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("size", [(512, 512), (2000, 1500), (1500, 2000), (1600, 400)])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_number_survives_scaling_and_compression(number: int, size: tuple[int, int], turned: int) -> None:
    """JPEG at quality 80 and scaling to 700 pixels leave the number, and which way up the picture is."""
    marked = markers.stamp(photo().resize(size), number)
    seen = compressed(marked.rotate(-turned, expand=True), 700)
    assert markers.find(seen) == Mark(number, turned)
    assert markers.read(seen) == (number if turned == 0 else None)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_photo_without_a_number_has_none(name: str) -> None:
    """No photograph is taken for a marked one."""
    assert markers.find(photo(name)) is None


@pytest.mark.parametrize("colour", ["black", "white", "red", "grey"])
def test_plain_picture_has_no_number(colour: str) -> None:
    """Neither is a plain surface, nor a picture too small to hold a number."""
    assert markers.find(Image.new("RGB", (300, 200), colour)) is None
    assert markers.find(Image.new("RGB", (1, 1), colour)) is None


@given(st.integers(0, 4095), st.integers(0, 19))
def test_damaged_number_is_none(number: int, cell: int) -> None:
    """With any one cell turned over, nothing is read: never another number."""
    marked = markers.stamp(Image.new("RGB", (400, 120), "grey"), number)
    x = cell * 20
    level = marked.getpixel((x + 10, 5))
    marked.paste("white" if level == (0, 0, 0) else "black", (x, 0, x + 20, 10))
    assert markers.read(marked) is None


@pytest.mark.parametrize("number", [-1, 4096])
def test_number_out_of_range_is_refused(number: int) -> None:
    """A marker holds 12 bits."""
    with pytest.raises(ValueError, match="12 bits"):
        markers.stamp(photo(), number)
