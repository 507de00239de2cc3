"""Masks without drawing: whatever somebody uploads or a model points at becomes one that image models take."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from services.errors import MediaError
from services.media.picture_studio import MASK_BYTES, PictureStudio
from services.media.sizes import CLASSIC_SIZES, FREE_SIZES, Size, fit
from services.media.studio_types import Mask, Shape
from tests.pictures import camera_file, encoded, photo
from tests.services.media.decoding import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
COFFEE = fit(Size(600, 400), CLASSIC_SIZES)
HALF = (0, 0, 0.5, 1)


def alpha(mask: Mask) -> np.ndarray:
    return np.asarray(opened(mask.picture).getchannel("A"))


def left_half(size: tuple[int, int], mode: str, inside: object, outside: object) -> Image.Image:
    image = Image.new(mode, size, outside)  # type: ignore[arg-type]
    image.paste(inside, (0, 0, size[0] // 2, size[1]))  # type: ignore[arg-type]
    return image


@pytest.mark.parametrize(
    ("image", "kind", "notes"),
    [
        (left_half((600, 400), "RGBA", (9, 9, 9, 0), (9, 9, 9, 255)), "PNG", ()),
        (left_half((600, 400), "RGBA", (9, 9, 9, 0), (9, 9, 9, 255)), "WEBP", ()),
        (left_half((300, 200), "LA", (9, 0), (9, 255)), "PNG", ("scaled",)),
        (left_half((300, 300), "RGBA", (9, 9, 9, 0), (9, 9, 9, 255)), "PNG", ("reshaped",)),
        (left_half((600, 400), "L", 255, 0), "PNG", ("no-alpha",)),
        (left_half((600, 400), "1", 1, 0), "PNG", ("no-alpha",)),
        (left_half((600, 400), "I;16", 65_535, 0), "PNG", ("no-alpha",)),
        (left_half((600, 400), "RGBA", (255, 255, 255, 255), (0, 0, 0, 255)), "PNG", ("no-alpha",)),
        (left_half((1200, 800), "RGB", "white", "black"), "JPEG", ("no-alpha", "scaled")),
        (
            left_half((600, 400), "RGB", (190, 190, 190), (60, 60, 60)),
            "PNG",
            ("no-alpha", "not-black-and-white"),
        ),
    ],
)
async def test_uploaded_mask_is_understood(
    studio: PictureStudio, image: Image.Image, kind: str, notes: tuple[str, ...]
) -> None:
    """Transparent or white says what changes, at any size; what had to be guessed is noted."""
    mask = await studio.read_mask(encoded(image, kind), width=600, height=400, fit=COFFEE)
    assert mask.notes == notes
    assert mask.share == pytest.approx(0.5, abs=0.01)
    values = alpha(mask)
    assert values.shape == (1024, 1536)
    assert values[:, :760].max() == 0
    assert values[:, 790:].min() == 255


async def test_mask_is_turned_upright(studio: PictureStudio) -> None:
    """A mask painted on a phone is turned like its picture."""
    upright = left_half((600, 400), "RGB", "white", "black")
    data = camera_file(upright, "JPEG", orientation=6)
    mask = await studio.read_mask(data, width=600, height=400, fit=COFFEE)
    assert alpha(mask)[:, :760].max() == 0
    assert b"Secret" not in mask.picture.data


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (Image.new("RGBA", (60, 40), (0, 0, 0, 0)), "media-mask-everything"),
        (Image.new("L", (60, 40), 255), "media-mask-everything"),
        (Image.new("L", (60, 40), 0), "media-mask-empty"),
        (Image.new("RGBA", (1, 1), (0, 0, 0, 255)), "media-mask-empty"),
        (Image.new("RGBA", (1, 1), (0, 0, 0, 0)), "media-mask-everything"),
    ],
)
async def test_mask_that_says_nothing_is_refused(studio: PictureStudio, image: Image.Image, code: str) -> None:
    with pytest.raises(MediaError) as caught:
        await studio.read_mask(encoded(image, "PNG"), width=600, height=400, fit=COFFEE)
    assert caught.value.code == code


async def test_shapes_lie_where_the_picture_lies(studio: PictureStudio) -> None:
    """Padding is never changed, shapes are counted from the picture's corner, and the border is soft."""
    plan = fit(Size(600, 200), CLASSIC_SIZES)
    mask = await studio.mask_from_shapes([Shape.box(*HALF)], plan)
    values = alpha(mask)
    assert plan.box.top > 200
    assert values[: plan.box.top].min() == 255
    assert values[plan.box.bottom :].min() == 255
    assert values[plan.box.top : plan.box.bottom, :760].max() == 0
    border = values[(plan.box.top + plan.box.bottom) // 2]
    assert ((border > 0) & (border < 255)).any()
    assert border[800:].min() == 255
    assert len(mask.picture.data) < MASK_BYTES


async def test_polygons_and_boxes_add_up(studio: PictureStudio) -> None:
    """Several shapes are one mask; nothing inside of a shape is left out."""
    triangle = Shape(((0.6, 0.1), (0.95, 0.1), (0.95, 0.9)))
    mask = await studio.mask_from_shapes([Shape.box(0.1, 0.2, 0.3, 0.6), triangle], COFFEE)
    drawn = 0.2 * 0.4 + 0.35 * 0.8 / 2
    assert drawn < mask.share < drawn + 0.05  # Shapes are enlarged a little.
    values = alpha(mask)
    assert values[int(0.4 * 1024), int(0.2 * 1536)] == 0
    assert values[int(0.3 * 1024), int(0.9 * 1536)] == 0
    assert values[int(0.8 * 1024), int(0.5 * 1536)] == 255


@pytest.mark.parametrize(
    ("shapes", "code"),
    [
        ([], "media-mask-empty"),
        ([Shape.box(0, 0, 1, 1)], "media-mask-everything"),
        ([Shape.box(-5, -5, 9, 9)], "media-mask-everything"),
    ],
)
async def test_shapes_that_say_nothing_are_refused(
    studio: PictureStudio, shapes: list[Shape], code: str
) -> None:
    with pytest.raises(MediaError) as caught:
        await studio.mask_from_shapes(shapes, COFFEE)
    assert caught.value.code == code


async def test_shape_of_no_width_still_marks_its_place(studio: PictureStudio) -> None:
    """A model that points at a line means what lies there."""
    mask = await studio.mask_from_shapes([Shape.box(0.5, 0.2, 0.5, 0.8)], COFFEE)
    assert 0.001 < mask.share < 0.05


async def test_largest_mask_is_small_enough(studio: PictureStudio) -> None:
    """Even a speckled mask of the largest size stays below what image models take."""
    plan = fit(Size(600, 400), FREE_SIZES)
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 2, (400, 600), np.uint8) * 255)
    mask = await studio.read_mask(encoded(noise, "PNG"), width=600, height=400, fit=plan)
    assert len(mask.picture.data) < MASK_BYTES


