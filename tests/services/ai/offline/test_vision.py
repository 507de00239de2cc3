"""Pictures are measured, read and counted; nothing else is said about them."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from services.ai.offline.model_children import ModelChildren
from services.ai.offline.vision import OfflineVision
from services.ai.protocols import Picture
from services.domain import Description
from services.errors import BotError, UserError
from tests.pictures import encoded, photo
from tests.services.ai.offline.errors_of import edits

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

SLIDE = (
    "Release checklist",
    "1. Freeze the code on Tuesday, 14:30",
    "2. Rotate the API token before noon",
    "3. Send the invoice: $1,249.50 + 19 %",
    "4. Ask maria@example.org for the keys",
    "Questions? Room B-217, extension 4086",
)


def slide(lines: tuple[str, ...] = SLIDE) -> Image.Image:
    """Return a rendered slide."""
    image = Image.new("RGB", (1280, 720), "#fdfdf5")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(44)
    for number, line in enumerate(lines):
        draw.text((90, 60 + 100 * number), line, font=font, fill="#1b2a49")
    return image


def drawing() -> Image.Image:
    image = Image.new("RGB", (800, 400), "#2050d0")
    ImageDraw.Draw(image).ellipse((250, 50, 550, 350), fill="#d02020")
    return image


def on_canvas(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", (1280, 720), "#101010")
    canvas.paste(image, (384, 104))
    return canvas


def picture(image: Image.Image, time: float | None = None) -> Picture:
    return Picture(encoded(image.convert("RGB"), quality=88), "image/jpeg", *image.size, time)


@pytest.fixture
def model(children: ModelChildren) -> OfflineVision:
    return OfflineVision(children, seconds=120)


async def describe(model: OfflineVision, *pictures: Picture, question: str = "") -> Description:
    reply = await model.describe(pictures, question=question, language="en", person="")
    assert reply.spend.usd == 0.0
    assert reply.spend.model.startswith("local/")
    return reply.value


async def test_slide_is_read_with_at_most_two_characters_wrong_in_a_hundred(model: OfflineVision) -> None:
    reading = await describe(model, picture(slide()))
    right = "\n".join(SLIDE)
    assert edits([*right], [*reading.visible_text]) / len(right) <= 0.02
    assert "page of text" in reading.title
    assert "6 lines of text" in reading.text


async def test_rows_are_read_from_left_to_right(model: OfflineVision) -> None:
    """A table, whose cells stand apart, keeps its order."""
    image = Image.new("RGB", (900, 320), "white")
    font = ImageFont.load_default(40)
    for row, cells in enumerate((("Ana", "north", "1482"), ("Boris", "south", "9637"))):
        for column, cell in enumerate(cells):
            ImageDraw.Draw(image).text((60 + 300 * column, 60 + 120 * row), cell, font=font, fill="black")
    reading = await describe(model, picture(image))
    assert reading.visible_text.split() == ["Ana", "north", "1482", "Boris", "south", "9637"]


async def test_face_is_counted_and_placed(model: OfflineVision) -> None:
    reading = await describe(model, picture(photo("astronaut")))
    assert "I found one face" in reading.text
    assert "one face" in reading.title
    assert "at the top" in reading.text


@pytest.mark.parametrize("name", ["coffee", "rocket", "chelsea", "hubble_deep_field", "coins"])
async def test_things_are_no_faces_and_no_text(model: OfflineVision, name: str) -> None:
    reading = await describe(model, picture(photo(name)))
    assert "no face" in reading.text
    assert reading.visible_text == ""
    assert "photo" in reading.title


async def test_colours_and_light_are_measured(model: OfflineVision) -> None:
    reading = await describe(model, picture(drawing()))
    assert "drawing" in reading.title
    assert "blue and red" in reading.title
    assert "wide" in reading.title
    night = await describe(model, picture(photo("chelsea").point(lambda value: value * 0.12)))
    assert "very dark" in night.text


async def test_blur_is_measured(model: OfflineVision) -> None:
    sharp = await describe(model, picture(photo("coffee")))
    blurred = await describe(model, picture(photo("coffee").filter(ImageFilter.GaussianBlur(5))))
    assert "It is sharp." in sharp.text
    assert "It is blurred" in blurred.text


async def test_every_reading_says_what_made_it(model: OfflineVision) -> None:
    reading = await describe(model, picture(drawing()))
    assert "small models" in reading.text
    assert "without a model server" in reading.text


async def test_question_is_looked_up_in_what_was_read(model: OfflineVision) -> None:
    reading = await describe(model, picture(slide()), question="Who is to be asked for the keys?")
    assert "> 4. Ask maria@example.org for the keys" in reading.answer
    reading = await describe(model, picture(drawing()), question="Which breed is the dog?")
    assert reading.answer.startswith("Nothing that I read")
    reading = await describe(model, picture(drawing()), question="my new boat!")
    assert reading.answer == ""


async def test_animation_tells_how_much_moves(model: OfflineVision) -> None:
    still = [picture(photo("coffee"), time) for time in (0.0, 1.0, 2.0)]
    assert "Nothing in it visibly moves." in (await describe(model, *still)).text
    cut = [picture(photo("coffee"), 0.0), picture(photo("coffee").point(lambda value: 255 - value), 1.0)]
    reading = await describe(model, *cut)
    assert "animation" in reading.title
    assert "2 moments" in reading.text
    assert "changes nearly completely" in reading.text


async def test_frames_of_a_video_are_told_one_by_one(model: OfflineVision) -> None:
    frames = [
        picture(slide(), 0.0),
        picture(slide(), 5.0),
        picture(on_canvas(photo("astronaut")), 10.0),
    ]
    reply = await model.describe_frames(frames, question="", earlier="", language="en", person="")
    first, second, third = reply.value
    assert [each.time for each in reply.value] == [0.0, 5.0, 10.0]
    assert SLIDE[0] in first.visible_text
    assert second.text == "Nearly as before."
    assert second.visible_text == first.visible_text
    assert "one face" in third.text
    assert third.visible_text == ""
    assert all(one.time < other.time for one, other in pairwise(reply.value))


@pytest.mark.parametrize("size", [(1, 1), (1, 1568), (1568, 1), (13, 11), (3, 3)])
async def test_tiny_and_thin_pictures_are_read(model: OfflineVision, size: tuple[int, int]) -> None:
    reading = await describe(model, picture(Image.new("RGB", size, "#d02020")))
    assert "red" in reading.title
    assert reading.visible_text == ""


async def test_largest_picture_fits_into_the_memory(model: OfflineVision) -> None:
    """As large as the bot makes one for a model, with more lines of text all over it than are read at once."""
    image = Image.new("RGB", (1568, 1568), "white")
    font = ImageFont.load_default(24)
    for number in range(16):
        line = f"{number}: the quick brown fox jumps over the lazy dog, and {number} more words of it"
        ImageDraw.Draw(image).text((20, 10 + 96 * number), line, font=font, fill="black")
    reading = await describe(model, Picture(encoded(image, "PNG"), "image/png", *image.size))
    assert len(reading.visible_text.splitlines()) >= 14
    assert len(reading.alt_text) <= 1000


def _bomb() -> Picture:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    return Picture(buffer.getvalue(), "image/png", 20_000, 20_000)


@pytest.mark.parametrize(
    "broken",
    [
        Picture(b"", "image/jpeg", 10, 10),
        Picture(b"\xff\xd8\xff" + bytes(100), "image/jpeg", 10, 10),
        Picture(picture(photo()).data[:5_000], "image/jpeg", 512, 512),
        Picture(picture(photo()).data, "image/png", 512, 512),
        Picture(picture(photo()).data, "image/jpeg", 511, 512),
        Picture(b"GIF89a" + bytes(50), "image/jpeg", 10, 10),
        _bomb(),
    ],
    ids=["empty", "garbage", "cut short", "wrong format", "wrong size", "gif", "bomb"],
)
async def test_broken_picture_is_a_sentence(model: OfflineVision, broken: Picture) -> None:
    with pytest.raises(UserError, match="offline-unreadable"):
        await describe(model, broken)


async def test_noise_harms_nothing(model: OfflineVision) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (700, 900, 3), dtype=np.uint8)
    try:
        reading = await describe(model, picture(Image.fromarray(noise)))
    except BotError:
        pytest.fail("noise is a picture like any other")
    assert reading.visible_text == ""
