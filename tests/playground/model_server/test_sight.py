"""The server sees what is in a picture, and refuses what the real API refuses."""

from __future__ import annotations

import pytest
from PIL import Image

from playground.models import markers
from playground.models.errors import ApiError
from playground.models.sight import look, look_at_url
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import data_url


def test_facts_of_a_picture() -> None:
    """Size, format, colours, number and metadata are what they are."""
    image = Image.new("RGB", (640, 480), "red")
    image.paste("blue", (0, 0, 640, 160))
    exif = Image.Exif()
    exif[0x010E] = "a remark"
    sight = look(encoded(image, quality=90, exif=exif), "low")
    assert (sight.width, sight.height, sight.format, sight.detail) == (640, 480, "JPEG", "low")
    assert sight.colours == ("red", "blue")
    assert sight.metadata == ("exif",)
    assert sight.marker is None
    assert str(sight) == "640x480 JPEG, mostly red and blue, with metadata (exif)"


def test_clean_picture_has_no_metadata() -> None:
    """A picture that was stripped says so."""
    assert not look(encoded(photo(), quality=90)).has_metadata
    assert not look(encoded(photo(), "PNG")).has_metadata


def test_turned_picture_does_not_pass_for_an_upright_one() -> None:
    """Its number is known, but it is not its marker, nor in its words."""
    sight = look(encoded(markers.stamp(photo(), 99).rotate(-90, expand=True), "PNG"))
    assert sight.mark == markers.Mark(99, 90)
    assert sight.marker is None
    assert "99" not in str(sight)
    assert "turned by 90 degrees" in str(sight)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://cdn.example.com/a.png", "invalid_image_url"),
        ("data:text/plain;base64,aGk=", "invalid_image_url"),
        ("data:image/png;base64,???", "invalid_base64"),
        (None, "invalid_type"),
        (data_url(b"no picture"), "image_parse_error"),
        (data_url(encoded(photo())[:3000]), "image_parse_error"),
        (data_url(encoded(photo(), "BMP"), "bmp"), "invalid_image_format"),
    ],
    ids=["link", "text", "base64", "none", "garbage", "cut", "format"],
)
def test_what_the_api_does_not_read_is_refused(url: str | None, code: str) -> None:
    """Every unreadable picture gets a 400 with the reason."""
    with pytest.raises(ApiError) as error:
        look_at_url(url)
    assert (error.value.status, error.value.code) == (400, code)