async def test_coordinates_are_numbers_inside_of_the_picture() -> None:
    assert Shape(((-1, 0.5), (2, 0.5), (0.5, 7))).points == ((0, 0.5), (1, 0.5), (0.5, 1))
    with pytest.raises(ValueError, match="number"):
        Shape.box(float("nan"), 0, 1, 1)
    with pytest.raises(ValueError, match="three points"):
        Shape(((0, 0), (1, 1)))


async def test_overlay_shows_what_changes(studio: PictureStudio) -> None:
    """Inside the picture is tinted, outside dimmed, and between runs a light line."""
    grey = Image.new("RGB", (900, 600), (120, 120, 120))
    plan = fit(Size(900, 600), CLASSIC_SIZES)
    mask = await studio.mask_from_shapes([Shape.box(0.25, 0.25, 0.75, 0.75)], plan)
    pixels = np.asarray(opened(await studio.overlay(encoded(grey, "PNG"), mask, plan))).astype(int)
    assert pixels.shape == (600, 900, 3)
    red, green, _ = pixels[300, 450]
    assert red > green + 40
    assert pixels[40, 40].max() < 90
    line = pixels[300, :450].min(axis=1)
    assert line.max() > 225
    assert line.min() < 30


async def test_overlay_fits_pictures_of_every_shape(studio: PictureStudio) -> None:
    """Small, tall and sideways pictures have overlays that lie on the right place."""
    tall = photo("astronaut").crop((0, 0, 100, 512))
    ImageDraw.Draw(tall).rectangle((0, 0, 100, 256), fill="white")
    plan = fit(Size(100, 512), CLASSIC_SIZES)
    mask = await studio.mask_from_shapes([Shape.box(0, 0.5, 1, 1)], plan)
    shown = opened(await studio.overlay(camera_file(tall, "JPEG", orientation=8), mask, plan))
    assert shown.width * 5 < shown.height * 1.01
    top = np.asarray(shown.crop((0, 0, shown.width, shown.height // 3))).astype(int)
    assert np.abs(top - round(255 * 0.55)).max() < 12
